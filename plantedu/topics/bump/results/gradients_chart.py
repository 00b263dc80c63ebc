"""Cosines of gradients, by part of the network, beside two batches of one objective."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import altair as alt
import pandas as pd

from plantedu.charts.chart import Drawing, built
from plantedu.charts.palette import colour
from plantedu.errors import require
from plantedu.statistics.evidence import Evidence

Line = tuple[str, str, Evidence, float | None, tuple[float, float] | None, float]


def cosine_chart(lines: Sequence[Line], *, dark: bool = False) -> Drawing:
    """A panel a part: ring for the cosine on one batch, dot for the noise-corrected angle.

    The grey tick is the cosine of two batches under one objective, the grey band three standard
    deviations of random directions around 0.

    Args:
        lines: Part, pair of objectives, cosine, angle, its interval, spread of random directions.
        dark: Whether the page is dark.

    Raises:
        PlantEduError: without lines.
    """
    require(bool(lines), "There are no cosines to draw yet.")
    rows = pd.DataFrame([_row(*line) for line in lines])
    said = "; ".join(
        f"{part}, {pair}: {cosine.value:.2f} on one batch (two batches {cosine.null:.2f})"
        + ("" if true is None else f", angle {true:.2f}")
        for part, pair, cosine, true, _, _ in lines
    )
    caption = f"Cosine of gradients. {said}. {lines[0][2].caption()}."
    return Drawing(_spec(dark), rows, caption)


def _row(
    part: str,
    pair: str,
    cosine: Evidence,
    true: float | None,
    interval: tuple[float, float] | None,
    random: float,
) -> dict[str, Any]:
    low, high = interval or (true, true)
    return {
        "part": part,
        "pair": pair,
        "cosine": cosine.value,
        "two batches": cosine.null,
        "angle": true,
        "low": low,
        "high": high,
        "below": -3 * random,
        "above": 3 * random,
    }


@lru_cache(maxsize=2)
def _spec(dark: bool) -> dict[str, Any]:
    ink, null = colour("loss", dark=dark), colour("null", dark=dark)
    axis = alt.Axis(labelLimit=200, ticks=False, domain=False)
    y = alt.Y("pair:N", title=None, sort=None, axis=axis)
    names = ("cosine", "two batches", "angle", "low", "high")
    tips = ["part:N", "pair:N", *(alt.Tooltip(f"{name}:Q", format=".3f") for name in names)]
    base = alt.Chart(alt.Data(name="rows"))
    x = alt.X("angle:Q", title="cosine", scale=alt.Scale(zero=True))
    layers = alt.layer(
        base.mark_bar(color=null, opacity=0.35).encode(alt.X("below:Q"), y, x2="above:Q"),
        base.mark_tick(color=null, thickness=3, size=16).encode(alt.X("two batches:Q"), y),
        base.mark_rule(color=ink, strokeWidth=2).encode(alt.X("low:Q"), y, x2="high:Q"),
        base.mark_point(color=ink, size=55, filled=False).encode(
            alt.X("cosine:Q"), y, tooltip=tips
        ),
        base.mark_point(color=ink, size=60, filled=True, opacity=1).encode(x, y, tooltip=tips),
    ).properties(width=330, height=alt.Step(26))
    return built(layers.facet(row=alt.Row("part:N", title=None, sort=None)))
