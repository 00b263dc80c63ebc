"""Lesson 11: how good are our instruments, and how good are we?"""

import streamlit as st

from app import shelf
from app.calibrating import claims, predictions
from app.card import card
from app.exporting import export
from app.frame import closing, opening, section

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

lesson = shelf.lesson("11_report")
shelf.ensure_worker("analysis")  # warms up while the learner reads
opening(lesson)

with section(lesson, "Run"):
    tabs = st.tabs(list(LABS), on_change="rerun", key="lab")
    for tab, lab in zip(tabs, LABS.values(), strict=True):
        if tab.open:
            with tab:
                lab()

with section(lesson, "Look at the null first"):
    st.caption(NULLS)

closing(lesson)
