"""Charts of two rulers: checkpoints under every ruler, and a fork's two arms under each.

All panels of a fork share their axes, so that a loss which falls under one ruler is seen to rise
under another. The floor ln(K/N) of the objective without a queue is drawn where it holds.
"""

import math
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import altair as alt
import pandas as pd

from plantedu.charts.chart import Drawing, built, only, table
from plantedu.charts.palette import colour, colours
from plantedu.charts.training_curves import thinned
from plantedu.errors import require
from plantedu.store.series import Series

ARMS = {"off": "queue off", "on": "queue on"}
PANELS = {
    "loss": "logged loss: what each arm trains on",
    "ruler/none": "fixed plants, no queue",
    "ruler/queue": "fixed plants, fresh queue",
    "ruler/kept": "fixed plants, the queue that training keeps",
}
MOST = 250  # points of one line
Reading = tuple[str, str, float, tuple[float, float], float, float, float]


def fork_chart(
    runs: Mapping[str, Series],
    *,
    start: int,
    prototypes: int,
    batch: int,
    queue: int,
    last: int = 0,
    dark: bool = False,
) -> Drawing:
    """Both arms of a fork under every ruler, a panel each, on the same axes.

    Args:
        runs: Series "off/loss", "on/loss", "off/ruler/none", ... as a fork logs them; what is
            not there yet is left out.
        start: Step of the checkpoint.
        prototypes, batch, queue: Sizes of the run, for the floor.
        last: Last step, where the axis ends; 0 for the data's own end.
        dark: Whether the page is dark.

    Raises:
        PlantEduError: before the first numbers are there.
    """
    shown = [(p, arm) for p in PANELS for arm in ARMS if len(runs.get(f"{arm}/{p}", ())) > 0]
    require(bool(shown), "This fork has recorded nothing yet.")
    tables = [
        table([thinned(runs[f"{arm}/{panel}"], MOST, "line", ARMS[arm])]).assign(
            panel=PANELS[panel]
        )
        for panel, arm in shown
    ]
    floor = max(0.0, math.log(prototypes / batch))
    panels = list(dict.fromkeys(PANELS[panel] for panel, _ in shown))
    marks = [{"kind": "switch", "panel": panel, "step": start + 0.5} for panel in panels]
    below = [PANELS["loss"], PANELS["ruler/none"]]
    marks += [
        {"kind": "floor", "panel": p, "value": floor, "name": f"no queue: ln(K/N) = {floor:.2f}"}
        for p in panels
        if p in below
    ]
    rows = pd.concat([*tables, pd.DataFrame(marks)], ignore_index=True)
    said = "; ".join(_in_words(runs, panel) for panel in PANELS if f"off/{panel}" in runs)
    with_queue = max(0.0, math.log(prototypes / (batch + queue)))
    words = (
        f"Two arms from one checkpoint at step {start}, the queue on in one of them. {said}. "
        f"No loss without a queue goes below ln(K/N) = {floor:.2f} "
        f"(with the queue {with_queue:.2f})."
    )
    return Drawing(_fork_spec(start, last, dark), rows, words)


def _in_words(runs: Mapping[str, Series], panel: str) -> str:
    """First and last value of both arms; of the logged loss also where it was least."""
    told = []
    for arm, name in ARMS.items():
        series = runs.get(f"{arm}/{panel}")
        if series is not None and len(series):
            values = series.values
            told.append(f"{name} {values[0]:.2f} to {values[-1]:.2f}, least {values.min():.2f}")
    return f"{PANELS[panel]}: {', '.join(told)}"


