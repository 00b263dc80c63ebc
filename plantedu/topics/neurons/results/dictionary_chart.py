"""Charts of a dictionary: its training, what it is worth, which questions its units answer."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import altair as alt
import pandas as pd

from plantedu.charts.chart import Drawing, built, only
from plantedu.charts.palette import VALUES, colour
from plantedu.errors import require

NULLS = ("neurons", "PCA", "random dictionary", "of an untrained encoder")


def curve_chart(curve: Sequence[tuple[int, float, float]], *, dark: bool = False) -> Drawing:
    """FVU of each batch and the share of dead codes, by step.

    Raises:
        PlantEduError: before there is a step.
    """
    require(len(curve) > 0, "Not trained yet.")
    rows = [
        {"kind": "curve", "step": step, "of": name, "value": value}
        for step, fvu, dead in curve
        for name, value in (("FVU of the batch", fvu), ("dead codes", dead))
    ]
    step, fvu, dead = curve[-1]
    words = (
        f"A dictionary after {step} steps: {fvu:.3f} of the variance of a batch is not rebuilt "
        f"(1: no better than the mean), {dead:.0%} of its codes are dead."
    )
    return Drawing(_curve_spec(dark), pd.DataFrame(rows), words)


def worth_chart(rows: Sequence[Any], caption: str, *, dark: bool = False) -> Drawing:
    """FVU, loss not recovered and readability of each way to say x with k codes."""
    require(len(rows) > 0, "There is nothing to compare yet.")
    said = []
    for row in rows:
        told = (("FVU (lower is better)", row.fvu), ("loss recovered", row.recovered))
        told += (("best-unit AUROC", row.readable),)
        said += [
            {"kind": "worth", "name": row.name, "of": of, "value": max(v, 0.0), "exact": v}
            for of, v in told
            if v is not None
        ]
    words = "; ".join(
        f"{row.name}: FVU {row.fvu:.3f}, loss recovered {_share(row.recovered)}, AUROC of the best "
        f"unit {row.readable:.3f}, dead {row.dead:.0%}{_double(row.duplicates)}"
        for row in rows
    )
    names = tuple(row.name for row in rows)
    return Drawing(_worth_spec(names, dark), pd.DataFrame(said), f"{words}. {caption}.")


def auroc_chart(rows: Sequence[Any], caption: str, *, dark: bool = False) -> Drawing:
    """The best unit for each question, a dot for each way to say x."""
    require(len(rows) > 0, "There is nothing to compare yet.")
    order = sorted(rows[0].auroc, key=lambda name: -rows[0].auroc[name])
    said = [
        {"kind": "best", "name": row.name, "question": name, "auroc": row.auroc[name]}
        for row in rows
        for name in order
    ]
    words = "; ".join(
        f"{name} " + ", ".join(f"{row.name} {row.auroc[name]:.2f}" for row in rows)
        for name in order[:4]
    )
    names = tuple(row.name for row in rows)
    return Drawing(
        _auroc_spec(tuple(order), names, dark),
        pd.DataFrame(said),
        f"AUROC of the best unit for each question, chance .5; the four best: {words}. {caption}.",
    )


def _double(value: float | None) -> str:
    return "" if value is None else f", double {value:.0%}"


def _share(value: float | None) -> str:
    return "not defined (nothing is read)" if value is None else f"{value:.2f}"


def _hues(names: Sequence[str], dark: bool) -> list[str]:
    return [
        colour("null" if name == "random dictionary" else VALUES[k % len(VALUES)], dark=dark)
        for k, name in enumerate(names)
    ]


@lru_cache(maxsize=8)
def _curve_spec(dark: bool) -> dict[str, Any]:
    hues = [colour("loss", dark=dark), colour("floor", dark=dark)]
    names = ["FVU of the batch", "dead codes"]
    scale, top = alt.Scale(domain=names, range=hues), alt.Legend(orient="top", title=None)
    line = only("curve").mark_line(strokeWidth=2)
    x = alt.X("step:Q", title="step")
    y = alt.Y("value:Q", title="share", scale=alt.Scale(domain=[0, 1], clamp=True))
    color = alt.Color("of:N", scale=scale, legend=top)
    dash = alt.StrokeDash("of:N", scale=alt.Scale(domain=names, range=[[1, 0], [5, 3]]), legend=top)
    return built(alt.layer(line.encode(x, y, color, dash)).properties(height=200))


@lru_cache(maxsize=8)
def _worth_spec(names: tuple[str, ...], dark: bool) -> dict[str, Any]:
    y = alt.Y("name:N", sort=list(names), title=None, axis=alt.Axis(labelLimit=150, ticks=False))
    x = alt.X("value:Q", title="share, or AUROC", scale=alt.Scale(domain=[0, 1], clamp=True))
    kinds = ["FVU (lower is better)", "loss recovered", "best-unit AUROC"]
    hues = [colour(VALUES[k], dark=dark) for k in (1, 2, 0)]
    top = alt.Legend(orient="top", title=None, columns=1)
    color = alt.Color("of:N", scale=alt.Scale(domain=kinds, range=hues), legend=top)
    shape = alt.Shape("of:N", scale=alt.Scale(domain=kinds), legend=top)
    tips = ["name:N", "of:N", alt.Tooltip("exact:Q", format=".3f")]
    dots = only("worth").mark_point(filled=True, size=80, opacity=0.95)
    return built(
        alt.layer(dots.encode(x, y, color, shape, tooltip=tips)).properties(height=alt.Step(34))
    )


@lru_cache(maxsize=8)
def _auroc_spec(order: tuple[str, ...], names: tuple[str, ...], dark: bool) -> dict[str, Any]:
    y = alt.Y(
        "question:N",
        sort=list(order),
        title=None,
        axis=alt.Axis(labelLimit=130, labelOverlap=False),
    )
    scale = alt.Scale(domain=[0.4, 1], clamp=True)
    x = alt.X("auroc:Q", title="AUROC of the best unit", scale=scale)
    top = alt.Legend(orient="top", title=None, columns=1)
    color = alt.Color("name:N", scale=alt.Scale(domain=list(names), range=_hues(names, dark)),
                      legend=top)  # fmt: skip
    shape = alt.Shape("name:N", scale=alt.Scale(domain=list(names)), legend=top)
    tips = ["question:N", "name:N", alt.Tooltip("auroc:Q", format=".3f")]
    dots = only("best").mark_point(filled=True, size=55, opacity=0.85)
    chance = (
        alt.Chart(alt.Data(name="rows"))
        .mark_rule(strokeDash=[4, 3], color=colour("chance", dark=dark))
        .encode(alt.XDatum(0.5, scale=alt.Scale(domain=[0.4, 1], clamp=True)))
    )
    layers = [chance, dots.encode(x, y, color, shape, tooltip=tips)]
    return built(alt.layer(*layers).properties(height=40 + 16 * len(order)))
