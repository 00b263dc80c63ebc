"""What a probe's settings do: readers, penalties, numbers of plants, each with its controls."""

import streamlit as st

from app import session
from app.captions import caption
from app.experiment import ask, experiment_of, folded_experiment, part, recorded
from app.page import downloads, draw
from plantedu.topics.probing.results.controls import ControlsResult, Settings
from plantedu.training.recipe import PROBE_FACTORS

ENCODERS = ("cross-0", "rgb_only-0", "shared_light-0", "collapse-0")
TAKES = "Some minutes on two cores: every reader is fitted with each of its controls."
PARTS = {"Reader": "chart", "Penalty": "path_chart", "Plants": "size_chart"}


def probe_settings() -> None:
    """A recorded result at once; others on demand."""
    recorded("02_probing", part("bloom", ControlsResult.from_json), show)
    with folded_experiment("Ask of another factor, layer or encoder", "probing"):
        _ask()


def show(found: ControlsResult, key: str) -> None:
    """One of three charts, and what it rests on."""
    part = st.segmented_control(
        "What changes", list(PARTS), default="Reader", required=True, key=f"{key} probing part"
    )
    drawing = getattr(found, PARTS[part])(dark=session.dark())
    draw(drawing, f"{key} probing {part}")
    asked = found.settings
    caption(
        f"{asked.factor} from {asked.layer} of {asked.view}, encoder {asked.encoder}. "
        f"{found.readers[0].evidence.caption()}. Grey tick: shuffled labels; red tick: control "
        "task, labels assigned at random and asked for in second pictures of the same plants; "
        "diamonds: random-init encoders. What can be read need not be used."
    )
    command = (
        f"python -m plantedu probing controls --encoder {asked.encoder} --factor {asked.factor}"
    )
    command += f" --view {asked.view} --layer {asked.layer}"
    downloads(drawing, "probing", command, f"{key} probing")


def _ask() -> None:
    with st.grid(4, min_column_width=150):
        encoder = st.selectbox("Encoder", ENCODERS, key="probing encoder")
        factor = st.selectbox("Factor", (*PROBE_FACTORS, "warmth"), index=5, key="probing factor")
        view = st.selectbox("Picture", ("rgb", "rgn", "both"), key="probing view")
        layer = st.selectbox("Layer", ("z", "h"), key="probing layer")
    wanted = Settings(encoder=encoder, factor=factor, view=view, layer=layer)
    one = experiment_of("probing", "Read it in every way", TAKES, ControlsResult.from_json, show)
    controls = {f"probing {name}": name for name in ("encoder", "factor", "view", "layer")}
    name = f"{factor} from {layer} of {encoder}"
    ask(one, vars(wanted), name=name, controls=controls)
