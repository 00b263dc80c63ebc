"""Lesson 07: eigenvalues between two cameras, what they can show, and what only looks like it."""

from app import session
from app.labs.spectrum.eigenvalues import mapping
from app.labs.spectrum.operators import codes, head
from app.labs.spectrum.planted_heads import planted_heads
from app.labs.spectrum.ranks import ranks
from app.page import laboratory, opening

LABS = {
    "From sensor to sensor": mapping,
    "Planted heads": planted_heads,
    "Prototypes": codes,
    "The head": head,
    "Ranks along a run": ranks,
}
NULLS = (
    "Drawn beside each result: shuffled pairs, a random rotation of the target, the random-init "
    "encoder, pixel means, the circular law, Marchenko-Pastur edges, another plant's partner, and "
    "shuffled columns."
)

lesson = session.lesson("07_spectrum")
session.ensure_worker("analysis")  # warms up while the learner reads
opening(lesson)

laboratory(lesson, LABS, NULLS)
