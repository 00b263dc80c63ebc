"""Charts of attribution: mass of methods beside baselines, and maps while weights become random."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import altair as alt
import pandas as pd

from plantedu.charts.chart import Drawing, built, only
from plantedu.charts.palette import INK, VALUES, colour, colours
from plantedu.errors import require
from plantedu.statistics.evidence import Evidence

Line = tuple[str, bool, Evidence, tuple[float, ...]]


def grades_chart(lines: Sequence[Line], *, used: bool, cue: str, dark: bool = False) -> Drawing:
    """Relevance mass of every line, seeds as small ticks, the best baseline as a rule.

    Args:
        lines: What each is called, whether it is a method, its mass, and that of each seed.
        used: Whether the networks use the cue.
        cue: Whose mask.
        dark: Whether the page is dark.

    Raises:
        PlantEduError: without lines, or without a baseline among them.
    """
    require(any(not method for _, method, *_ in lines), "There is no baseline to compare with.")
    rows: list[dict[str, Any]] = []
    for name, method, e, seeds in lines:
        low, high = e.interval or (e.value, e.value)
        kind = "method" if method else "baseline"
        rows.append({"kind": kind, "what": name, "mass": e.value, "low": low, "high": high})
        rows += [{"kind": "seed", "what": name, "mass": one} for one in seeds if method]
    best = max(e.value for _, method, e, _ in lines if not method)
    rows.append({"kind": "null", "mass": best})
    values = "; ".join(f"{name} {e.value:z.3f}" for name, _, e, _ in lines)
    many = max((e.seeds for _, method, e, _ in lines if method), default=1)
    verdict = "is used" if used else "is NOT used: mass here is a false alarm"
    words = (
        f"Share of relevance in the mask of the {cue}, which {verdict}: {values}. n = "
        f"{lines[0][2].n} plants, {many} seeds; dashed: the best baseline, {best:z.3f}."
    )
    names = tuple(name for name, *_ in lines)
    return Drawing(_grades(names, dark), pd.DataFrame(rows), words)


@lru_cache(maxsize=8)
def _grades(names: tuple[str, ...], dark: bool) -> dict[str, Any]:
    axis = alt.Axis(labelLimit=160, ticks=False, domain=False)
    y = alt.Y("what:N", sort=list(names), title=None, axis=axis)
    x = alt.X("mass:Q", title="share of relevance in the mask", axis=alt.Axis(tickCount=6))
    null = colour("null", dark=dark)
    rule = only("null").mark_rule(color=null, strokeDash=[4, 3], strokeWidth=2)
    layers: list[alt.Chart] = [rule.encode(x)]
    tips = ["what:N", *(alt.Tooltip(f"{c}:Q", format=".3f") for c in ("mass", "low", "high"))]
    for kind, tint in (("baseline", null), ("method", colour("loss", dark=dark))):
        base = only(kind)
        layers += [
            base.mark_rule(color=tint, strokeWidth=2).encode(alt.X("low:Q"), y, x2="high:Q"),
            base.mark_point(color=tint, filled=kind == "method", size=70, opacity=1).encode(
                x, y, tooltip=tips
            ),
        ]
    ink = INK["dark" if dark else "light"]
    layers.append(only("seed").mark_tick(color=ink, thickness=1.5, size=9).encode(x, y))
    return built(alt.layer(*layers).properties(height=alt.Step(22)))


def cascade_chart(lines: Mapping[str, Mapping[str, float]], *, dark: bool = False) -> Drawing:
    """Likeness of each method's map to itself while weights become random from the head down.

    Args:
        lines: By method: Spearman's rho by stage.
        dark: Whether the page is dark.

    Raises:
        PlantEduError: without lines.
    """
    require(bool(lines), "No cascade has been run yet.")
    stages = ("trained", *next(iter(lines.values())))
    rows = [
        {"method": name, "stage": stage, "rho": value}
        for name, found in lines.items()
        for stage, value in {"trained": 1.0, **found}.items()
    ]
    values = "; ".join(f"{name} {list(found.values())[-1]:z.2f}" for name, found in lines.items())
    words = (
        "Spearman's rho of a map to itself, weights random from the head down; all random: "
        f"{values}. Dashed: 0, nothing in common; a map that stays high did not explain the "
        "weights."
    )
    return Drawing(_cascade(tuple(lines), stages, dark), pd.DataFrame(rows), words)


@lru_cache(maxsize=4)
def _cascade(names: tuple[str, ...], stages: tuple[str, ...], dark: bool) -> dict[str, Any]:
    data = alt.Data(name="rows")
    x = alt.X("stage:N", sort=list(stages), title="random down to", axis=alt.Axis(labelAngle=-30))
    y = alt.Y("rho:Q", title="rho with the map before", scale=alt.Scale(domain=[-0.3, 1]))
    tints = (colours(*VALUES, dark=dark) * 3)[: len(names)]
    legend = alt.Legend(
        orient="bottom",
        columns=2,
        title=None,
        symbolType="stroke",
        symbolSize=300,
        symbolStrokeWidth=2,
    )
    tint = alt.Color("method:N", scale=alt.Scale(domain=list(names), range=tints), legend=legend)
    dashes = [[1, 0]] * len(VALUES) + [[5, 3]] * len(VALUES) + [[2, 2]] * len(VALUES)
    dash = alt.StrokeDash(
        "method:N",
        scale=alt.Scale(domain=list(names), range=dashes[: len(names)]),
        legend=legend,
    )
    tips = ["method:N", "stage:N", alt.Tooltip("rho:Q", format=".2f")]
    line = (
        alt.Chart(data).mark_line(point=True, strokeWidth=2).encode(x, y, tint, dash, tooltip=tips)
    )
    zero = (
        alt.Chart(data).transform_aggregate(n="count()").transform_calculate(zero="0")
        .mark_rule(color=colour("null", dark=dark), strokeDash=[4, 3]).encode(alt.Y("zero:Q"))
    )  # fmt: skip
    return built(alt.layer(zero, line).properties(height=480))  # the legend takes its part
