"""Map a pair: choose network, score, method and reference picture; see maps beside random ones."""

from typing import Any

import streamlit as st

from app import session
from app.captions import caption
from app.experiment import ask, drawn, experiment_of, recorded, refused
from app.put_back import Controls
from plantedu.topics.attribution.results.attribute import AttributeResult, MappedPlant, Settings
from plantedu.topics.attribution.results.names import (
    CUES,
    ENCODERS,
    LAYERS,
    METHODS,
    NETWORKS,
    REFERENCES,
    TARGETS,
)

CAPTIONS = {
    "rgb": "RGB",
    "rgb map": "map",
    "rgb random": "random weights",
    "rgn": "RGN",
    "rgn map": "map",
    "rgn random": "random weights",
}
KIND = {
    "lesions": "labels follow the lesions",
    "mark": "labels follow the mark",
    "supervised_both": "three diseases",
    "random": "never trained",
}

CONTROLS: Controls = {
    f"map {name}": name
    for name in ("network", "target", "method", "reference", "steps", "window", "layer", "plants")
}


def explain_pairs() -> None:
    """What is recorded, and maps of one's own."""
    recorded("09_attribute", AttributeResult.from_json, show)
    st.subheader("Map a pair yourself", anchor=False)
    request = _request()
    if not refused(Settings, request):
        takes = "A few seconds on two cores; occlusion longer."
        one = experiment_of("attribute", "Map", takes, AttributeResult.from_json, show, pins=True)
        name = f"{request['method']} on {request['network']}, {request['target']}"
        ask(one, request, name=name, controls=CONTROLS)


def _request() -> dict[str, Any]:
    """What the controls say."""
    with st.grid(3, min_column_width=210):
        network = st.selectbox("Network", NETWORKS, format_func=_network, key="map network")
        targets = TARGETS if network in ENCODERS else TARGETS[:1]
        target = st.selectbox("Score", targets, key="map target")
        method = st.selectbox(
            "Method", list(METHODS), 1, format_func=METHODS.__getitem__, key="map method"
        )
        request: dict[str, Any] = {"network": network, "target": target, "method": method}
        if method in ("ig", "occlusion"):
            request["reference"] = st.selectbox("Compare with", REFERENCES, 1, key="map reference")
        if method == "ig":
            request["steps"] = st.slider("Steps of the path", 4, 128, 32, 4, key="map steps")
        if method == "occlusion":
            window = st.slider("Window, pixels", 4, 24, 8, 4, key="map window")
            request |= {"window": window, "stride": window}
        if method == "gradcam":
            request["layer"] = st.selectbox("Layer", LAYERS, 1, key="map layer")
        request["plants"] = st.slider("Plants", 4, 32, 16, 4, key="map plants")
    return request


def _network(name: str) -> str:
    kind = KIND.get(name.rpartition("-")[0], "SwAV encoder")
    return f"{name} ({kind})"


def show(found: AttributeResult, key: str) -> None:
    """The maps, and what speaks for or against them."""
    s = found.settings
    st.markdown(
        f"**{s.label}**, on **{s.network}**, {found.output}. {s.plants} plants, "
        f"{found.seconds:z.1f} s. Outlined: lesions and mark."
    )
    for one in found.shown:
        _plant(one)
    for cue in CUES:
        e = found.effect[cue]
        st.markdown(
            f"Taking the {cue} away by do() moves the score by **{e.value:z.2f}**; changing the "
            f"soil, by {e.null:z.2f}."
        )
    truth = found.rgb.truth if found.rgb.truth is not None else 0.5
    st.markdown(
        f"RGB has **{found.rgb.value:z.2f}** of the map (random weights {found.rgb.null:z.2f}); of "
        f"the effect of do() on the {found.strongest} it has {truth:z.2f}."
    )
    if found.delta is not None and found.span is not None:
        caption(
            f"Completeness: the map's sum misses s(x) - s(reference) by {found.delta:.2g} at most; "
            f"that difference is {found.span:.2g} on average."
        )
    drawn(found.chart(dark=session.dark()), f"{key} attribute", s.command, name="attribute")


def _plant(one: MappedPlant) -> None:
    scores = ", ".join(f"{value:z.2f} without the {cue}" for cue, value in one.without.items())
    st.markdown(f"Plant {one.plant}: score {one.score:z.2f}; {scores}.")
    with st.grid(6, min_column_width=96, gap="xsmall"):
        for name in CAPTIONS:
            with st.container():
                words = CAPTIONS[name]
                st.image(one.pictures[name], width="stretch", alt=f"{words}, plant {one.plant}")
                caption(words)