@lru_cache(maxsize=32)
def _fork_spec(start: int, last: int, dark: bool) -> dict[str, Any]:
    names = list(ARMS.values())
    paint = alt.Scale(domain=names, range=colours("first", "second", dark=dark))
    dash = alt.Scale(domain=names, range=[[5, 3], [1, 0]])
    legend = alt.Legend(orient="top", title=None, symbolSize=400)
    ends = alt.Scale(domain=[start, last]) if last else alt.Scale(zero=False)
    x = alt.X("step:Q", title="step", scale=ends, axis=alt.Axis(tickCount=5, grid=False))
    y = alt.Y("value:Q", title="nats", scale=alt.Scale(zero=False), axis=alt.Axis(tickCount=5))
    base = alt.Chart(alt.Data(name="rows"))  # one table for all layers, or panels cannot share it
    lines, switch, level = (
        base.transform_filter(f"datum.kind == '{kind}'") for kind in ("line", "switch", "floor")
    )
    event, floor = colour("event", dark=dark), colour("floor", dark=dark)
    words = level.mark_text(color=floor, align="right", baseline="top", dx=-4, dy=3)
    layers = alt.layer(
        lines.mark_line(strokeWidth=1.6).encode(
            x,
            y,
            alt.Color("name:N", scale=paint, legend=legend),
            alt.StrokeDash("name:N", scale=dash, legend=legend),
            tooltip=["name:N", "step:Q", alt.Tooltip("value:Q", format=".2f")],
        ),
        switch.mark_rule(color=event, strokeDash=[2, 3]).encode(x),
        level.mark_rule(color=floor, strokeDash=[6, 4]).encode(y),
        words.encode(y, x=alt.value("width"), text="name:N"),
    ).properties(width=310, height=165)
    facet = alt.Facet("panel:N", title=None, sort=list(PANELS.values()))
    return built(layers.facet(facet=facet, columns=2))


def rulers_chart(readings: Sequence[Reading], *, dark: bool = False) -> Drawing:
    """A row a ruler, checkpoints along x: the loss with its interval, H(q) below it, the floor.

    Args:
        readings: Ruler, checkpoint, loss, its interval, H(q), the loss of random-init weights,
            and the ruler's floor, in nats.
        dark: Whether the page is dark.

    Raises:
        PlantEduError: without readings.
    """
    require(bool(readings), "Name at least one checkpoint and one ruler.")
    columns = ("ruler", "checkpoint", "loss", "interval", "entropy", "null", "floor")
    rows = pd.DataFrame([dict(zip(columns, r, strict=True)) for r in readings])
    rows[["low", "high"]] = rows.pop("interval").to_list()
    rows["kind"] = "reading"
    places = list(dict.fromkeys(rows["checkpoint"]))
    said = []
    for ruler in dict.fromkeys(one[0] for one in readings):
        own = [one for one in readings if one[0] == ruler]
        told = ", ".join(f"{name} {loss:.2f} (H {h:.2f})" for _, name, loss, _, h, _, _ in own)
        said.append(f"{ruler}: {told}; random init {own[0][5]:.2f}, floor {own[0][6]:.2f}")
    words = f"Loss and its part H(q) of each checkpoint under each ruler. {'. '.join(said)}."
    rulers = tuple(dict.fromkeys(rows["ruler"]))
    return Drawing(_rulers_spec(rulers, tuple(places), dark), rows, words)


@lru_cache(maxsize=32)
def _rulers_spec(rulers: tuple[str, ...], places: tuple[str, ...], dark: bool) -> dict[str, Any]:
    names = alt.Axis(labelAngle=-35, labelOverlap=False)
    x = alt.X("checkpoint:N", title=None, sort=list(places), axis=names)
    axis = alt.Axis(tickCount=4)
    y = alt.Y("loss:Q", title="nats", scale=alt.Scale(zero=False), axis=axis)
    base = only("reading")
    ink, spread, null, floor = (
        colour(name, dark=dark) for name in ("loss", "entropy", "null", "floor")
    )
    tips = ["ruler:N", "checkpoint:N"] + [
        alt.Tooltip(f"{name}:Q", format=".2f") for name in ("loss", "entropy", "null", "floor")
    ]
    layers = alt.layer(
        base.mark_rule(color=floor, strokeDash=[6, 4]).encode(alt.Y("floor:Q", title="nats")),
        base.mark_tick(color=null, thickness=3, width=26).encode(x, alt.Y("null:Q")),
        base.mark_point(color=spread, shape="diamond", size=40).encode(x, alt.Y("entropy:Q")),
        base.mark_rule(color=ink, strokeWidth=2).encode(x, alt.Y("low:Q"), alt.Y2("high:Q")),
        base.mark_point(color=ink, filled=True, size=60, opacity=1).encode(x, y, tooltip=tips),
    ).properties(width=max(300, 40 * len(places)), height=170)
    panel = alt.Facet("ruler:N", title=None, sort=list(rulers))
    return built(layers.facet(facet=panel, columns=2))
