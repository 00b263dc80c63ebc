"""What fresh probes read from h and from z of an encoder, asked of the worker."""

import streamlit as st

from app import session
from app.captions import caption
from app.experiment import ask, command_of_shown, experiment_of
from app.page import downloads, draw
from app.put_back import Controls
from plantedu.topics.probing.results.readout import ReadoutResult, Settings
from plantedu.training.recipe import PROBE_FACTORS

ENCODERS = ("cross-0", "cross-1", "cross-2", "rgb_only-0", "shared_light-0", "collapse-0")

CONTROLS: Controls = {
    "readout encoder": (("checkpoints",), lambda asked: asked["checkpoints"][0]),
    "readout factors": "factors",
}


def readout() -> None:
    """Choose an encoder and factors; the learner's newest result stays."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        encoder = st.selectbox("Encoder", ENCODERS, key="readout encoder")
        factors = st.multiselect("Factors", PROBE_FACTORS, ["disease"], key="readout factors")
    if not factors:
        caption("Choose a factor to read.")
        return
    one = experiment_of(
        "readout", "Read h and z", "About half a minute.", ReadoutResult.from_json, show
    )
    request = {"checkpoints": [encoder], "factors": list(factors)}
    ask(one, request, name=f"{', '.join(factors)} from {encoder}", controls=CONTROLS)


def show(found: ReadoutResult, key: str) -> None:
    """A panel a factor, with both nulls."""
    drawing = found.chart(dark=session.dark())
    draw(drawing, f"{key} readout")
    caption(
        f"{found.readings[0].evidence.caption()}. Grey tick: shuffled labels; diamond: the same "
        "probe on random-init encoders, mean of five."
    )
    downloads(drawing, "readout", command_of_shown("readout", Settings), f"{key} readout")
