"""How many directions features fill, along a run."""

import streamlit as st

from app import session
from app.experiment import Experiment, ask
from app.labs.spectrum.eigenvalues import called, recorded, source
from app.page import downloads, draw
from plantedu.errors import PlantEduError
from plantedu.store.run import Run
from plantedu.topics.spectrum.collapse import CollapseResult

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
    try:
        found = CollapseResult.from_json(recorded("07_collapse", f"{name} {layer or 'z'}"))
    except PlantEduError as error:
        st.info(str(error))
    else:
        _show(found, f"recorded {name}", along=name != "ends of runs")
    with st.expander("Measure it on this machine, on a run of yours"):
        if chosen := source("ranks"):
            one = Experiment(
                "collapse", "Measure", "A few seconds for z, once the worker is awake.", _own
            )
            request = {"checkpoints": [chosen], "layer": layer or "z"}
            ask(one, request, name=f"ranks of {chosen}", key="own ranks")


def _show(found: CollapseResult, key: str, *, along: bool) -> None:
    names = [stop.name for stop in found.stops]
    if along:
        drawing = found.chart(dark=session.dark())
        draw(drawing, f"{key} ranks")
        downloads(drawing, "ranks", "python -m plantedu spectrum collapse", f"{key} ranks")
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
                told = f"random init {one.null:.1f}"
                st.metric(words, f"{one.value:.1f}", told, "off", delta_arrow="off")
    draw(found.spectrum_chart(place, dark=session.dark()), f"{key} spectrum")
    st.caption(f"{found.rows} rows of {found.dim} numbers. {stop.measures['rankme'].caption()}.")
    for line in stop.says:
        st.caption(f":material/info: {line}")


def _own(run: Run) -> None:
    if run.result:
        _show(CollapseResult.from_json(run.result), "own", along=False)
