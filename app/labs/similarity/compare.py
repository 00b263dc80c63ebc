"""How alike: heat maps with their null, one cell's evidence, and comparisons of one's own."""

from typing import Any

import streamlit as st

from app import session, shipped
from app.captions import caption
from app.experiment import ask, experiment_of, folded_experiment, recorded
from app.page import downloads, draw
from app.put_back import Controls
from plantedu.errors import require
from plantedu.serialization import command_line
from plantedu.topics.similarity.results.compare import CompareResult
from plantedu.topics.similarity.results.comparisons import COMPARISONS, CONTROLS, LAYERS, comparison
from plantedu.topics.similarity.results.measure_names import LABELS

READING = (
    "Large number: the measure. Small number: what one shuffle of the plants in twenty passes. "
    "Crossed out: no further than shuffled plants get."
)
SENSORS = ("rgb", "rgn", "both")
COMPARED: Controls = {"comparison": "comparison", "measure": "measure"}
OWN: Controls = {
    "first encoder": (("encoders",), lambda asked: asked["encoders"][0]),
    "second encoder": (("encoders",), lambda asked: asked["encoders"][1]),
    "own first sensor": (("sensors",), lambda asked: asked["sensors"][0]),
    "own second sensor": (("sensors",), lambda asked: asked["sensors"][1]),
    "own layers": "layers",
    "own measure": "measure",
    "own plants": "plants",
}


def compare() -> None:
    """Choose what is compared, and by which measure."""
    left, right = st.columns(2)
    names = [one.name for one in COMPARISONS]
    name = left.selectbox("Compare", names, format_func=_question, key="comparison")
    how = right.selectbox("Measure", list(LABELS), format_func=LABELS.__getitem__, key="measure")
    caption(READING)

    def read(found: dict[str, Any]) -> CompareResult:
        there = ", ".join(LABELS[key] for key in found if key in LABELS)
        said = f"This pair is expensive, not recorded; here are {there}. Or measure it yourself."
        require(how in found, said)
        return CompareResult.from_json(found[how])

    recorded(f"06_{name}", read, lambda found, key: show(found, f"{key} {name} {how}"))
    with folded_experiment("Measure it again, on this machine", "similarity"):
        request = {"comparison": name, "measure": how, "plants": 256, "shuffles": 99, "halves": 40}
        takes = "Some seconds for CKA, up to minutes for what takes singular values."
        one = experiment_of("similarity", "Measure", takes, CompareResult.from_json, show)
        ask(one, request, name=f"{name} by {how}", key="heat maps", controls=COMPARED)


def own() -> None:
    """Two encoders of the learner's choice."""
    st.markdown(
        "Layers of one encoder down the side, of another along the top: what ships, your own "
        "finished runs, or weights that never saw a leaf."
    )
    there = encoders()
    left, right = st.columns(2)
    one = left.selectbox("First encoder", there, key="first encoder")
    other = right.selectbox("Second encoder", there, index=1, key="second encoder")
    first_sensor = left.selectbox("through", SENSORS, key="own first sensor")
    second_sensor = right.selectbox("through", SENSORS, key="own second sensor")
    layers = st.multiselect("Layers", LAYERS, default=["layer3", "h"], key="own layers")
    how = st.selectbox("Measure", list(LABELS), format_func=LABELS.__getitem__, key="own measure")
    plants = st.select_slider("Plants", (16, 64, 256, 512, 1024), value=256, key="own plants")
    if not layers:
        st.info("Choose a layer.")
        return
    request = {
        "encoders": [one, other],
        "sensors": [first_sensor, second_sensor],
        "layers": layers,
        "measure": how,
        "plants": plants,
        "shuffles": 99,
        "halves": 40,
    }
    takes = "Some seconds with few layers; the first time, plants are rendered."
    one = experiment_of("similarity", "Compare", takes, CompareResult.from_json, show, pins=True)
    ask(one, request, name="own", key="own", controls=OWN)


def encoders() -> list[str]:
    """What ships, what the learner has trained, and an untrained one."""
    runs = session.store().runs(kind="train", learner=session.learner(), limit=20)
    mine = [f"run:{run.id}@last" for run in runs if run.step]
    return [*mine, *shipped.encoders(), *CONTROLS]


def show(found: CompareResult, key: str) -> None:
    """The heat map, and one cell of it above its null."""
    st.markdown(f"**{found.question}**")
    drawing = found.chart(dark=session.dark())
    # Cells keep their size, so that their numbers never run into each other; wide ones scroll.
    st.vega_lite_chart(
        drawing.rows,
        drawing.on_page(dark=session.dark()),
        key=key,
        alt=drawing.alt,
        width="content",
    )
    caption(drawing.alt)
    words = f"python -m plantedu similarity compare {command_line(found.settings)}"
    downloads(drawing, "similarity", words, key)
    st.markdown("**One cell**")
    left, right = st.columns(2)
    i = _side(left, found.sides[0], found.first, 2, f"{key} first")
    j = _side(right, found.sides[1], found.second, 3, f"{key} second")
    cell = found.cell_chart(i, j, dark=session.dark())
    draw(cell, f"{key} cell")
    caption(cell.alt)
    dims = f"{found.dims[0][i]} and {found.dims[1][j]} columns, {found.settings.plants} plants."
    caption(f"{dims} {found.notes.get((i, j), '')}")


def _side(place: Any, title: str, labels: tuple[str, ...], back: int, key: str) -> int:
    """Which member of a side, checkpoints by a slider; at first one near the end."""
    options, start = list(range(len(labels))), max(len(labels) - back, 0)
    name = labels.__getitem__
    if title == "step":
        return place.select_slider(title, options, start, format_func=name, key=key)
    return place.selectbox(title, options, start, format_func=name, key=key)


def _question(name: str) -> str:
    return comparison(name).question
