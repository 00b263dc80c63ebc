"""The map from one sensor to the other: its eigenvalues over a null's, for every checkpoint."""

from typing import Any

import pandas as pd
import streamlit as st

from app import session
from app.captions import caption
from app.experiment import Read, Result, Show, ask, experiment_of, folded_experiment, part, recorded
from app.page import downloads, draw
from app.put_back import Controls, Whence
from plantedu.serialization import command_line
from plantedu.store.lineage import checkpoints_of
from plantedu.topics.spectrum.results.eigenvalues import SpectrumResult

RUNS: dict[str, tuple[str, ...]] = {
    "Ends of runs": (
        *("cross-0", "cross-1", "cross-2", "rgb_only-0", "small-0", "shared_light-0"),
        "collapse-0",
    ),
    "Default run": tuple(
        f"stages/{step:04d}" for step in (0, 100, 150, 200, 250, 300, 350, 400, 500, 700, 900, 1200)
    ),
    "Bump run": ("bump/0350", "bump-0", "bump/0410", "bump/0430", "bump/0450", "bump/0800"),
    "Its twin": ("bump/0350", "bump-0", "bump/never-0450", "bump/never-0800"),
}
LAYERS = ("z", "h")
CLOUDS = ("random rotation", "shuffled pairs", "random-init encoder")
WORDS = {"bump-0": "step 400"}


def mapping() -> None:
    """Choose a checkpoint and a layer; the recorded map, and one's own."""
    st.markdown(
        "Each dot is an eigenvalue of the map $z_2 \\approx z_1 A$, fitted on 512 plants. On the "
        "real axis near 1: copied. Between 0 and 1: attenuated. Off the axis: turned. Left of 0: "
        "inverted. Grey rings: a null. **Read S only together with R²**, and both beside the nulls."
    )
    name, layer = checkpoint("map"), _layer("map layer")
    cloud = st.segmented_control(
        "Grey rings: eigenvalues of", CLOUDS, default=CLOUDS[0], required=True, key="map cloud"
    )

    def shown(found: SpectrumResult, key: str) -> None:
        chosen = found.checkpoint if key == "recorded" else str(st.session_state["map source"])
        words = f"python -m plantedu spectrum eigenvalues {chosen} {command_line(found.settings)}"
        show(found, cloud or CLOUDS[0], key, words)

    read = SpectrumResult.from_json
    recorded("07_maps", part(f"{name} {layer}", read), shown)
    measured_here("spectrum", "map", read, shown, layer=layer)


def checkpoint(key: str) -> str:
    """A run, and a place on its slider; the name of the checkpoint."""
    run = st.segmented_control(
        "Run", list(RUNS), default="Ends of runs", required=True, key=f"{key} run"
    )
    names = RUNS[run or "Ends of runs"]
    last = names[0] if run == "Ends of runs" else names[-1]
    return st.select_slider(
        "Checkpoint", names, value=last, key=f"{key} checkpoint {run}", format_func=called
    )


def called(name: str) -> str:
    """A checkpoint in a few words."""
    stem = name.rpartition("/")[2]
    if name in WORDS:
        return WORDS[name]
    if "never" in stem:
        return f"step {int(stem.removeprefix('never-'))}, never switched"
    return f"step {int(stem)}" if stem.isdecimal() else name


def measured_here(
    kind: str, key: str, read: Read[Result], show: Show[Result], **request: Any
) -> None:
    """One's own of a checkpoint, folded below the recorded one.

    Args:
        kind: What the worker calls it.
        key: Of the controls.
        read: A result from plain values.
        show: Draws it; the word "own" makes the keys of its parts.
        request: What is asked for besides the checkpoint, each by a control of that name.
    """
    with folded_experiment("Measure it on this machine, on a run of yours", kind):
        if chosen := source(key):
            takes = "A few seconds, once the worker is awake."
            one = experiment_of(kind, "Measure", takes, read, show)
            many = kind == "collapse"
            asked = {"checkpoints": [chosen]} if many else {"checkpoint": chosen}
            name = " ".join([kind, "of", chosen, *map(str, request.values())])
            first: Whence = (("checkpoints",), lambda asked: asked["checkpoints"][0])
            controls: Controls = {f"{key} source": first if many else "checkpoint"}
            controls |= {f"{key} {setting}": setting for setting in request}
            ask(one, asked | request, name=name, key=f"own {key}", controls=controls)


def source(key: str) -> str:
    """What to measure: a shipped checkpoint, or a step of one of the learner's runs."""
    store = session.store()
    runs = store.runs(kind="train", learner=session.learner(), limit=20)
    mine = {
        f"run:{run.id}@{step}": f"{run.name or run.id}, step {step}"
        for run in runs
        for step in checkpoints_of(store, run.id)
    }
    if not mine:
        caption(
            "None of your runs has a checkpoint yet: train one in lesson 02. Until then, a shipped "
            "one is measured anew."
        )
    names = dict.fromkeys(name for group in RUNS.values() for name in group)
    options = [*mine, *names]
    return str(
        st.selectbox(
            "Checkpoint to measure",
            options,
            key=f"{key} source",
            format_func=lambda name: str(mine.get(name, name)),
        )
    )


def show(found: SpectrumResult, cloud: str, key: str, command: str) -> None:
    """The plane, what is read, the nulls, and the sizes."""
    s, r2, r = found.score, found.r2, found.reading
    low, high = s.interval or (s.value, s.value)
    with st.container(horizontal=True):
        st.metric("S", f"{s.value:z.2f}", f"random init {s.null:z.2f}", "off", delta_arrow="off")
        st.metric("R²", f"{r2.value:z.2f}", f"random init {r2.null:z.2f}", "off", delta_arrow="off")
        gain = f"{found.dilution.gain:z.2f}" if found.dilution else "–"
        st.metric("Gain, corrected", gain, "two crops: 1", "off", delta_arrow="off")
        st.metric("Reading", found.verdict, f"turn {r.turn:z.0f}°", "off", delta_arrow="off")
    drawing = found.chart(cloud, dark=session.dark())
    left, right = st.columns([11, 10], gap="medium")
    with left:
        draw(drawing, f"{key} plane")
    with right:
        st.dataframe(_nulls(found), hide_index=True, alt="S and R2 of the map and of every null")
        for line in found.says:
            caption(f":material/info: {line}")
    caption(
        f"S from {low:z.2f} to {high:z.2f} (pairs resampled), beyond random init "
        f"{found.excess.value:+z.2f}. Dashed: the unit circle. {s.caption()}."
    )
    with st.expander("How far from normal: |eigenvalue| beside singular values"):
        draw(found.size_chart(dark=session.dark()), f"{key} sizes")
    downloads(drawing, "spectrum", command, f"{key} plane")


def _nulls(found: SpectrumResult) -> pd.DataFrame:
    """The map and its controls, a row each."""
    own = {"map": "this checkpoint", "S": f"{found.score.value:z.3f}"}
    low, high = found.score.interval or (found.score.value, found.score.value)
    rows = [own | {"S from": f"{low:z.3f}", "to": f"{high:z.3f}", "R2": f"{found.r2.value:z.3f}"}]
    for one in found.nulls:
        rows.append(
            {
                "map": one.name,
                "S": f"{one.score:z.3f}",
                "S from": f"{one.low:z.3f}",
                "to": f"{one.high:z.3f}",
                "R2": "–" if one.r2 is None else f"{one.r2:z.3f}",
            }
        )
    return pd.DataFrame(rows)


def _layer(key: str) -> str:
    layer = st.segmented_control("Layer", LAYERS, default="z", required=True, key=key)
    return layer or "z"
