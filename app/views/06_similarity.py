"""Lesson 06: two representations, one number between them, and what that number does not say."""

from app import session
from app.labs.similarity.compare import compare, own
from app.labs.similarity.failure_modes import failure_modes, noticing
from app.page import laboratory, opening

LABS = {
    "Heat maps": compare,
    "Two traps": failure_modes,
    "Who notices?": noticing,
    "Your own": own,
}
NULLS = (
    "Every cell has its own null, the same pair with its plants shuffled; noise without any "
    "relation stands beside biased CKA; an encoder before its training and the bare pixels stand "
    "beside trained ones; two seeds trained on the same stand beside every planted difference."
)

lesson = session.lesson("06_similarity")
session.ensure_worker("analysis")  # warms up while the learner reads
opening(lesson)

laboratory(lesson, LABS, NULLS)
