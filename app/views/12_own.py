"""Lesson 12: your own model, examined with the same rigour."""

from app import session
from app.labs.own.alarms import alarms
from app.labs.own.examine import examine
from app.labs.own.yours import yours
from app.page import laboratory, opening

LABS = {
    "Examine a stranger": examine,
    "Your own": yours,
    "Found and false alarms": alarms,
}
NULLS = (
    "Drawn beside each result: the same exchange within a class, an equal place inside the "
    "picture, noise of the same size, shuffled labels, the random-init twin, a cue planted at "
    "random, an edge map, and a clean twin of the network."
)

lesson = session.lesson("12_own")
session.ensure_worker("analysis")  # warms up while the learner reads
opening(lesson)

laboratory(lesson, LABS, NULLS)
