"""Charts of units: what many tell, what one tells, and selective beside used."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import altair as alt
import numpy as np
import pandas as pd

from plantedu.charts.chart import Drawing, built, only
from plantedu.charts.palette import PAGE, colour
from plantedu.errors import require
from plantedu.statistics.evidence import Evidence

if TYPE_CHECKING:
    from plantedu.topics.neurons.results.units import Unit

TITLE = "share of H(f), less luck"
FACTORS = alt.Axis(labelLimit=110, ticks=False, labelOverlap=False)


def information_map(
    units: Sequence[Any],
    names: Sequence[str],
    level: Sequence[float],
    caption: str,
    *,
    dark: bool = False,
) -> Drawing:
    """Units along the top, factors down the side: how much of a factor a unit tells.

    Args:
        units: `analysis.neurons.Unit`s.
        names: Factors; the last cannot show.
        level: What luck reaches one time in a hundred, by factor.
        caption: n, seeds and null.
        dark: Whether the page is dark.

    Raises:
        PlantEduError: without units.
    """
    require(len(units) > 0, "There is no unit to show.")
    rows = [
        {
            "kind": "cell",
            "unit": str(one.number),
            "factor": name,
            "excess": max(one.excess[f], 0.0) if f in one.significant else 0.0,
            "luck": level[f],
        }
        for one in units
        for f, name in enumerate(names)
    ]
    shows = len(names) - 1  # the last cannot show
    many = [sum(f < shows for f in one.significant) for one in units]
    words = (
        f"The {len(units)} units that tell most of each factor: one tells {min(many)} to "
        f"{max(many)} of "
        f"{shows} factors beyond luck, {np.mean(many):z.1f} on average. Empty: no more than "
        f"one shuffle of the plants in a hundred. {names[-1]} cannot show in these pictures. "
        f"{caption}."
    )
    return Drawing(_map_spec(tuple(names), dark), pd.DataFrame(rows), words)


def unit_chart(
    unit: "Unit", names: Sequence[str], level: Sequence[float], caption: str, *, dark: bool = False
) -> Drawing:
    """What one unit tells of each factor, the level of luck beside it."""
    rows = [
        {
            "kind": "bar",
            "factor": name,
            "excess": max(unit.excess[f], 0.0),
            "luck": level[f],
            "beyond": "beyond luck" if f in unit.significant else "luck",
        }
        for f, name in enumerate(names)
    ]
    order = sorted(unit.significant, key=lambda f: -float(unit.excess[f]))
    beyond = [str(names[f]) for f in order]
    words = (
        f"Unit {unit.number} tells {len(beyond)} factors beyond luck"
        + (f": {', '.join(beyond)}" if beyond else "")
        + f". Spread over {unit.participation:z.1f} factors. Tick: what one shuffle in a hundred "
        f"passes. {caption}."
    )
    return Drawing(_unit_spec(tuple(names), dark), pd.DataFrame(rows), words)


def used_chart(units: Sequence[Any], use: str, found: Evidence, *, dark: bool = False) -> Drawing:
    """A dot a unit: how selective it is, and what is lost without it."""
    require(len(units) > 0, "There is no unit to show.")
    rows = [
        {
            "kind": "unit",
            "unit": str(one.number),
            "selectivity": one.selectivity,
            "effect": one.effect,
            "moved": one.moved,
        }
        for one in units
    ]
    words = (
        f"Selectivity for {use} of {len(units)} units beside the R2 that a reader of {use} loses "
        f"where the unit is held at its mean: rank correlation {found.value:z.2f} "
        f"({found.control}: {found.null:z.2f}). n = {found.n}."
    )
    return Drawing(_used_spec(use, dark), pd.DataFrame(rows), words)


@lru_cache(maxsize=16)
def _map_spec(names: tuple[str, ...], dark: bool) -> dict[str, Any]:
    page = PAGE["dark" if dark else "light"]
    ends = [page, colour("rgb", dark=dark)]
    scale = alt.Scale(type="sqrt", domain=[0, 0.5], range=ends, clamp=True)
    axis = alt.Axis(labelAngle=-90, labelFontSize=9, ticks=False, domain=False, labelOverlap=False)
    x = alt.X("unit:N", sort=None, title="unit", axis=axis)
    y = alt.Y("factor:N", sort=list(names), title=None, axis=FACTORS)
    tips = ["unit:N", "factor:N", *_numbers("excess", "luck")]
    legend = alt.Legend(title=TITLE, orient="top", format=".1f", gradientLength=160)
    layer = (
        only("cell")
        .mark_rect(stroke=colour("null", dark=dark), strokeWidth=0.2)
        .encode(x, y, color=alt.Color("excess:Q", scale=scale, legend=legend), tooltip=tips)
    )
    chart = alt.layer(layer).properties(width=alt.Step(12), height=alt.Step(15))
    return built(chart)


@lru_cache(maxsize=16)
def _unit_spec(names: tuple[str, ...], dark: bool) -> dict[str, Any]:
    y = alt.Y("factor:N", sort=list(names), title=None, axis=FACTORS)
    hues = [colour("rgb", dark=dark), colour("null", dark=dark)]
    of = alt.Color(
        "beyond:N",
        scale=alt.Scale(domain=["beyond luck", "luck"], range=hues),
        legend=alt.Legend(orient="top", title=None),
    )
    bars = only("bar")
    tips = ["factor:N", *_numbers("excess", "luck")]
    layers = [
        bars.mark_bar(height=9).encode(alt.X("excess:Q", title=TITLE), y, of, tooltip=tips),
        bars.mark_tick(thickness=2, size=14, color=colour("floor", dark=dark)).encode(
            alt.X("luck:Q", title=TITLE), y
        ),
    ]
    return built(alt.layer(*layers).properties(height=alt.Step(17)))


@lru_cache(maxsize=8)
def _used_spec(use: str, dark: bool) -> dict[str, Any]:
    x = alt.X("selectivity:Q", title=f"selectivity for {use}")
    y = alt.Y("effect:Q", title="R2 lost without the unit", scale=alt.Scale(padding=8))
    tips = ["unit:N", *_numbers("selectivity", "effect", "moved")]
    dots = only("unit").mark_point(
        filled=True, size=35, opacity=0.6, color=colour("rgb", dark=dark)
    )
    return built(alt.layer(dots.encode(x, y, tooltip=tips)).properties(height=260))


def _numbers(*names: str) -> list[alt.Tooltip]:
    return [alt.Tooltip(f"{name}:Q", format=".3f") for name in names]


def removed_chart(found: Mapping[str, Any], use: str, *, dark: bool = False) -> Drawing:
    """R2 of a reader by how many units are held at their mean: the selective first, or at random.

    Args:
        found: counts; stays and anew (selective first), lots_stays and lots_anew.
        use: What is read.
        dark: Whether the page is dark.
    """
    lines = {
        "selective first": found["stays"],
        "selective first, fitted again": found["anew"],
        "at random": found["lots_stays"],
        "at random, fitted again": found["lots_anew"],
    }
    rows = [
        {"kind": "left", "of": name, "count": count, "r2": r2}
        for name, values in lines.items()
        for count, r2 in zip(found["counts"], values, strict=True)
    ]
    half = found["counts"].index(256) if 256 in found["counts"] else len(found["counts"]) // 2
    words = (
        f"R2 of a reader of {use} without units, at {found['counts'][half]} gone: "
        + "; ".join(f"{name} {values[half]:z.2f}" for name, values in lines.items())
        + f". All units: {found['stays'][0]:z.2f}. n = {found['n']}, 1 seed; null: the same number "
        f"of units at random, mean of {found['orders at random']} orders."
    )
    return Drawing(_removed_spec(dark), pd.DataFrame(rows), words)


@lru_cache(maxsize=4)
def _removed_spec(dark: bool) -> dict[str, Any]:
    names = ["selective first", "selective first, fitted again"]
    names += ["at random", "at random, fitted again"]
    hues = [colour(one, dark=dark) for one in ("rgn", "rgb", "null", "chance")]
    scale, top = (
        alt.Scale(domain=names, range=hues),
        alt.Legend(orient="top", title=None, columns=2),
    )
    dashes = alt.Scale(domain=names, range=[[1, 0], [6, 3], [1, 0], [6, 3]])
    tips = ["of:N", "count:Q", alt.Tooltip("r2:Q", format=".3f")]
    x = alt.X("count:Q", title="units held at their mean")
    y = alt.Y(
        "r2:Q",
        title="R2 on unseen plants",
        scale=alt.Scale(domain=[-0.1, 1], clamp=True, nice=False),
    )
    color, dash = (
        alt.Color("of:N", scale=scale, legend=top),
        alt.StrokeDash("of:N", scale=dashes, legend=top),
    )
    lines = only("left").mark_line(point=True, strokeWidth=2)
    return built(alt.layer(lines.encode(x, y, color, dash, tooltip=tips)).properties(height=300))


def groups_chart(found: Mapping[str, Any], kind: str = "", *, dark: bool = False) -> Drawing:
    """Groups of units by their selectivity: how far the network's own head moves without them.

    Args:
        found: `10_used.json`: encoders with selectivity, moved and at_random, and means by kind.
        kind: Of which encoders; none for all.
        dark: Whether the page is dark.

    Raises:
        PlantEduError: where there is no encoder of that kind.
    """
    kept = {k: v for k, v in found["encoders"].items() if kind in ("", v["kind"])}
    require(len(kept) > 0, f"No encoder of the kind {kind!r} was asked.")
    rows = [
        {
            "kind": "group",
            "encoder": name,
            "of": HEADED[one["kind"]],
            "selectivity": selective,
            "moved": max(moved, 1e-6),
            "lot": one["at_random"],
        }
        for name, one in kept.items()
        for selective, moved in zip(one["selectivity"], one["moved"], strict=True)
    ]
    kinds = list(dict.fromkeys(one["kind"] for one in kept.values()))
    said = "; ".join(
        f"{HEADED[k]} {found['means'][k]['by_groups']['value']:z.2f} (reliability "
        f"{found['means'][k]['by_groups']['reliability']:z.2f})"
        for k in kinds
    )
    one = found["means"][kinds[0]]["by_groups"]
    words = (
        "Groups of equally many units, by their selectivity for disease, beside the share of the "
        "spread of the network's own head that moves where the group is held at its mean: rank "
        f"correlation {said}; {one['control']} {one['null']:z.2f}. n = {one['n']}, {one['seeds']} "
        "seeds."
    )
    return Drawing(_groups_spec(dark), pd.DataFrame(rows), words)


HEADED = {"cross": "X1 with X2", "rgb_only": "two crops of X1", "supervised": "labels"}


@lru_cache(maxsize=4)
def _groups_spec(dark: bool) -> dict[str, Any]:
    x = alt.X("selectivity:Q", title="selectivity for disease, mean of the group")
    scale = alt.Scale(type="log")
    y = alt.Y("moved:Q", title="share of the head's spread", scale=scale)
    hues = [colour(one, dark=dark) for one in ("both", "rgb", "rgn")]
    domain = alt.Scale(domain=list(HEADED.values()), range=hues)
    top = alt.Legend(orient="top", title=None)
    color = alt.Color("of:N", scale=domain, legend=top)
    shape = alt.Shape("of:N", scale=alt.Scale(domain=list(HEADED.values())), legend=top)
    tips = ["encoder:N", *_numbers("selectivity", "moved", "lot")]
    dots = only("group").mark_point(filled=True, size=40, opacity=0.7)
    return built(alt.layer(dots.encode(x, y, color, shape, tooltip=tips)).properties(height=280))
