"""The reliability diagram: how often one is right, by how sure one said one was."""

from functools import lru_cache
from typing import Any

import altair as alt
import pandas as pd

from plantedu.charts.chart import Drawing, built, only
from plantedu.charts.palette import colour
from plantedu.statistics.brier import Reliability


def reliability_chart(found: Reliability, *, dark: bool = False) -> Drawing:
    """Share right in each bin of confidence, beside the band in which a calibrated one would lie.

    Args:
        found: The forecasts, taken apart.
        dark: Whether the page is dark.
    """
    bins = [{"kind": "bin", **vars(b), "text": f"{b.count}"} for b in found.bins]
    line = [{"kind": "line", "said": x, "right": x} for x in (0.0, 1.0)]
    base = [{"kind": "base", "right": found.base_rate}]
    said = "; ".join(f"said {b.said:z.2f}, right {b.right:z.2f} ({b.count})" for b in found.bins)
    words = (
        f"Reliability diagram of {found.n} answers: {said}. Grey bars: where 19 of 20 shares lie "
        f"if the confidences are meant. Base rate {found.base_rate:z.2f}. Null: a calibrated "
        "forecaster, on the diagonal."
    )
    return Drawing(_spec(dark), pd.DataFrame([*bins, *line, *base]), words)


@lru_cache(maxsize=2)
def _spec(dark: bool) -> dict[str, Any]:
    ink, null = colour("loss", dark=dark), colour("null", dark=dark)
    scale = alt.Scale(domain=[0, 1], nice=False)
    ticks = alt.Axis(values=[0, 0.2, 0.4, 0.6, 0.8, 1])
    x = alt.X("said:Q", title="How sure you said you were", scale=scale, axis=ticks)
    y = alt.Y("right:Q", title="Share that was right", scale=scale, axis=ticks)
    tips = [alt.Tooltip(f"{name}:Q", format=".2f") for name in ("said", "right", "low", "high")]
    tips.append(alt.Tooltip("count:Q", title="answers"))
    bins = only("bin")
    layers = [
        only("line").mark_line(color=null, strokeDash=[4, 3]).encode(x, y),
        only("base").mark_rule(color=null, strokeDash=[1, 3]).encode(y),
        bins.mark_bar(color=null, opacity=0.35, width=16).encode(
            x, alt.Y("low:Q", scale=scale), y2="high:Q"
        ),
        bins.mark_point(color=ink, filled=True, size=90, opacity=1).encode(x, y, tooltip=tips),
        bins.mark_text(color=ink, dx=12, dy=-10).encode(x, y, alt.Text("text:N")),
    ]
    return built(alt.layer(*layers).properties(height=320))
