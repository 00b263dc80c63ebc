"""Lesson 05: what a representation keeps and what it lets go, drawn, counted and graded."""

from app import session
from app.labs.generation.invariances import encoders, faithful, kept, matching, side_by_side
from app.labs.generation.sampling import paint
from app.page import laboratory, opening

LABS = {
    "Draw": paint,
    "Kept and let go": kept,
    "Backbone and projector": side_by_side,
    "Matching or not": matching,
    "Other encoders": encoders,
    "Faithful": faithful,
}
NULLS = (
    "Beside every number: the same noise without a condition, the factor set to one value, "
    "an encoder with random weights, chance, the nearest training plant, and one seed against "
    "another."
)

lesson = session.lesson("05_generation")
session.ensure_worker("analysis")  # warms up while the learner reads
opening(lesson)

laboratory(lesson, LABS, NULLS)
