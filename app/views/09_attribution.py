"""Lesson 09: does the map point at what the model uses?"""

import streamlit as st

from app import session
from app.labs.attribution.attribute import explain_pairs
from app.labs.attribution.evaluation import cascades, graded, sensors
from app.labs.attribution.guess import guess, remind
from app.page import closing, opening, section

LABS = {
    "Guess first": guess,
    "Map a pair": explain_pairs,
    "Report": graded,
    "Sensors and factors": sensors,
    "Randomise the weights": cascades,
}
NULLS = (
    "Drawn beside each result: the same method on random weights, an edge map and a uniform map "
    "(and a centre Gaussian, inverse luminance and the leaf mask), the difference from the "
    "reference picture, plain and squared, networks without the cue, do(soil), and a random order "
    "of the pixels."
)

lesson = session.lesson("09_attribution")
session.ensure_worker("analysis")  # warms up while the learner reads
opening(lesson)

with section(lesson, "Run"):
    tabs = st.tabs(list(LABS), on_change="rerun", key="lab")
    for tab, lab in zip(tabs, LABS.values(), strict=True):
        if tab.open:
            with tab:
                if lab is not guess:
                    remind()
                lab()

with section(lesson, "Look at the null first"):
    st.caption(NULLS)

closing(lesson)
