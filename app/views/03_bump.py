"""Lesson 03: a loss falls off a ledge. Read it, score it, fork it, and doubt the first story."""

from app import session
from app.labs.bump.clinic import clinic
from app.labs.bump.detector import curve
from app.labs.bump.event import around
from app.labs.bump.fork import fork, rulers
from app.labs.bump.switch import switch
from app.labs.bump.transition import escape, grokking
from app.page import laboratory, opening

LABS = {  # the core in the order of its story, then what goes deeper
    "The curve": curve,
    "Fork": fork,
    "Move the switch": switch,
    "Clinic": clinic,
    "Two rulers": rulers,
    "Before and after": around,
    "Escape": escape,
    "Grokking": grokking,
}
NULLS = (
    "Drawn beside each result: what curves without a step show, the arm that never switches, two "
    "controls with other batches, the twin that never switched, shuffled labels, shuffled "
    "answers, and what even shares would score."
)

lesson = session.lesson("03_bump")
session.ensure_worker("analysis")  # warms up while the learner reads
opening(lesson)

laboratory(lesson, LABS, NULLS)
