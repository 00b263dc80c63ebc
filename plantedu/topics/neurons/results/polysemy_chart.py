"""A chart of kinds of encoder: a dot a seed, the mean of a kind with its interval, its null."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import altair as alt
import pandas as pd

from plantedu.charts.chart import Drawing, built, only
from plantedu.charts.palette import colour
from plantedu.errors import require
from plantedu.statistics.evidence import Evidence


def kinds_chart(
    dots: Sequence[tuple[str, str, Evidence]],
    means: Mapping[str, Evidence],
    *,
    dark: bool = False,
) -> Drawing:
    """One number of every encoder, by kind.

    Args:
        dots: Kind, encoder, its number.
        means: By kind: mean over seeds with its interval; the null is a tick.
        dark: Whether the page is dark.

    Raises:
        PlantEduError: without encoders.
    """
    require(len(dots) > 0, "There is no encoder to show.")
    rows = [
        {"kind": "seed", "of": kind, "encoder": name, "value": one.value, "null": one.null}
        for kind, name, one in dots
    ]
    for kind, one in means.items():
        low, high = one.interval or (one.value, one.value)
        rows.append(
            {"kind": "mean", "of": kind, "value": one.value, "low": low, "high": high,
             "null": one.null}
        )  # fmt: skip
    first = next(iter(means.values()))
    said = "; ".join(
        f"{kind} {one.value:.3f}"
        + (f" [{one.interval[0]:.3f}, {one.interval[1]:.3f}]" if one.interval else "")
        + f", null {one.null:.3f}, {one.seeds} seed{'s' if one.seeds > 1 else ''}"
        for kind, one in means.items()
    )
    words = (
        f"{first.question} {said}. Dots: seeds; bars: mean with 95 % over seeds; grey ticks: "
        f"{first.control}. n = {first.n} plants."
    )
    return Drawing(_spec(tuple(means), first.question, dark), pd.DataFrame(rows), words)


@lru_cache(maxsize=32)
def _spec(kinds: tuple[str, ...], question: str, dark: bool) -> dict[str, Any]:
    axis = alt.Axis(labelLimit=120, ticks=False, domain=False)
    y = alt.Y("of:N", sort=list(kinds), title=None, axis=axis)
    x = alt.X("value:Q", title=question, scale=alt.Scale(zero=False, nice=True, padding=12))
    seen, null = colour("rgb", dark=dark), colour("null", dark=dark)
    tips = ["of:N", "encoder:N", *(alt.Tooltip(f"{n}:Q", format=".3f") for n in ("value", "null"))]
    mean = only("mean")
    layers = [
        mean.mark_tick(thickness=3, size=22, color=null).encode(alt.X("null:Q", title=question), y),
        mean.mark_rule(strokeWidth=2.5, color=seen).encode(alt.X("low:Q"), y, x2="high:Q"),
        mean.mark_tick(thickness=3, size=16, color=seen).encode(x, y),
        only("seed")
        .mark_point(filled=True, size=60, opacity=0.8, color=colour("rgn", dark=dark))
        .encode(x, y, tooltip=tips),
    ]
    return built(alt.layer(*layers).properties(height=alt.Step(38)))
