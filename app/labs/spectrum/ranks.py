"""How many directions features fill, along a run."""

from functools import partial

import streamlit as st

from app import session
from app.captions import caption
from app.experiment import drawn, part, recorded
from app.labs.spectrum.eigenvalues import called, measured_here
from app.page import draw
from plantedu.serialization import command_line
from plantedu.topics.spectrum.results.collapse import CollapseResult

RUNS = {
    "Default run": "default run",
    "Bump run": "bump run",
    "Its twin": "bump run, never switched",
    "Ends of runs": "ends of runs",
}


def ranks() -> None:
    """A run under four rulers of rank, and the spectrum of any of its checkpoints."""
    st.markdown(
        "Four rulers on the same held-out plants, at one *n*. They answer different questions; "
        "dashed is the random-init encoder."
    )
    with st.container(horizontal=True):
        run = st.segmented_control(
            "Run", list(RUNS), default="Default run", required=True, key="ranks run"
        )
        layer = st.segmented_control(
            "Layer", ("z", "h"), default="z", required=True, key="ranks layer"
        )
    name = RUNS[run or "Default run"]
    read, along = CollapseResult.from_json, name != "ends of runs"
    key = f"recorded {name}"
    show = partial(_show, along=along)
    recorded("07_collapse", part(f"{name} {layer or 'z'}", read), lambda f, _: show(f, key))
    measured_here("collapse", "ranks", read, partial(_show, along=False), layer=layer or "z")


def _show(found: CollapseResult, key: str, *, along: bool) -> None:
    names = [stop.name for stop in found.stops]
    if along:
        drawing = found.chart(dark=session.dark())
        words = f"python -m plantedu spectrum collapse {' '.join(names)}"
        drawn(drawing, f"{key} ranks", f"{words} {command_line(found.settings)}", name="ranks")
    place = len(names) - 1
    if len(names) > 1:
        chosen = st.select_slider(
            "Checkpoint", names, value=names[-1], key=f"{key} stop", format_func=called
        )
        place = names.index(chosen)
    stop = found.stops[place]
    with st.container(horizontal=True):
        for words, measure in (
            ("RankMe", "rankme"), ("Participation", "pr"), ("alpha, 5 to 32", "alpha"),
            ("Above shuffled", "horn"),
        ):  # fmt: skip
            if one := stop.measures.get(measure):
                null = f"random init {one.null:z.1f}"
                st.metric(words, f"{one.value:z.1f}", null, "off", delta_arrow="off")
    draw(found.spectrum_chart(place, dark=session.dark()), f"{key} spectrum")
    caption(f"{found.rows} rows of {found.dim} numbers. {stop.measures['rankme'].caption()}.")
    for line in stop.says:
        caption(f":material/info: {line}")
