"""Traces of Langevin walks around checkpoints."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import altair as alt
import pandas as pd

from plantedu.charts.chart import Drawing, built
from plantedu.charts.palette import colour
from plantedu.errors import require
from plantedu.statistics.evidence import Evidence

Walk = tuple[str, float | None, Sequence[Sequence[float]], str]


def trace_chart(
    walks: Sequence[Walk], *, burn_in: int, change: Evidence | None, dark: bool = False
) -> Drawing:
    """How far the loss rises above the checkpoint's own, step by step; a line a walk.

    The control's panels stand beside the event's; a dashed rule marks no rise, and the burn-in is
    drawn pale.

    Args:
        walks: Checkpoint, coefficient, traces and what is wrong with it, event's pair first.
        burn_in: Steps that do not count.
        change: Change of the coefficient; its null is the control pair's.
        dark: Whether the page is dark.

    Raises:
        PlantEduError: without walks.
    """
    require(bool(walks), "There are no walks to draw yet.")
    rows = [row for walk in walks for row in _rows(walk, burn_in)]
    said = "; ".join(
        f"{stage} {'diverged' if value is None else f'{value:.2f}'}"
        + (f" ({says})" if says else "")
        for stage, value, _, says in walks
    )
    told = ""
    if change is not None:
        told = f" Change {change.value:+.2f}, control {change.null:+.2f}. {change.caption()}."
    return Drawing(_spec(dark), pd.DataFrame(rows), f"Learning coefficients: {said}.{told}")


def _rows(walk: Walk, burn_in: int) -> list[dict[str, Any]]:
    stage, value, traces, _ = walk
    name = f"{stage}: " + ("diverged" if value is None else f"λ {value:.2f}")
    return [
        {
            "stage": name,
            "walk": f"walk {k + 1}",
            "step": step,
            "rise": rise,
            "part": "burn-in" if step < burn_in else "counts",
            "zero": 0.0,
        }
        for k, trace in enumerate(traces)
        for step, rise in enumerate(trace)
    ]


@lru_cache(maxsize=2)
def _spec(dark: bool) -> dict[str, Any]:
    walks = alt.Scale(
        range=[colour(name, dark=dark) for name in ("first", "second", "third", "fourth", "fifth")]
    )
    parts = alt.Scale(domain=["burn-in", "counts"], range=[0.35, 1.0])
    base = alt.Chart(alt.Data(name="rows"))
    x = alt.X("step:Q", title="step of the walk", axis=alt.Axis(tickCount=4, grid=False))
    y = alt.Y("rise:Q", title="L(w) - L(w*), nats")
    tips = ["stage:N", "walk:N", "step:Q", alt.Tooltip("rise:Q", format=".3f")]
    level = base.mark_line(color=colour("null", dark=dark), strokeDash=[4, 3], strokeWidth=1)
    line = base.mark_line(strokeWidth=1.5)
    layers = alt.layer(
        level.encode(x, alt.Y("zero:Q")),
        line.encode(
            x,
            y,
            color=alt.Color("walk:N", title=None, scale=walks, legend=alt.Legend(orient="top")),
            opacity=alt.Opacity("part:N", scale=parts, legend=None),
            tooltip=tips,
        ),
    ).properties(width=210, height=140)
    return built(layers.facet(facet=alt.Facet("stage:N", title=None, sort=None), columns=2))
