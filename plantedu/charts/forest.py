"""Measured numbers below one another, each with its interval and its null."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import altair as alt
import pandas as pd

from plantedu.charts.chart import Drawing, built, only
from plantedu.charts.palette import colour
from plantedu.errors import require
from plantedu.statistics.evidence import Evidence


def forest_chart(
    lines: Sequence[tuple[str, Evidence]],
    *,
    unit: str,
    zero: bool = False,
    dark: bool = False,
    names: int = 150,
) -> Drawing:
    """A dot a line, a bar for its interval, a tick for its null.

    Args:
        lines: What each line is called, from the top, and what was measured.
        unit: What the numbers are.
        zero: Draw a rule at 0, where numbers are differences.
        dark: Whether the page is dark.
        names: Pixels that a line's name may take; a longer one is cut.

    Raises:
        PlantEduError: without lines.
    """
    require(bool(lines), "There is nothing to compare yet.")
    rows = pd.DataFrame([_row(name, one) for name, one in lines])
    said = "; ".join(f"{name} {_in_words(one)}" for name, one in lines)
    seeds = sorted({one.seeds for _, one in lines})
    many = "to".join(f" {one} " for one in dict.fromkeys((seeds[0], seeds[-1])))
    caption = f"{unit}: {said}. n = {lines[0][1].n} plants,{many}seeds."
    return Drawing(_spec(unit, zero, dark, len(lines), names), rows, caption)


def _row(name: str, one: Evidence) -> dict[str, Any]:
    low, high = one.interval or (one.value, one.value)
    return {
        "kind": "line",
        "what": name,
        "value": one.value,
        "low": low,
        "high": high,
        "null": one.null,
        "control": one.control,
    }


def _in_words(one: Evidence) -> str:
    band = f" [{one.interval[0]:z.3f}, {one.interval[1]:z.3f}]" if one.interval else ""
    return f"{one.value:z.3f}{band} ({one.control}: {one.null:z.3f})"


@lru_cache(maxsize=32)
def _spec(unit: str, zero: bool, dark: bool, lines: int, names: int) -> dict[str, Any]:
    ink, null = colour("loss", dark=dark), colour("null", dark=dark)
    axis = alt.Axis(labelLimit=names, ticks=False, domain=False)
    y = alt.Y("what:N", title=None, sort=None, axis=axis)
    x = alt.X("value:Q", title=unit, scale=alt.Scale(zero=zero, nice=True))
    tips = ["what:N", "control:N"]
    tips += [alt.Tooltip(f"{name}:Q", format=".3f") for name in ("value", "low", "high", "null")]
    base = only("line")
    layers = [
        base.mark_tick(color=null, thickness=3, size=18).encode(alt.X("null:Q"), y),
        base.mark_rule(color=ink, strokeWidth=2).encode(alt.X("low:Q"), y, x2="high:Q"),
        base.mark_point(color=ink, filled=True, size=70, opacity=1).encode(x, y, tooltip=tips),
    ]
    if zero:
        level = alt.Chart().mark_rule(color=null, strokeDash=[4, 3]).encode(x=alt.datum(0))
        layers.insert(0, level)
    return built(alt.layer(*layers).properties(height=110 + 28 * lines))
