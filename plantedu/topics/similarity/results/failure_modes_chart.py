"""Charts of what fools a similarity: columns for a biased one, far points for another."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import altair as alt
import pandas as pd

from plantedu.charts.chart import Drawing, built, only
from plantedu.charts.palette import VALUES, colour, colours

Line = tuple[str, Sequence[float], Sequence[float]]


def trap_chart(
    lines: Sequence[Line],
    *,
    x: str,
    y: str,
    says: str,
    logarithmic: bool = True,
    null: tuple[str, float] | None = None,
    marks: Sequence[tuple[float, float]] = (),
    dark: bool = False,
) -> Drawing:
    """A line for each measure; a dashed rule for the null.

    Args:
        lines: (name, places, values).
        x: Title of the horizontal axis.
        y: Title of the vertical axis.
        says: What the chart shows.
        logarithmic: Whether places are spaced by ratio.
        null: Its name and value.
        marks: Points that theory gives, (place, value).
        dark: Whether the page is dark.
    """
    rows: list[dict[str, Any]] = [
        {"kind": "line", "measure": name, "x": float(a), "y": float(b)}
        for name, places, values in lines
        for a, b in zip(places, values, strict=True)
    ]
    rows += [{"kind": "theory", "measure": "formula", "x": a, "y": b} for a, b in marks]
    if null:
        rows.append({"kind": "null", "measure": null[0], "y": null[1]})
    names = tuple(name for name, *_ in lines)
    return Drawing(_spec(names, x, y, logarithmic, dark), pd.DataFrame(rows), says)


@lru_cache(maxsize=16)
def _spec(names: tuple[str, ...], x: str, y: str, logarithmic: bool, dark: bool) -> dict[str, Any]:
    scale = alt.Scale(type="log", nice=False) if logarithmic else alt.Scale(zero=False)
    across = alt.X("x:Q", title=x, scale=scale, axis=alt.Axis(grid=False, tickCount=5))
    up = alt.Y("y:Q", title=y)
    tints = alt.Scale(domain=list(names), range=colours(*VALUES[: len(names)], dark=dark))
    tint = alt.Color(
        "measure:N",
        title=None,
        scale=tints,
        legend=alt.Legend(orient="top", columns=3, symbolType="stroke", symbolStrokeWidth=3),
    )
    dash = alt.StrokeDash("measure:N", legend=None, scale=alt.Scale(domain=list(names)))
    tips = ["measure:N", alt.Tooltip("x:Q", format=".4~g"), alt.Tooltip("y:Q", format=".3f")]
    null = colour("null", dark=dark)
    layers = [
        only("null").mark_rule(strokeDash=[4, 3], color=null, strokeWidth=2).encode(up),
        only("line").mark_line(strokeWidth=2).encode(across, up, color=tint, strokeDash=dash),
        only("line").mark_point(filled=True, size=40, opacity=1).encode(
            across, up, color=tint, tooltip=tips
        ),
        only("theory").mark_point(shape="diamond", size=110, color=null, strokeWidth=2).encode(
            across, up, tooltip=tips
        ),
    ]  # fmt: skip
    return built(alt.layer(*layers).properties(height=280))
