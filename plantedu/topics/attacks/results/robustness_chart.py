"""Robust share against radius: a panel for each choice of sensors, noise of its size in grey."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import altair as alt
import pandas as pd

from plantedu.charts.chart import Drawing, built
from plantedu.charts.palette import VALUES, colour
from plantedu.errors import require
from plantedu.statistics.evidence import Evidence
from plantedu.topics.attacks.names import SAYS_WHERE

Row = tuple[str, str, float, Sequence[float], Evidence]
LEGEND = alt.Legend(orient="top", columns=3, symbolOpacity=1, symbolType="stroke", symbolSize=300)


def robust_chart(cells: Sequence[Row], *, chance: float, dark: bool = False) -> Drawing:
    """Curves with bands over plants.

    Args:
        cells: Arm, attacked sensors, radius in grey levels, share of each seed, and their mean
            beside noise.
        chance: Share of the largest class, drawn as a rule.
        dark: Whether the page is dark.

    Raises:
        PlantEduError: without cells.
    """
    require(bool(cells), "Nothing has been attacked yet.")
    rows = [row for one in cells for row in _rows(*one)]
    panels = tuple(dict.fromkeys(row["panel"] for row in rows))
    rows += [{"kind": "chance", "panel": panel, "robust": chance} for panel in panels]
    arms = tuple(dict.fromkeys(arm for arm, *_ in cells))
    n, seeds = cells[0][-1].n, max(one[-1].seeds for one in cells)
    said = "; ".join(_said(cells, arm, where) for where in _wheres(cells) for arm in arms)
    seen = f"n = {n}, up to {seeds} seeds"
    words = f"Share of plants classified correctly under attack, {seen}. {said}."
    return Drawing(_spec(arms, panels, dark), pd.DataFrame(rows), words)


def _rows(
    arm: str, where: str, radius: float, seeds: Sequence[float], evidence: Evidence
) -> list[dict[str, Any]]:
    low, high = evidence.interval or (evidence.value, evidence.value)
    told = {"arm": arm, "panel": SAYS_WHERE.get(where, where), "radius": radius}
    told |= {"robust": evidence.value, "low": low, "high": high, "noise": evidence.null}
    spread = " / ".join(f"{one:.2f}" for one in seeds)
    return [told | {"kind": "arm", "seeds": spread}, told | {"kind": "noise"}]


def _wheres(cells: Sequence[Row]) -> list[str]:
    return list(dict.fromkeys(where for _, where, *_ in cells))


def _said(cells: Sequence[Row], arm: str, where: str) -> str:
    """First, middle and last radius in words."""
    own = [one for one in cells if one[:2] == (arm, where)]
    if not own:
        return ""
    chosen = [own[0], own[len(own) // 2], own[-1]]
    told = ", ".join(f"{e.value:.2f} at {r:g} (noise {e.null:.2f})" for *_, r, _, e in chosen)
    return f"{SAYS_WHERE.get(where, where)}, {arm}: {told}"


@lru_cache(maxsize=8)
def _spec(arms: tuple[str, ...], panels: tuple[str, ...], dark: bool) -> dict[str, Any]:
    tints = [colour(name, dark=dark) for name in VALUES[: len(arms)]]
    scale = alt.Scale(domain=list(arms), range=tints)
    tint = alt.Color("arm:N", title=None, scale=scale, legend=LEGEND)
    dash = alt.StrokeDash("arm:N", title=None, scale=alt.Scale(domain=list(arms)), legend=None)
    rows = alt.Chart(alt.Data(name="rows"))
    arm, noise, chance = (
        rows.transform_filter(f"datum.kind == '{kind}'") for kind in ("arm", "noise", "chance")
    )
    x = alt.X("radius:Q", title="radius, grey levels of 255")
    y = alt.Y("robust:Q", title="classified correctly", scale=alt.Scale(domain=[0, 1]))
    tips = ["arm:N", alt.Tooltip("radius:Q"), alt.Tooltip("seeds:N", title="each seed")]
    tips += [alt.Tooltip(f"{c}:Q", format=".2f") for c in ("robust", "low", "high", "noise")]
    grey = colour("null", dark=dark)
    layers = alt.layer(
        chance.mark_rule(color=colour("chance", dark=dark), strokeDash=[2, 3]).encode(y),
        noise.mark_line(color=grey, strokeWidth=1.5).encode(
            x, alt.Y("noise:Q"), detail="arm:N", tooltip=tips
        ),
        arm.mark_area(opacity=0.15).encode(x, alt.Y("low:Q"), alt.Y2("high:Q"), color=tint),
        arm.mark_line(strokeWidth=2).encode(x, y, color=tint, strokeDash=dash),
        arm.mark_point(filled=True, size=40, opacity=1).encode(x, y, color=tint, tooltip=tips),
    ).properties(width=280, height=190)
    return built(layers.facet(facet=alt.Facet("panel:N", title=None, sort=list(panels)), columns=2))
