"""Heads whose algorithm is planted: is it read off? And the loop that reads 1 off anything."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from app import session
from app.captions import caption
from app.experiment import ask, experiment_of, folded_experiment, part, recorded
from app.numbers import whole_number
from app.page import downloads, draw
from app.put_back import Controls, Whence
from plantedu.serialization import command_line
from plantedu.topics.spectrum.results.planted_heads import HeadsResult

KINDS = {
    "copies": ("copy", 0.0),
    "halves": ("attenuate", 0.5),
    "turns by 30°": ("rotate", 30.0),
    "turns by 60°": ("rotate", 60.0),
    "turns by 90°": ("rotate", 90.0),
    "turns by 120°": ("rotate", 120.0),
    "inverts": ("invert", 0.0),
    "half and half": ("mixed", 0.0),
}
SIGNALS = {
    "easy: noise like the signal": ("", "own"),
    "as in z": ("z", "own"),
    "as in z, white noise": ("z", "white"),
    "as in h": ("h", "own"),
    "as in h, white noise": ("h", "white"),
    "as in pixel means": ("pixels", "own"),
    "as in pixel means, white noise": ("pixels", "white"),
}
SIZES = {"128 x 16": (128, 16), "512 x 32": (512, 32), "512 x 64": (512, 64)}


def _word_of(table: Mapping[str, tuple[Any, ...]], *settings: str) -> Whence:
    """Which word of a table stands for these settings of a result."""

    def word(asked: Mapping[str, Any]) -> str:
        wanted = tuple(asked[name] for name in settings)
        return next((one for one, held in table.items() if held == wanted), next(iter(table)))

    return settings, word


CONTROLS: Controls = {
    "head kind": _word_of(KINDS, "kind", "size"),
    "head covariances": _word_of(SIGNALS, "layer", "noise"),
    "head size": _word_of(SIZES, "plants", "dim"),
    "head signal": "reliability",
    "head seeds": "seeds",
}


def planted_heads() -> None:
    """Choose what a head does; what the instrument says of it."""
    st.markdown(
        "A projection head is built so that it does one thing. The instrument sees its inputs and "
        "outputs through noise, and nothing else. *Plants x width*, and the share of a look's "
        "variance that is signal, make it harder or easier. Under *Covariances* signal and noise "
        "are as in a layer of the shipped encoder: few directions carry the signal there."
    )
    with st.container(horizontal=True):
        kind = st.selectbox("The head", list(KINDS), index=3, key="head kind")
        where = st.selectbox("Covariances", list(SIGNALS), index=1, key="head covariances")
        layer, noise = SIGNALS[str(where)]
        size, sure = "512 x 32", 0.7
        if not layer:  # a layer has its own width, signal and noise
            size = st.selectbox("Plants x width", list(SIZES), index=2, key="head size")
            sure = st.select_slider("Signal", (0.5, 0.7, 0.9), value=0.7, key="head signal")
    name, amount = KINDS[str(kind)]
    plants, dim = SIZES[str(size)]
    place = f"{layer}, {noise}" if layer else f"{plants} x {dim}, {sure:g}"
    read = HeadsResult.from_json
    recorded("07_heads", part(f"{name} {amount:g}, {place}", read), _show)
    with folded_experiment("Build it again on this machine, with heads of your own", "heads"):
        seeds = whole_number("Heads", 2, 20, value=5, key="head seeds")
        request = {"kind": name, "size": amount, "layer": layer, "noise": noise}
        request |= {"plants": plants, "dim": dim}
        request |= {"reliability": float(sure), "seeds": seeds}
        takes = "A few seconds, once the worker is awake."
        one = experiment_of("heads", "Build and read", takes, read, _show)
        ask(
            one,
            request,
            name=f"planted head that {kind}",
            key="own heads",
            controls=CONTROLS,
        )


def _show(found: HeadsResult, key: str) -> None:
    drawing = found.chart(dark=session.dark())
    left, right = st.columns([11, 10], gap="medium")
    with left:
        draw(drawing, f"{key} heads")
    names = {"S": "score", "turn, degrees": "turn", "gain, corrected": "gain"}
    rows = []
    for words, name in names.items():
        one = getattr(found, name)
        rows.append(
            {
                "": words,
                "planted": f"{one.truth:z.2f}",
                "read": f"{one.value:z.2f}",
                "worst error": f"{found.worst[name]:z.3f}",
                "null": f"{one.null:z.2f}",
            }
        )
    with right:
        st.dataframe(pd.DataFrame(rows), hide_index=True, alt="What was planted and what was read")
        said = ", ".join(dict.fromkeys(found.verdicts))
        st.markdown(
            f"**It says: {said}** ({found.right:.0%} of {len(found.verdicts)} heads right)."
        )
        loops = "; ".join(f"{name} **S = {v:z.4f}**" for name, v in found.closed_loop.items())
        st.markdown(f"With a *fitted way back* (least squares from output to input): {loops}.")
        caption(f"{found.score.caption()}.")
    command = f"python -m plantedu spectrum planted-heads {command_line(found.settings)}"
    downloads(drawing, "planted-head", command, key)
