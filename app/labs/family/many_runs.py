"""Read many curves at once: colour them by a setting, draw a rectangle, see which runs it holds."""

import math

import pandas as pd
import streamlit as st

from app import session, shipped
from app.captions import caption
from app.page import downloads
from plantedu.charts.chart import Drawing
from plantedu.charts.many_runs import BRUSH, inside, many_chart
from plantedu.errors import PlantEduError
from plantedu.store.curves import Curves

READ = {
    "disease probe": (
        "probe/disease/both",
        "disease probe, accuracy",
        "the probe on shuffled labels",
    ),
    "loss": ("loss", "loss, nats", "ln K"),
}
NULL = "null/disease/both"
PROTOTYPES = 64  # K of every recorded run; the recipe's default


def read_many(name: str) -> None:
    """The curves of a file, and the runs that the learner picks out."""
    try:
        st.fragment(_read)(shipped.curves(name))
    except PlantEduError as error:
        st.info(str(error))


def _read(curves: Curves) -> None:
    varied = [knob for knob in curves.knobs if len(set(curves.runs[knob])) > 1]
    varied.sort(key=lambda knob: knob != "start")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        what = st.segmented_control(
            "Draw", list(READ), default="disease probe", required=True, key="many what"
        )
        knob = st.segmented_control(
            "Colour by", varied, default=varied[0], required=True, key="many knob"
        )
    metric, unit, control = READ[what or "disease probe"]
    rows = curves.of(metric, knob or varied[0])
    drawing = many_chart(
        rows,
        _null(curves, what or "disease probe", knob or varied[0]),
        knob=knob or varied[0],
        unit=unit,
        control=control,
        dark=session.dark(),
    )
    event = st.vega_lite_chart(
        drawing.rows,
        drawing.on_page(dark=session.dark()),
        key=f"many {what} {knob}",
        alt=drawing.alt,
        width="stretch",
        on_select="rerun",
        selection_mode=BRUSH,
    )
    caption(
        f"{len(curves.runs)} runs, 1 line each; grey: {control}. Drag a rectangle on the chart, or "
        "move the slider, to pick runs out."
    )
    _picked(curves, metric, rows, dict(event.get("selection", {}).get(BRUSH, {})))
    _file(drawing, curves)


def _null(curves: Curves, what: str, knob: str) -> pd.DataFrame:
    """Shuffled labels of each run; for the loss the level ln K."""
    if what != "loss":
        return curves.of(NULL, knob)
    return pd.DataFrame(
        {"run": ["ln K"], "setting": [""], "step": [math.nan], "value": [math.log(PROTOTYPES)]}
    )


def _picked(curves: Curves, metric: str, rows: pd.DataFrame, box: dict[str, list[float]]) -> None:
    """How many runs of each value are picked out: a rule, or a mix."""
    ends = curves.ends(metric)
    last = ends["end"].to_numpy(float)
    low, high = last.min().item(), last.max().item()
    if low < high:
        low, high = st.slider(
            "Only runs that end between",
            low,
            high,
            (low, high),
            format="%.2f",
            key=f"many end {metric}",
        )
    kept = (last >= low - 1e-9) & (last <= high + 1e-9)
    chosen = set(ends["run"].to_numpy()[kept])
    if box.get("step") and box.get("value"):
        chosen &= inside(rows, box["step"], box["value"])
    st.markdown(f"**{len(chosen)} of {len(curves.runs)} runs** picked out:")
    st.dataframe(
        counted(curves, chosen),
        hide_index=True,
        alt="How many runs of each value of each setting are picked out",
    )


def counted(curves: Curves, picked: set[str]) -> pd.DataFrame:
    """Of each value of each setting: runs picked, all runs."""
    lines = []
    for knob in curves.knobs:
        for value, group in curves.runs.groupby(knob):
            kept = len(picked & set(group["run"]))
            lines.append({"setting": knob, "value": str(value), "picked": kept, "of": len(group)})
    return pd.DataFrame(lines)


def _file(drawing: Drawing, curves: Curves) -> None:
    downloads(drawing, "many-runs", curves.command or "python -m plantedu sweep GRID.json", "many")
