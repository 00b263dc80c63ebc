"""Charts of eigenvalues: the complex plane over a null's cloud, and sizes on a log axis."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from plantedu.charts.chart import Drawing, built, only
from plantedu.charts.palette import colour
from plantedu.errors import require
from plantedu.statistics.evidence import Evidence

Points = Sequence[tuple[float, float]]
LOG = alt.Axis(format="~g", tickCount=5, labelOverlap=True)
SMALLEST = 1e-6  # smaller values stand on the lower edge of a log axis


def plane_chart(
    name: str,
    values: Points,
    cloud: Points,
    null: str,
    score: Evidence,
    r2: Evidence | None,
    *,
    dark: bool = False,
) -> Drawing:
    """Eigenvalues as dots, those of the null as grey rings, the unit circle dashed.

    Args:
        name: Whose they are.
        values: Real and imaginary parts.
        cloud: Those of the null.
        null: What the null is.
        score: S.
        r2: Beside it; None where the map has none.
        dark: Whether the page is dark.

    Raises:
        PlantEduError: without eigenvalues.
    """
    require(bool(values), "There are no eigenvalues to draw yet.")
    circle = np.linspace(0, 2 * np.pi, 121)
    ring = [
        {"kind": "circle", "order": k, "re": float(np.cos(a)), "im": float(np.sin(a))}
        for k, a in enumerate(circle)
    ]
    dots = [
        {"kind": kind, "order": 0, "re": re, "im": im, "size": float(np.hypot(re, im))}
        for kind, points in (("null", cloud), ("own", values))
        for re, im in points
    ]
    low, high = score.interval or (score.value, score.value)
    beside = "" if r2 is None else f", R2 {r2.value:.2f} ({r2.control}: {r2.null:.2f})"
    said = (
        f"{name}: {len(values)} eigenvalues. S {score.value:.2f} (95 % {low:.2f} to {high:.2f}; "
        f"{score.control}: {score.null:.2f}){beside}. Grey: {null}. {score.caption()}."
    )
    return Drawing(_plane_spec(dark), pd.DataFrame([*ring, *dots]), said)


def size_chart(
    sizes: Sequence[float],
    singular: Sequence[float],
    departure: float,
    score: Evidence,
    *,
    dark: bool = False,
) -> Drawing:
    """|lambda| and singular values of one map by rank; of a normal map they are the same.

    Args:
        sizes: |lambda|, the largest first.
        singular: Singular values, the largest first.
        departure: Henrici's.
        score: S, for the caption.
        dark: Whether the page is dark.
    """
    said = (
        f"Largest |eigenvalue| {sizes[0]:.2f}, largest singular value {singular[0]:.2f}; departure "
        f"from normality {departure:.2f}. {score.caption()}."
    )
    lines = {"|eigenvalue|": sizes, "singular value": singular}
    return rank_chart(lines, {}, "size", said, dark=dark)


def rank_chart(
    lines: Mapping[str, Sequence[float]],
    nulls: Mapping[str, Sequence[float]],
    title: str,
    said: str,
    *,
    dark: bool = False,
) -> Drawing:
    """Sorted values by rank, both axes logarithmic; nulls dashed.

    Args:
        lines: Values by name, the largest first.
        nulls: The same of controls.
        title: What the values are.
        said: What the chart shows.
        dark: Whether the page is dark.

    Raises:
        PlantEduError: without lines.
    """
    require(bool(lines), "There is no spectrum to draw yet.")
    rows = [
        {"kind": kind, "name": name, "rank": k + 1, "value": max(float(v), SMALLEST)}
        for kind, group in (("own", lines), ("null", nulls))
        for name, values in group.items()
        for k, v in enumerate(values)
    ]
    names = (*lines, *nulls)
    return Drawing(_rank_spec(names, len(lines), title, dark), pd.DataFrame(rows), said)


@lru_cache(maxsize=2)
def _plane_spec(dark: bool) -> dict[str, Any]:
    ink, null = colour("rgb", dark=dark), colour("null", dark=dark)
    edge = colour("chance", dark=dark)
    x = alt.X("re:Q", title="real part", axis=alt.Axis(tickCount=5), scale=alt.Scale(nice=False))
    y = alt.Y("im:Q", title="imaginary part", axis=alt.Axis(tickCount=5))
    tips = [alt.Tooltip(f"{name}:Q", format=".3f") for name in ("re", "im", "size")]
    circle = only("circle").mark_line(color=edge, strokeDash=[4, 3], strokeWidth=1)
    # Rings above the dots: a null's eigenvalues are often small, and would be hidden below them.
    cloud = only("null").mark_point(color=null, size=24, filled=False, strokeWidth=1.2, opacity=0.8)
    own = only("own").mark_point(color=ink, size=46, filled=True, opacity=0.85)
    layers = alt.layer(
        circle.encode(x, y, order="order:Q"),
        own.encode(x, y, tooltip=tips),
        cloud.encode(x, y),
    )
    return built(layers.properties(height=400))


@lru_cache(maxsize=16)
def _rank_spec(names: tuple[str, ...], own: int, title: str, dark: bool) -> dict[str, Any]:
    things = ("rgb", "rgn", "both", "first", "third")
    tints = [colour(things[k % len(things)], dark=dark) for k in range(own)]
    tints += [colour("null", dark=dark)] * (len(names) - own)
    dashes = [
        [1, 0] if k < own else [[4, 3], [1, 2], [8, 3]][(k - own) % 3] for k in range(len(names))
    ]
    x = alt.X("rank:Q", title="rank", scale=alt.Scale(type="log", nice=False), axis=LOG)
    y = alt.Y("value:Q", title=title, scale=alt.Scale(type="log"), axis=LOG)
    legend = alt.Legend(orient="top", labelLimit=260, columns=2, symbolType="stroke")
    tint = alt.Color(
        "name:N", title=None, legend=legend, scale=alt.Scale(domain=list(names), range=tints)
    )
    dash = alt.StrokeDash("name:N", legend=None, scale=alt.Scale(domain=list(names), range=dashes))
    tips = ["name:N", "rank:Q", alt.Tooltip("value:Q", format=".3g")]
    lines = alt.Chart(alt.Data(name="rows")).mark_line(
        strokeWidth=2, point=alt.OverlayMarkDef(size=16)
    )
    return built(
        lines.encode(x, y, color=tint, strokeDash=dash, tooltip=tips).properties(height=300)
    )
