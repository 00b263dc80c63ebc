"""The loss along the straight line between two checkpoints."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import altair as alt
import pandas as pd

from plantedu.charts.chart import Drawing, built
from plantedu.charts.palette import colour
from plantedu.errors import require
from plantedu.statistics.evidence import Evidence

Walk = tuple[str, str, str, Sequence[float], Evidence]
PAIRS = {"event": "loss", "control": "null", "twin": "first"}


def line_chart(alphas: Sequence[float], walks: Sequence[Walk], *, dark: bool = False) -> Drawing:
    """Loss over alpha, a panel a ruler; dashed where batch norm's statistics are averaged.

    Args:
        alphas: Points on the line, from 0 to 1.
        walks: Pair, ruler, batch norm, mean loss at each point, and the barrier.
        dark: Whether the page is dark.

    Raises:
        PlantEduError: without lines.
    """
    require(bool(walks), "There is no line to draw yet.")
    rows = [
        {"pair": pair, "ruler": ruler, "batchnorm": norm, "alpha": alpha, "loss": loss}
        for pair, ruler, norm, losses, _ in walks
        for alpha, loss in zip(alphas, losses, strict=True)
    ]
    said = "; ".join(
        f"{pair}, {ruler}, batch norm {norm}: {losses[0]:.2f} to {losses[-1]:.2f}, barrier "
        f"{hill.value:.3f} (control {hill.null:.3f})"
        for pair, ruler, norm, losses, hill in walks
    )
    caption = f"Loss along the line between two checkpoints. {said}. {walks[0][4].caption()}."
    return Drawing(_spec(dark), pd.DataFrame(rows), caption)


@lru_cache(maxsize=2)
def _spec(dark: bool) -> dict[str, Any]:
    pairs = alt.Scale(
        domain=list(PAIRS), range=[colour(name, dark=dark) for name in PAIRS.values()]
    )
    norms = alt.Scale(domain=["recomputed", "averaged"], range=[[1, 0], [4, 3]])
    top = alt.Legend(orient="top", symbolType="stroke")
    tips = ["pair:N", "ruler:N", "batchnorm:N"]
    tips += [alt.Tooltip("alpha:Q", format=".2f"), alt.Tooltip("loss:Q", format=".3f")]
    line = alt.Chart(alt.Data(name="rows")).mark_line(strokeWidth=2, point={"size": 22})
    panel = line.encode(
        alt.X("alpha:Q", title="from before (0) to after (1)", axis=alt.Axis(tickCount=5)),
        alt.Y("loss:Q", title="loss, nats", scale=alt.Scale(zero=False)),
        color=alt.Color("pair:N", title=None, scale=pairs, legend=top),
        strokeDash=alt.StrokeDash("batchnorm:N", title="batch norm", scale=norms, legend=top),
        tooltip=tips,
    ).properties(width=240, height=220)
    return built(panel.facet(facet=alt.Facet("ruler:N", title=None, sort=None), columns=2))
