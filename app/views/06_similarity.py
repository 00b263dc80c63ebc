"""Lesson 06: two representations, one number between them, and what that number does not say."""

import streamlit as st

from app import shelf
from app.frame import closing, opening, section
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

with section(lesson, "Run"):
    tabs = st.tabs(list(LABS), on_change="rerun", key="lab")
    for tab, lab in zip(tabs, LABS.values(), strict=True):
        if tab.open:
            with tab:
                lab()

with section(lesson, "Look at the null first"):
    st.caption(NULLS)

closing(lesson)
