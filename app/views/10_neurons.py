"""Lesson 10: what one neuron tells, whether it is used, and whether a dictionary says it better."""

from app import session
from app.labs.neurons.dictionary import dictionaries, steering
from app.labs.neurons.interchange import exchange
from app.labs.neurons.units import four_kinds, one_unit, used
from app.page import laboratory, opening

LABS = {
    "One unit": one_unit,
    "Selective, used?": used,
    "Four encoders": four_kinds,
    "Dictionaries": dictionaries,
    "Exchange": exchange,
    "Push a feature": steering,
}
NULLS = (
    "Plants in another order stand beside every number of a unit; h turned at random beside every "
    "number about axes; a factor that cannot show counts false alarms; an encoder that was never "
    "trained, principal components, a random dictionary and neurons stand beside the dictionary; "
    "pushes elsewhere of equal length beside the push; twins of equal mean beside the tops; "
    "donors of the same level, other donors and random subspaces beside an exchange."
)

lesson = session.lesson("10_neurons")
session.ensure_worker("analysis")  # warms up while the learner reads
opening(lesson)

laboratory(lesson, LABS, NULLS)
