"""Lesson 02: train an encoder without labels, and watch what it comes to know."""

import streamlit as st

from app import session
from app.bets import ask_bets, outcomes
from app.labs.probing.readout import readout
from app.labs.probing.settings import probe_settings
from app.live_run import nulls, watch
from app.page import closing, opening, section
from app.recipe_form import knobs, presets
from app.run_picker import choose_run, replay, start

lesson = session.lesson("02_training")
session.ensure_worker("training")  # warms up while the learner reads
opening(lesson)


def next_seed() -> None:
    """Move the seed on before the run starts."""
    st.session_state["seed"] = st.session_state.get("seed", 0) + 1


with section(lesson, "Run"):
    above = st.container()
    with st.container(border=True, key="knobs"):
        presets()
        recipe = knobs()
        with st.container(horizontal=True):
            off = recipe is None
            train = st.button("Train", type="primary", disabled=off, key="train")
            same = st.button("Same seed again", disabled=off, key="same seed")
            new = st.button("New seed", disabled=off, key="new seed", on_click=next_seed)
    place = "Shared light" if recipe is not None and recipe.data == "shared_light" else "Default"
    with above:
        ask_bets(lesson, place, recorded=False)
    if recipe is not None and (train or same or new):
        start(recipe, fresh=same)
    replay()
    run_id = choose_run()
    if run_id:
        watch(run_id)
    outcomes(lesson, place)

with section(lesson, "Look at the null first"):
    if run_id:
        nulls(run_id)
    with st.expander("What a probe's own settings do", on_change="rerun", key="probing") as part:
        if part.open:
            probe_settings()
    with st.expander("What probes read from h and z", on_change="rerun", key="readout") as part:
        if part.open:
            readout()

closing(lesson)
