"""The result of `pairs channels`: what each pipe feeds, between the means of the two sensors.

Lesson: 01_pairs.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from plantedu.charts.chart import Drawing, built, only
from plantedu.charts.palette import NAMES, colours
from plantedu.data.renderer.worlds import world
from plantedu.errors import require
from plantedu.serialization import revived
from plantedu.statistics.evidence import Evidence

PIPES = ("published", "cross")


@dataclass(frozen=True)
class Settings:
    """Which camera did the encoder see?

    Attributes:
        world: Name of the planted world.
        world_seed: Its seed.
        plants: How many plants.
        size: Pixels a side.
        seed: Draws the windows.
    """

    world: str = "field"
    world_seed: int = 0
    plants: int = 64
    size: int = 48
    seed: int = 0

    def __post_init__(self) -> None:
        require(self.plants >= 2, f"An interval needs at least 2 plants; got {self.plants}.")
        world(self.world, self.world_seed)


@dataclass(frozen=True)
class Fed:
    """What one pipe feeds.

    Attributes:
        evidence: p of the second view; its null is p of the first.
        fed: Mean of the third band of each plant's first and second view, 0 to 255.
        means: m_1 and m_2.
    """

    pipe: str
    evidence: Evidence
    fed: tuple[tuple[float, ...], tuple[float, ...]]
    means: tuple[float, float]

    @property
    def second_sensor_seen(self) -> bool:
        """Whether the second view lies nearer to X2 than to X1."""
        return self.evidence.value > 0.5

    def chart(self, *, dark: bool = False) -> Drawing:
        """Mean fed by each view, between the means of the two sensors' pictures."""
        views = pd.DataFrame(
            {
                "kind": "fed",
                "view": np.repeat(["first view", "second view"], len(self.fed[0])),
                "fed": np.ravel(self.fed),
            }
        )
        lines = pd.DataFrame(
            {"kind": "mean", "sensor": [NAMES["rgb"], NAMES["rgn"]], "fed": self.means}
        )
        first, second = np.mean(self.fed, 1)
        words = (
            f"Mean of the third band fed by the pipe {self.pipe}: first view {first:z.0f}, "
            f"second view {second:z.0f}; "
            f"RGB pictures have {self.means[0]:z.0f} and RGN pictures {self.means[1]:z.0f} of 255."
        )
        return Drawing(_spec(dark), pd.concat([views, lines], ignore_index=True), words)


@dataclass(frozen=True)
class ChannelsResult:
    """Every pipe, fed with the same plants."""

    settings: Settings
    pipes: tuple[Fed, ...]

    def of(self, pipe: str) -> Fed:
        """One of them."""
        return next(one for one in self.pipes if one.pipe == pipe)

    def as_json(self) -> dict[str, Any]:
        """Plain values, by pipe; `from_json` reads them back."""
        found = {one.pipe: asdict(one) | one.evidence.as_json() for one in self.pipes}
        for one in found.values():
            del one["evidence"]
        return {"settings": asdict(self.settings)} | found

    @classmethod
    def from_json(cls, found: Mapping[str, Any]) -> "ChannelsResult":
        """Read a result that a run or a file holds."""
        own = ("pipe", "fed", "means")
        pipes = [
            {key: one[key] for key in own} | {"evidence": {k: one[k] for k in one if k not in own}}
            for one in (found[pipe] for pipe in PIPES)
        ]
        settings = revived(Settings, found["settings"])
        return cls(settings, tuple(revived(Fed, one) for one in pipes))


@lru_cache(maxsize=2)
def _spec(dark: bool) -> dict[str, Any]:
    names = [NAMES["rgb"], NAMES["rgn"]]
    paint = alt.Scale(domain=names, range=colours("rgb", "rgn", dark=dark))
    x = alt.X("fed:Q", title="mean of the third band, 0 to 255", scale=alt.Scale(domain=[0, 255]))
    y = alt.Y("view:N", title=None, sort=["first view", "second view"])
    (dot,) = colours("loss", dark=dark)
    ticks = only("fed").mark_tick(color=dot, opacity=0.45, size=26).encode(x, y)
    means = only("mean").mark_rule(strokeWidth=2.5)
    legend = alt.Legend(orient="top", title="mean of all pictures of")
    means = means.encode(x, alt.Color("sensor:N", scale=paint, legend=legend))
    return built(alt.layer(ticks, means).properties(height=200))
