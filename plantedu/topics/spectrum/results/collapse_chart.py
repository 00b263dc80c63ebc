"""Ranks of features over the steps of a run."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import altair as alt
import pandas as pd

from plantedu.charts.chart import Drawing, built
from plantedu.charts.palette import colour
from plantedu.errors import require
from plantedu.statistics.evidence import Evidence

SAYS = {
    "rankme": "RankMe",
    "pr": "participation ratio",
    "alpha": "alpha, ranks 5 to 32",
    "horn": "directions above shuffled columns",
}
Stops = Sequence[tuple[str, int, Mapping[str, Evidence]]]


def ranks_chart(stops: Stops, layer: str, *, dark: bool = False) -> Drawing:
    """A panel a measure: value with its interval over the steps, the random-init encoder dashed.

    Args:
        stops: Name, step and measures of each checkpoint, in order.
        layer: Whose spectra.
        dark: Whether the page is dark.

    Raises:
        PlantEduError: without checkpoints.
    """
    require(bool(stops), "There are no checkpoints to draw yet.")
    rows = [
        {
            "measure": SAYS[name],
            "checkpoint": checkpoint,
            "step": step,
            "value": one.value,
            "low": (one.interval or (None, None))[0],
            "high": (one.interval or (None, None))[1],
            "null": one.null,
        }
        for checkpoint, step, measures in stops
        for name, one in measures.items()
    ]
    first, last = stops[0], stops[-1]
    told = "; ".join(
        f"{SAYS[name]} {first[2][name].value:.1f} to {one.value:.1f} (random init {one.null:.1f})"
        for name, one in last[2].items()
        if name in first[2]
    )
    caption = next(iter(last[2].values())).caption()
    said = f"Spectrum of {layer}, steps {first[1]} to {last[1]}: {told}. {caption}."
    return Drawing(_spec(dark), pd.DataFrame(rows), said)


@lru_cache(maxsize=2)
def _spec(dark: bool) -> dict[str, Any]:
    ink, null = colour("rgb", dark=dark), colour("null", dark=dark)
    base = alt.Chart(alt.Data(name="rows"))
    x = alt.X("step:Q", title="step", axis=alt.Axis(tickCount=3, grid=False, labelOverlap=True))
    y = alt.Y("value:Q", title=None, scale=alt.Scale(zero=True))
    numbers = [alt.Tooltip(f"{name}:Q", format=".2f") for name in ("value", "low", "high", "null")]
    tips = ["measure:N", "checkpoint:N", "step:Q", *numbers]
    layers = alt.layer(
        base.mark_area(color=ink, opacity=0.2).encode(x, alt.Y("low:Q"), alt.Y2("high:Q")),
        base.mark_line(color=null, strokeDash=[4, 3], strokeWidth=1.5).encode(x, alt.Y("null:Q")),
        base.mark_line(color=ink, strokeWidth=2).encode(x, y),
        base.mark_point(color=ink, size=40, filled=True, opacity=1).encode(x, y, tooltip=tips),
    ).properties(width=250, height=150)
    panels = layers.facet(
        facet=alt.Facet("measure:N", title=None, sort=list(SAYS.values())), columns=2
    )
    return built(panels.resolve_scale(y="independent"))
