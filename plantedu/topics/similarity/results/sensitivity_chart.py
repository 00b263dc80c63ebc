"""Chart of which measure notices which planted difference."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import altair as alt
import pandas as pd

from plantedu.charts.chart import Drawing, built, only
from plantedu.charts.palette import VALUES, colour, colours
from plantedu.errors import require
from plantedu.statistics.evidence import Evidence

SHAPES = ("circle", "square", "triangle-up", "diamond", "cross")


def grounding_chart(
    rows: Sequence[tuple[str, str, Evidence, float]], *, says: str, dark: bool = False
) -> Drawing:
    """AUROC of each measure on each untold factor; filled where the test notices.

    Args:
        rows: (measure, factor, AUROC, p).
        says: What the chart shows.
        dark: Whether the page is dark.

    Raises:
        PlantEduError: without rows.
    """
    require(bool(rows), "There is nothing to show yet.")
    table: list[dict[str, Any]] = [
        {
            "kind": "noticed" if p <= 0.05 else "blind",
            "measure": measure,
            "untold": factor,
            "auroc": one.value,
            "low": (one.interval or (one.value,))[0],
            "high": (one.interval or (one.value,))[-1],
            "p": p,
        }
        for measure, factor, one, p in rows
    ]
    table.append({"kind": "null", "auroc": rows[0][2].null})
    measures = tuple(dict.fromkeys(measure for measure, *_ in rows))
    factors = tuple(dict.fromkeys(factor for _, factor, *_ in rows))
    return Drawing(_spec(measures, factors, dark), pd.DataFrame(table), says)


@lru_cache(maxsize=8)
def _spec(measures: tuple[str, ...], factors: tuple[str, ...], dark: bool) -> dict[str, Any]:
    axis = alt.Axis(labelLimit=220, ticks=False, domain=False, grid=True)
    y = alt.Y("measure:N", title=None, sort=list(measures), axis=axis)
    ticks = alt.Axis(tickCount=5)
    scale = alt.Scale(domain=[0, 1])
    x = alt.X("auroc:Q", title="chance to look less alike (AUROC)", scale=scale, axis=ticks)
    down = alt.YOffset("untold:N", scale=alt.Scale(domain=list(factors), paddingOuter=0.4))
    names = list(factors)
    tints = alt.Scale(domain=names, range=colours(*VALUES[: len(names)], dark=dark))
    legend = alt.Legend(orient="top", title="not told")
    tint = alt.Color("untold:N", scale=tints, legend=legend)
    shapes = alt.Scale(domain=names, range=list(SHAPES[: len(names)]))
    shape = alt.Shape("untold:N", scale=shapes, legend=legend)
    tips = ["measure:N", "untold:N"]
    tips += [alt.Tooltip(f"{name}:Q", format=".3f") for name in ("auroc", "low", "high", "p")]
    layers: list[alt.Chart] = [
        only("null").mark_rule(strokeDash=[4, 3], strokeWidth=2, color=colour("null", dark=dark))
        .encode(x)
    ]  # fmt: skip
    for kind in ("noticed", "blind"):
        base, filled = only(kind), kind == "noticed"
        ends = base.mark_rule(strokeWidth=1.5, opacity=0.7)
        layers += [
            ends.encode(alt.X("low:Q"), y, down, tint, x2="high:Q"),
            base.mark_point(filled=filled, size=70, opacity=1, strokeWidth=1.5).encode(
                x, y, down, tint, shape, tooltip=tips
            ),
        ]
    return built(alt.layer(*layers).properties(height=alt.Step(11, **{"for": "offset"})))
