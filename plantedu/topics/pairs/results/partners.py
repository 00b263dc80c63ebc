"""The result of `pairs partners`: how often each ruler finds the partner, and its chart.

Lesson: 01_pairs.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any

import altair as alt
import pandas as pd

from plantedu.charts.chart import Drawing, built, only
from plantedu.charts.palette import colour
from plantedu.data.renderer.worlds import world
from plantedu.errors import require
from plantedu.serialization import revived
from plantedu.statistics.evidence import Evidence

RULERS = ("brightness", "shape")
WORLDS = ("field", "shared_light")


@dataclass(frozen=True)
class Settings:
    """Do the two pictures belong together, and what gives the partner away?

    Attributes:
        worlds: Names of planted worlds.
        plants: How many partners to choose from; as many others fit the linear map.
        size: Pixels a side.
        seed: Draws the shuffled bands.
    """

    worlds: tuple[str, ...] = WORLDS
    plants: int = 64
    size: int = 48
    seed: int = 0

    def __post_init__(self) -> None:
        enough = self.plants >= 8
        require(enough, f"A choice among fewer than 8 partners says little; got {self.plants}.")
        require(bool(self.worlds), "Name at least one world.")
        for name in self.worlds:
            world(name)


@dataclass(frozen=True)
class Match:
    """How often one ruler finds the partner in one world; the null has its bands shuffled."""

    world: str
    ruler: str
    evidence: Evidence


@dataclass(frozen=True)
class PartnersResult:
    """Both rulers in every world asked for."""

    settings: Settings
    matches: tuple[Match, ...]

    def of(self, world: str, ruler: str) -> Evidence:
        """One of the numbers."""
        return next(m.evidence for m in self.matches if (m.world, m.ruler) == (world, ruler))

    @property
    def chance(self) -> float:
        """Expected score of partners assigned at random, 1/n."""
        return 1 / self.matches[0].evidence.n

    def as_json(self) -> dict[str, Any]:
        """Plain values, by world and ruler; `from_json` reads them back."""
        found: dict[str, Any] = {"settings": asdict(self.settings), "chance": self.chance}
        for match in self.matches:
            found.setdefault(match.world, {})[match.ruler] = match.evidence.as_json()
        return found

    @classmethod
    def from_json(cls, found: Mapping[str, Any]) -> "PartnersResult":
        """Read a result that a run or a file holds."""
        settings = revived(Settings, found["settings"])
        return cls(
            settings,
            tuple(
                Match(world, ruler, revived(Evidence, found[world][ruler]))
                for world in settings.worlds
                for ruler in RULERS
            ),
        )

    def table(self) -> pd.DataFrame:
        """One row a world and ruler, for reading."""
        return pd.DataFrame([_row(match, self.chance) for match in self.matches])

    def chart(self, *, dark: bool = False) -> Drawing:
        """Share of partners found, with bands shuffled as a grey mark and chance as a line."""
        said = "; ".join(
            f"{m.ruler} in {m.world}: {m.evidence.value:.2f} (bands shuffled {m.evidence.null:.2f})"
            for m in self.matches
        )
        rows = pd.concat(
            [
                self.table().assign(kind="match"),
                pd.DataFrame([{"kind": "chance", "chance": self.chance}]),
            ],
            ignore_index=True,
        )
        words = f"Share of partners found at the first guess; chance {self.chance:z.3f}. {said}."
        return Drawing(_spec(dark), rows, words)


def _row(match: Match, chance: float) -> dict[str, Any]:
    evidence = match.evidence
    low, high = evidence.interval or (evidence.value, evidence.value)
    return {
        "world": match.world,
        "ruler": match.ruler,
        "found": evidence.value,
        "low": low,
        "high": high,
        "null": evidence.null,
        "chance": chance,
        "n": evidence.n,
    }


@lru_cache(maxsize=2)
def _spec(dark: bool) -> dict[str, Any]:
    y = alt.Y("label:N", title=None, sort=None, axis=alt.Axis(labelLimit=220))
    axis = alt.Axis(tickCount=6)
    x = alt.X("found:Q", title="share of partners found", scale=alt.Scale(domain=[0, 1]), axis=axis)
    match = only("match").transform_calculate(label="datum.ruler + ', ' + datum.world")
    paint = {which: colour(which, dark=dark) for which in ("loss", "null", "chance")}
    tooltip = ["label:N", *(alt.Tooltip(f"{c}:Q", format=".3f") for c in ("found", "null"))]
    dots = match.mark_point(filled=True, size=80, opacity=1, color=paint["loss"])
    ranges = match.mark_rule(color=paint["loss"], strokeWidth=1.5)
    nulls = match.mark_tick(color=paint["null"], thickness=3, size=16)
    line = only("chance").mark_rule(color=paint["chance"], strokeDash=[2, 3])
    layers = (
        line.encode(alt.X("chance:Q")),
        ranges.encode(alt.X("low:Q"), alt.X2("high:Q"), y),
        nulls.encode(alt.X("null:Q"), y, tooltip=tooltip),
        dots.encode(x, y, tooltip=tooltip),
    )
    return built(alt.layer(*layers).properties(height=230))
