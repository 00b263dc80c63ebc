"""The chart of a table of kept factors against what do() moves.

Lesson: 05_generation.
"""

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import altair as alt
import pandas as pd

from plantedu.charts.chart import Drawing, built, only
from plantedu.charts.label_places import sides
from plantedu.charts.palette import NAMES, colour, colours
from plantedu.errors import require
from plantedu.statistics.evidence import Evidence

TITLE = "pinned: share of the variance between plants"
Dot = tuple[str, str, float, float]


def grade_chart(dots: Sequence[Dot], *, grade: Evidence, p: float, dark: bool = False) -> Drawing:
    """How pinned each factor is, against how far do() of it moves the representation.

    Args:
        dots: Factor, view, effect and pinned.
        grade: Spearman's correlation over the factors; null: factors shuffled.
        p: Its p-value.
        dark: Whether the page is dark.

    Raises:
        PlantEduError: without dots.
    """
    require(bool(dots), "There is nothing to show yet.")
    at = [(math.log10(max(effect, 1e-5)), min(max(pinned, -0.2), 1)) for *_, effect, pinned in dots]
    beside = sides(at, [name for name, *_ in dots])
    rows = [
        {"kind": "factor", "factor": name, "view": NAMES[view], "effect": max(effect, 1e-5),
         "pinned": pinned, "beside": side}
        for (name, view, effect, pinned), side in zip(dots, beside, strict=True)
    ]  # fmt: skip
    low, high = grade.interval or (grade.value, grade.value)
    said = "; ".join(f"{name} moves {e:z.3f}, pinned {k:z.2f}" for name, _, e, k in dots)
    words = (
        f"Do factors that move the representation pin its samples? {said}. Spearman "
        f"{grade.value:z.2f} [{low:z.2f}, {high:z.2f}], {grade.control}: {grade.null:z.2f}, "
        f"p {p:.4f}. n = {grade.n} factors."
    )
    short = (
        f"Spearman {grade.value:z.2f} [{low:z.2f}, {high:z.2f}] between how far do() moves a "
        f"factor and how pinned it is; {grade.control}: {grade.null:z.2f}, p {p:.4f}. Above 0: "
        f"what moves the representation is what its samples share. n = {grade.n} factors. Named "
        "where there is room; every name on hover and in the table."
    )
    return Drawing(_grade_spec(dark), pd.DataFrame(rows), words, short)


@lru_cache(maxsize=2)
def _grade_spec(dark: bool) -> dict[str, Any]:
    names = [NAMES[view] for view in ("rgb", "rgn", "both")]
    title = "how far do() moves the representation"
    x = alt.X("effect:Q", title=title, scale=alt.Scale(type="log"))
    y = alt.Y("pinned:Q", title=TITLE, scale=alt.Scale(domain=[-0.2, 1]))
    paint = alt.Scale(domain=names, range=colours("rgb", "rgn", "both", dark=dark))
    seen = alt.Legend(orient="top", title="read from")
    shape = alt.Shape("view:N", scale=alt.Scale(domain=names), legend=seen, title="read from")
    color = alt.Color("view:N", scale=paint, legend=seen, title="read from")
    tips = [
        "factor:N",
        alt.Tooltip("effect:Q", format=".4f"),
        alt.Tooltip("pinned:Q", format=".2f"),
    ]
    base = only("factor")
    layers = [
        *(dashed_rule(y=alt.datum(end), dark=dark) for end in (0, 1)),
        base.mark_point(filled=True, size=60, opacity=1).encode(x, y, color, shape, tooltip=tips),
        *(
            base.transform_filter(f"datum.beside == '{side}'")
            .mark_text(align="left" if side == "right" else "right", dx=dx, fontSize=10)
            .encode(x, y, color, text="factor:N")
            for side, dx in (("right", 7), ("left", -7))
        ),
    ]
    return built(alt.layer(*layers).properties(height=440))


def dashed_rule(*, dark: bool, **where: Any) -> alt.Chart:
    """A dashed line at one end of the scale."""
    dashed = alt.Chart().mark_rule(color=colour("null", dark=dark), strokeDash=[4, 3])
    return dashed.encode(**where)
