"""Lesson 11: how good are our instruments, and how good are we?"""

from app import session
from app.labs.report_card.calibration import claims, predictions
from app.labs.report_card.card import card
from app.labs.report_card.export import export
from app.page import laboratory, opening

LABS = {
    "Report card": card,
    "My predictions": predictions,
    "My claims": claims,
    "Export": export,
}
NULLS = (
    "Drawn beside each result: a coin and a method that always says yes, the coverage that an "
    "interval states, a coin-flip forecaster, your own base rate, and a calibrated forecaster "
    "with as few answers as you."
)

lesson = session.lesson("11_report")
session.ensure_worker("analysis")  # warms up while the learner reads
opening(lesson)

laboratory(lesson, LABS, NULLS)
