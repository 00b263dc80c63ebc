"""Charts of faithfulness: MRR by either judge beside its nulls, and MRR against steps."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import altair as alt
import pandas as pd

from plantedu.charts.chart import Drawing, built, only
from plantedu.charts.palette import VALUES, colour, colours
from plantedu.errors import require
from plantedu.statistics.evidence import Evidence

DRAWN, REMEMBERED, NOTHING = "drawn from it", "nearest training plant", "drawn from nothing"

Line = tuple[str, Evidence, Evidence, float]
Rung = tuple[str, int, Evidence]
BESIDE = 1.05  # samplers of as many steps stand beside each other, not on one another


def mrr_chart(
    lines: Sequence[Line], *, gallery: int, condition: str, dark: bool = False
) -> Drawing:
    """MRR of samples, of remembered plants and of pictures from nothing, one row a judge.

    Args:
        lines: Judge, MRR of samples, of the nearest training plants, of pictures from nothing.
        gallery: Plants among which the source is looked for.
        condition: What the denoiser is conditioned on.
        dark: Whether the page is dark.

    Raises:
        PlantEduError: without lines.
    """
    require(bool(lines), "There is nothing to show yet.")
    rows = []
    for judge, mrr, remembered, nothing in lines:
        rows += [_row(judge, DRAWN, mrr), _row(judge, REMEMBERED, remembered)]
        rows.append(_at(judge, NOTHING, nothing, nothing, nothing))
    rows.append({"kind": "chance", "mrr": lines[0][1].null})
    said = "; ".join(
        f"by {judge} {mrr.value:.3f} (nearest training plant {kept.value:.3f}, nothing {lost:.4f})"
        for judge, mrr, kept, lost in lines
    )
    words = (
        f"MRR of the source among {gallery} plants, conditioned on {condition}: {said}. Chance "
        f"{lines[0][1].null:z.4f}. {lines[0][1].caption()}."
    )
    return Drawing(_mrr_spec(dark), pd.DataFrame(rows), words)


def ladder_chart(rungs: Sequence[Rung], *, gallery: int, dark: bool = False) -> Drawing:
    """MRR against the steps of each sampler, chance as a dashed line.

    Args:
        rungs: Sampler, steps and MRR.
        gallery: Plants among which the source is looked for.
        dark: Whether the page is dark.

    Raises:
        PlantEduError: without rungs.
    """
    require(bool(rungs), "There is nothing to show yet.")
    names = tuple(dict.fromkeys(name for name, *_ in rungs))
    rows = [
        {"kind": "rung", "sampler": name, "steps": steps, "mrr": one.value,
         "beside": steps * BESIDE ** names.index(name),
         "low": (one.interval or (one.value,))[0], "high": (one.interval or (one.value,))[-1]}
        for name, steps, one in rungs
    ]  # fmt: skip
    rows.append({"kind": "chance", "mrr": rungs[0][2].null})
    said = "; ".join(f"{name} {steps} steps {one.value:z.3f}" for name, steps, one in rungs)
    words = (
        f"MRR of the source among {gallery} plants against steps: {said}. Chance "
        f"{rungs[0][2].null:z.4f}. {rungs[0][2].caption()}. Samplers of as many steps stand "
        "beside each other."
    )
    return Drawing(_ladder_spec(names, dark), pd.DataFrame(rows), words)


def _row(judge: str, of: str, one: Evidence) -> dict[str, Any]:
    low, high = one.interval or (one.value, one.value)
    return _at(judge, of, one.value, max(low, 1e-4), high)


def _at(judge: str, of: str, mrr: float, low: float, high: float) -> dict[str, Any]:
    return {"kind": "mrr", "judge": judge, "of": of, "mrr": mrr, "low": low, "high": high}


@lru_cache(maxsize=2)
def _mrr_spec(dark: bool) -> dict[str, Any]:
    names = [DRAWN, REMEMBERED, NOTHING]
    paint = alt.Scale(domain=names, range=colours("both", "third", "null", dark=dark))
    top = alt.Legend(orient="top", title=None)
    color = alt.Color("of:N", scale=paint, legend=top)
    shape = alt.Shape("of:N", scale=alt.Scale(domain=names), legend=top)
    scale = alt.Scale(type="log", nice=True)
    x = alt.X("mrr:Q", title="mean reciprocal rank of the source", scale=scale)
    y = alt.Y("judge:N", title="judged by", sort=None, axis=alt.Axis(labelLimit=150))
    side = alt.YOffset("of:N", sort=names)
    tips = ["judge:N", "of:N", alt.Tooltip("mrr:Q", format=".4f")]
    bars = only("mrr").mark_rule(strokeWidth=2)
    dots = only("mrr").mark_point(filled=True, size=80, opacity=1)
    layers = [
        _chance(dark).encode(alt.X("mrr:Q", scale=scale)),
        bars.encode(alt.X("low:Q", scale=scale), y, side, color, x2="high:Q"),
        dots.encode(x, y, side, color, shape, tooltip=tips),
    ]
    return built(alt.layer(*layers).properties(height=260))


@lru_cache(maxsize=8)
def _ladder_spec(names: tuple[str, ...], dark: bool) -> dict[str, Any]:
    paint = alt.Scale(domain=list(names), range=colours(*VALUES[: len(names)], dark=dark))
    top = alt.Legend(orient="top", title=None)
    color, shape = (
        alt.Color("sampler:N", scale=paint, legend=top),
        alt.Shape("sampler:N", scale=alt.Scale(domain=list(names)), legend=top),
    )
    x = alt.X("beside:Q", title="steps of the sampler", scale=alt.Scale(type="log", nice=False))
    y = alt.Y("mrr:Q", title="mean reciprocal rank of the source", scale=alt.Scale(zero=True))
    tips = ["sampler:N", "steps:Q", alt.Tooltip("mrr:Q", format=".3f")]
    base = only("rung")
    layers = [
        _chance(dark).encode(alt.Y("mrr:Q")),
        base.mark_line(strokeWidth=1.5).encode(x, y, color),
        base.mark_rule(strokeWidth=2).encode(x, alt.Y("low:Q"), color, y2="high:Q"),
        base.mark_point(filled=True, size=80, opacity=1).encode(x, y, color, shape, tooltip=tips),
    ]
    return built(alt.layer(*layers).properties(height=260))


def _chance(dark: bool) -> alt.Chart:
    return only("chance").mark_rule(color=colour("chance", dark=dark), strokeDash=[4, 3])
