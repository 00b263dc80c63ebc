"""A chart of a push along a feature: what it moves, beside pushes elsewhere."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import altair as alt
import pandas as pd

from plantedu.charts.chart import Drawing, built, only
from plantedu.charts.palette import colour
from plantedu.errors import require
from plantedu.statistics.evidence import Evidence

SHOWN = 10


def steer_chart(effects: Mapping[str, Evidence], about: str, *, dark: bool = False) -> Drawing:
    """The largest effects of a push.

    Args:
        effects: By what is read.
        about: Which feature, how far.
        dark: Whether the page is dark.

    Raises:
        PlantEduError: without effects.
    """
    require(len(effects) > 0, "Nothing was read.")
    order = sorted(effects, key=lambda name: -abs(effects[name].value))[:SHOWN]
    rows = []
    for name in order:
        one = effects[name]
        low, high = one.interval or (one.value, one.value)
        rows += [
            {"kind": "push", "of": name, "value": one.value, "low": low, "high": high},
            {"kind": "null", "of": name, "low": -one.null, "high": one.null, "value": one.null},
        ]
    first = effects[order[0]]
    said = "; ".join(
        f"{name} {effects[name].value:+.2f} (pushes elsewhere {effects[name].null:.2f})"
        for name in order[:5]
    )
    words = (
        f"Change of what a reader reads after a push along {about}: {said}. Numbers in units of "
        f"the factor's spread, categories in probability. {first.caption()}."
    )
    return Drawing(_spec(tuple(order), dark), pd.DataFrame(rows), words)


@lru_cache(maxsize=16)
def _spec(order: tuple[str, ...], dark: bool) -> dict[str, Any]:
    axis = alt.Axis(labelLimit=140, ticks=False, domain=False, labelOverlap=False)
    y = alt.Y("of:N", sort=list(order), title=None, axis=axis)
    x = alt.X("value:Q", title="change of the reading")
    seen, null = colour("rgb", dark=dark), colour("null", dark=dark)
    tips = ["of:N", *(alt.Tooltip(f"{n}:Q", format="+.3f") for n in ("value", "low", "high"))]
    layers = [
        only("null")
        .mark_bar(height=14, color=null, opacity=0.5)
        .encode(alt.X("low:Q", title="change of the reading"), y, x2="high:Q", tooltip=tips),
        only("push").mark_rule(strokeWidth=2, color=seen).encode(alt.X("low:Q"), y, x2="high:Q"),
        only("push")
        .mark_point(filled=True, size=70, color=seen, opacity=1)
        .encode(x, y, tooltip=tips),
    ]
    return built(alt.layer(*layers).properties(height=alt.Step(26)))
