"""The result of `attacks robustness`: settings, what was found, the chart.

Lesson: 08_attacks.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import altair as alt
import pandas as pd

from plantedu.charts.chart import Drawing, built
from plantedu.charts.palette import VALUES, colour
from plantedu.errors import require
from plantedu.serialization import AsJson
from plantedu.statistics.evidence import Evidence
from plantedu.topics.attacks.results.names import RADII_255, SAYS_WHERE, WHERE
from plantedu.zoo.recipes import ARMS

RobustnessLine = tuple[str, str, float, Sequence[float], Evidence]
LEGEND = alt.Legend(orient="top", columns=3, symbolOpacity=1, symbolType="stroke", symbolSize=300)


@dataclass(frozen=True)
class Settings:
    """What is attacked, and how hard.

    Attributes:
        networks: Networks of the line-up.
        where: Attacked sensors: rgb, rgn, both (each by itself), shared (one change for both).
        late: Whether the late fusion of each SwAV cross network is attacked too.
        plants: Fresh plants.
        radii_255: Radii in grey levels, rising.
        norm: linf, l2 or l2_pair.
        steps: Slopes of APGD at each radius.
        ring: Plants on which the alarms of each arm are counted; 0 for none.
        seed: Draws starts and noise.
    """

    networks: tuple[str, ...] = tuple(ARMS)
    where: tuple[str, ...] = WHERE
    late: bool = True
    plants: int = 64
    radii_255: tuple[float, ...] = RADII_255
    norm: str = "linf"
    steps: int = 12
    ring: int = 16
    seed: int = 0

    def __post_init__(self) -> None:
        for given, known in ((self.networks, ARMS), (self.where, WHERE)):
            strange = [word for word in given if word not in known]
            require(not strange, f"Unknown: {strange}; there are {', '.join(known)}.")
        require(self.plants >= 2, f"plants must be 2 or more, got {self.plants}.")
        require(self.steps >= 2, f"steps must be 2 or more, got {self.steps}.")


@dataclass(frozen=True)
class Cell:
    """One arm, one choice of sensors, one radius.

    Attributes:
        seeds: Robust share of each network of the arm.
        evidence: Their mean; the interval is over plants, the null is noise of the same size.
    """

    arm: str
    where: str
    radius_255: float
    seeds: tuple[float, ...]
    evidence: Evidence


@dataclass(frozen=True)
class Half:
    """Radius in grey levels that breaks half of what an arm gets right; None: none did."""

    arm: str
    where: str
    radius_255: float | None


@dataclass(frozen=True)
class Rung:
    """An alarm of one arm, rung or not."""

    arm: str
    name: str
    rings: bool
    says: str


@dataclass(frozen=True)
class RobustnessResult(AsJson):
    """The whole report."""

    settings: Settings
    chance: float
    cells: tuple[Cell, ...]
    halves: tuple[Half, ...]
    alarms: tuple[Rung, ...]

    def of(self, arm: str, where: str, radius_255: float) -> Cell:
        """One of the cells; radius 0 is clean."""
        key = (arm, where, radius_255)
        return next(c for c in self.cells if (c.arm, c.where, c.radius_255) == key)

    @property
    def arms(self) -> tuple[str, ...]:
        """Arms in their order."""
        return tuple(dict.fromkeys(cell.arm for cell in self.cells))

    def chart(self, *, dark: bool = False) -> Drawing:
        """Robust share against radius, a panel for each choice of sensors; noise in grey."""
        rows = [(c.arm, c.where, c.radius_255, c.seeds, c.evidence) for c in self.cells]
        return robust_chart(rows, chance=self.chance, dark=dark)


def robust_chart(cells: Sequence[RobustnessLine], *, chance: float, dark: bool = False) -> Drawing:
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
    row = {"arm": arm, "panel": SAYS_WHERE.get(where, where), "radius": radius}
    row |= {"robust": evidence.value, "low": low, "high": high, "noise": evidence.null}
    spread = " / ".join(f"{one:z.2f}" for one in seeds)
    return [row | {"kind": "arm", "seeds": spread}, row | {"kind": "noise"}]


def _wheres(cells: Sequence[RobustnessLine]) -> list[str]:
    return list(dict.fromkeys(where for _, where, *_ in cells))


def _said(cells: Sequence[RobustnessLine], arm: str, where: str) -> str:
    """First, middle and last radius in words."""
    own = [one for one in cells if one[:2] == (arm, where)]
    if not own:
        return ""
    chosen = [own[0], own[len(own) // 2], own[-1]]
    shares = ", ".join(f"{e.value:z.2f} at {r:g} (noise {e.null:z.2f})" for *_, r, _, e in chosen)
    return f"{SAYS_WHERE.get(where, where)}, {arm}: {shares}"


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
