"""Lesson 08: which sensor can be fooled, and does the other notice?"""

from app import session
from app.labs.attacks.attack import attack_pairs
from app.labs.attacks.recorded import ACTIVE, NOTICE, REPORT, SHORTCUT, TRANSFER, shown
from app.page import laboratory, opening

LABS = {
    "Attack a pair": attack_pairs,
    "Report": lambda: shown(REPORT),
    "Transfer": lambda: shown(TRANSFER),
    "Does the other notice?": lambda: shown(NOTICE),
    "Shortcut": lambda: shown(SHORTCUT),
    "Is the attack any good?": lambda: shown(ACTIVE),
}
NULLS = (
    "Drawn beside each result: random noise of the same size, clean pictures and chance, the "
    "random-init encoder, the blind attack beside the adaptive one, the twin without a shortcut, "
    "and random pictures on the border of the ball."
)

lesson = session.lesson("08_attacks")
session.ensure_worker("analysis")  # warms up while the learner reads
opening(lesson)

laboratory(lesson, LABS, NULLS)
