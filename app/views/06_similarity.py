"""Lesson 06: two representations, one number between them, and what that number does not say."""

from app import shelf
from app.frame import laboratory, opening
from app.likeness import compare, own
from app.trapped import noticing, traps

LABS = {
    "Heat maps": compare,
    "Two traps": traps,
    "Who notices?": noticing,
    "Your own": own,
}
NULLS = (
    "Every cell has its own null, the same pair with its plants shuffled; noise without any "
    "relation stands beside biased CKA; an encoder before its training and the bare pixels stand "
    "beside trained ones; two seeds told the same stand beside every planted difference."
)

lesson = shelf.lesson("06_similarity")
shelf.ensure_worker("analysis")  # warms up while the learner reads
opening(lesson)

laboratory(lesson, LABS, NULLS)
