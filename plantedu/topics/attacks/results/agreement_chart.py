"""ROC of the detector: attacked pairs turned away against clean pairs turned away."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from plantedu.charts.chart import Drawing, built
from plantedu.charts.palette import VALUES, colour
from plantedu.errors import require
from plantedu.statistics.evidence import Evidence
from plantedu.topics.attacks.names import SAYS_WHERE


def roc_chart(
    curves: Sequence[tuple[str, Sequence[float], Evidence]],
    noise: Sequence[float],
    *,
    dark: bool = False,
) -> Drawing:
    """A line for each choice of sensors, noise in grey, chance on the diagonal.

    Args:
        curves: Attacked sensors, share of attacked pairs turned away at even steps of clean pairs
            turned away, and the AUC.
        noise: The same curve under noise.
        dark: Whether the page is dark.

    Raises:
        PlantEduError: without curves.
    """
    require(bool(curves), "Nothing has been attacked yet.")
    at = np.linspace(0, 1, len(noise))
    rows = [
        {
            "kind": "roc",
            "what": SAYS_WHERE[where],
            "clean": float(a),
            "attacked": float(b),
            "auc": auc.value,
        }
        for where, curve, auc in curves
        for a, b in zip(at, curve, strict=True)
    ]
    rows += [
        {"kind": "noise", "clean": float(a), "attacked": float(b)}
        for a, b in zip(at, noise, strict=True)
    ]
    rows += [{"kind": "chance", "clean": a, "attacked": a} for a in (0.0, 1.0)]
    said = "; ".join(
        f"{SAYS_WHERE[where]}: AUC {auc.value:.2f} (noise {auc.null:.2f})"
        for where, _, auc in curves
    )
    names = tuple(SAYS_WHERE[where] for where, *_ in curves)
    words = f"Share of attacked pairs turned away against clean ones. {said}. "
    return Drawing(_spec(names, dark), pd.DataFrame(rows), words + curves[0][2].caption() + ".")


@lru_cache(maxsize=4)
def _spec(names: tuple[str, ...], dark: bool) -> dict[str, Any]:
    tints = [colour(name, dark=dark) for name in VALUES[: len(names)]]
    scale = alt.Scale(domain=list(names), range=tints)
    legend = alt.Legend(orient="top", columns=2, labelLimit=260)
    tint = alt.Color("what:N", title=None, scale=scale, legend=legend)
    rows = alt.Chart(alt.Data(name="rows"))
    roc, noise, chance = (
        rows.transform_filter(f"datum.kind == '{kind}'") for kind in ("roc", "noise", "chance")
    )
    x = alt.X("clean:Q", title="clean pairs turned away", scale=alt.Scale(domain=[0, 1]))
    y = alt.Y("attacked:Q", title="attacked pairs turned away", scale=alt.Scale(domain=[0, 1]))
    tips = ["what:N"]
    tips += [alt.Tooltip(f"{c}:Q", format=".2f") for c in ("clean", "attacked", "auc")]
    dash = alt.StrokeDash("what:N", scale=alt.Scale(domain=list(names)), legend=None)
    layers = alt.layer(
        chance.mark_line(color=colour("chance", dark=dark), strokeDash=[2, 3]).encode(x, y),
        noise.mark_line(color=colour("null", dark=dark), strokeWidth=2).encode(x, y),
        roc.mark_line(strokeWidth=2).encode(x, y, color=tint, strokeDash=dash, tooltip=tips),
    )
    return built(layers.properties(height=340, width=420))
