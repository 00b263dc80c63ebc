"""Charts of similarity: a heat map with the null's level in every cell, and one cell's evidence."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from plantedu.charts.chart import Drawing, built, only
from plantedu.charts.palette import INK, PAGE, colour
from plantedu.errors import require

CELL = 50  # pixels
AT = (0.025, 0.05, 0.25, 0.5, 0.75, 0.95, 0.975)  # quantiles of the null that are kept


@dataclass(frozen=True)
class Heat:
    """What a heat map draws.

    Attributes:
        first, second: Labels down the side and along the top.
        sides: What the two sides are.
        value, level, p: Tables "first second": the measure, what one shuffle in twenty passes, and
            the share of shuffles that are as alike.
        distance: Small values are the alike ones.
        best: Value of a thing with itself.
        events: (label of the member before it, what happened).
        says: What the chart shows, with n and null.
    """

    first: Sequence[str]
    second: Sequence[str]
    sides: tuple[str, str]
    value: np.ndarray
    level: np.ndarray
    p: np.ndarray
    distance: bool
    best: float
    events: Sequence[tuple[str, str]]
    says: str


def heat_map(heat: Heat, *, dark: bool = False) -> Drawing:
    """Each cell: colour and number are the value, the small number is the null's level; a cell that
    shuffled plants reach as often as one in twenty is crossed out.

    Raises:
        PlantEduError: without cells.
    """
    require(heat.value.size > 0, "There is nothing to compare yet.")
    rows = [
        {
            "kind": "cell",
            "first": heat.first[i],
            "second": heat.second[j],
            "value": float(heat.value[i, j]),
            "level": float(heat.level[i, j]),
            "p": float(heat.p[i, j]),
            "beyond": "yes" if heat.p[i, j] <= 0.05 else "no",
        }
        for i in range(len(heat.first))
        for j in range(len(heat.second))
    ]
    rows += [
        {"kind": "event", "first": heat.first[-1], "second": label, "event": what}
        for label, what in heat.events
    ]
    top = float(max(np.nanmax(np.abs(heat.value)), abs(heat.best), 1e-9))
    spec = _heat_spec(heat.sides, heat.distance, top, dark)
    return Drawing(spec, pd.DataFrame(rows), heat.says)


def evidence_chart(
    value: float,
    interval: tuple[float, float],
    quantiles: Sequence[float],
    *,
    says: str,
    label: str,
    dark: bool = False,
) -> Drawing:
    """One value with its interval, above the spread of the same measure for shuffled plants.

    Args:
        value: The measure.
        interval: Its low and high end.
        quantiles: Of the shuffles, at `AT`.
        says: What the chart shows.
        label: Name of the measure, for the axis.
        dark: Whether the page is dark.
    """
    low, _, quarter, middle, three, _, high = quantiles
    rows = [
        {"kind": "value", "what": "this pair", "x": value, "low": interval[0], "high": interval[1]},
        {"kind": "null", "what": "shuffled plants", "x": middle, "low": low, "high": high},
        {"kind": "box", "what": "shuffled plants", "x": middle, "low": quarter, "high": three},
    ]
    return Drawing(_evidence_spec(label, dark), pd.DataFrame(rows), says)


@lru_cache(maxsize=32)
def _heat_spec(
    sides: tuple[str, str],
    distance: bool,
    top: float,
    dark: bool,
) -> dict[str, Any]:
    ends = [PAGE["dark" if dark else "light"], colour("rgb", dark=dark)]
    scale = alt.Scale(domain=[top, 0] if distance else [0, top], range=ends, clamp=True)
    axis = alt.Axis(labelLimit=110, ticks=False, domain=False, labelAngle=0, labelOverlap=False)
    x = alt.X("second:N", sort=None, title=sides[1], axis=alt.Axis(**_kept(axis), orient="top"))
    y = alt.Y("first:N", sort=None, title=sides[0], axis=axis)
    ink = INK["dark" if dark else "light"]
    deep = f"datum.value {'<' if distance else '>'} {0.5 * top if distance else 0.55 * top}"
    on_deep = PAGE["dark" if dark else "light"]
    words = alt.condition(deep, alt.value(on_deep), alt.value(ink))
    tips = ["first:N", "second:N", *_numbers("value", "level", "p")]
    cells = only("cell")
    colour_of = alt.Color("value:Q", scale=scale, legend=None)
    frame = {"stroke": ends[0], "strokeWidth": 2}
    layers: list[alt.Chart] = [
        cells.mark_rect(**frame).encode(x, y, color=colour_of, tooltip=tips),
        cells.mark_text(dy=-6, fontSize=13).encode(
            x, y, text=alt.Text("value:Q", format=".2f"), color=words, tooltip=tips
        ),
        cells.mark_text(dy=9, fontSize=10).encode(
            x, y, text=alt.Text("level:Q", format=".3f"), color=words, tooltip=tips
        ),
        cells.transform_filter("datum.beyond == 'no'")
        .mark_point(shape="cross", angle=45, size=900, strokeWidth=1.5, opacity=0.8, filled=False)
        .encode(x, y, color=alt.value(colour("floor", dark=dark)), tooltip=tips),
        only("event")
        .mark_text(dy=CELL / 2 + 9, fontSize=11, fontWeight="bold")
        .encode(_after(), y, text="event:N", color=alt.value(colour("event", dark=dark))),
        only("event")
        .mark_rule(strokeWidth=2.5, strokeDash=[5, 3])
        .encode(_after(), color=alt.value(colour("event", dark=dark))),
    ]
    chart = alt.layer(*layers).properties(
        width=alt.Step(CELL), height=alt.Step(CELL), view=alt.ViewConfig(stroke=None)
    )
    return built(chart)


def _after() -> alt.X:
    """The right edge of the member that an event follows."""
    return alt.X("second:N", sort=None, bandPosition=1)


def _kept(axis: alt.Axis) -> dict[str, Any]:
    return dict(axis.to_dict())


def _numbers(*names: str) -> list[alt.Tooltip]:
    return [alt.Tooltip(f"{name}:Q", format=".3f") for name in names]


@lru_cache(maxsize=32)
def _evidence_spec(label: str, dark: bool) -> dict[str, Any]:
    x = alt.X("x:Q", title=label, scale=alt.Scale(zero=False, nice=True, padding=12))
    axis = alt.Axis(ticks=False, domain=False)
    y = alt.Y("what:N", title=None, sort=["this pair", "shuffled plants"], axis=axis)
    seen, null = colour("rgb", dark=dark), colour("null", dark=dark)
    tips = ["what:N", *_numbers("x", "low", "high")]
    ends = {"x": alt.X("low:Q"), "x2": "high:Q", "y": y, "tooltip": tips}
    layers = [
        only("null").mark_rule(strokeWidth=2, color=null).encode(**ends),
        only("box").mark_bar(size=14, color=null, opacity=0.6).encode(**ends),
        only("box").mark_tick(thickness=2, size=18, color=null).encode(x, y),
        only("value").mark_rule(strokeWidth=3, color=seen).encode(**ends),
        only("value").mark_point(filled=True, size=90, color=seen, opacity=1).encode(
            x, y, tooltip=tips
        ),
    ]  # fmt: skip
    return built(alt.layer(*layers).properties(height=alt.Step(44)))
