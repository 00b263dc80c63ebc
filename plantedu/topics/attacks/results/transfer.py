"""The result of `attacks transfer`: settings, what was found, the chart.

Lesson: 08_attacks.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from plantedu.charts.chart import Drawing, built
from plantedu.charts.palette import INK, PAGE, colour
from plantedu.errors import require
from plantedu.serialization import AsJson
from plantedu.statistics.evidence import Evidence, t_interval
from plantedu.topics.attacks.results.names import NORMS, WHERE
from plantedu.zoo.recipes import ARMS, RECIPES, recipe_of

MANY = 8  # networks; above, the chart shows their recipes


@dataclass(frozen=True)
class Settings:
    """What is attacked, and how hard.

    Attributes:
        networks: Networks RECIPE-SEED: cross, rgb_only, supervised_both, random.
        where: Attacked sensors.
        sensors: Network whose one-sensor heads are asked about each other's changes.
        plants: Fresh plants.
        radius_255: Radius in grey levels.
        norm: linf, l2 or l2_pair.
        steps: Slopes of APGD.
        seed: Draws starts and noise.
    """

    networks: tuple[str, ...] = tuple(ARMS)
    where: str = "both"
    sensors: str = "cross-0"
    plants: int = 48
    radius_255: float = 6.0
    norm: str = "linf"
    steps: int = 12
    seed: int = 0

    def __post_init__(self) -> None:
        strange = [word for word in self.networks if recipe_of(word) is None]
        require(not strange, f"Unknown: {strange}; name RECIPE-SEED of {', '.join(RECIPES)}.")
        require(len(set(self.networks)) == len(self.networks), "A network is named twice.")
        for given, known in ((self.where, WHERE), (self.norm, NORMS)):
            require(given in known, f"One of {', '.join(known)} is meant; got {given!r}.")
        require(self.plants >= 2, f"plants must be 2 or more, got {self.plants}.")


@dataclass(frozen=True)
class Pass:
    """What was made against one network, or through one sensor's head, seen by another."""

    made_on: str
    seen_by: str
    evidence: Evidence


@dataclass(frozen=True)
class Between:
    """From networks of one recipe to other networks, of another recipe or the same.

    Attributes:
        made_on, seen_by: Recipes.
        evidence: n counts the networks whose means the interval is taken over.
    """

    made_on: str
    seen_by: str
    evidence: Evidence


@dataclass(frozen=True)
class TransferResult(AsJson):
    """Between networks, between recipes, and between sensors."""

    settings: Settings
    networks: tuple[Pass, ...]
    sensors: tuple[Pass, ...]

    @property
    def recipes(self) -> tuple[Between, ...]:
        """Every recipe with two networks or more against every other, and against itself."""
        return between_recipes(self.networks)

    def of(self, made_on: str, seen_by: str) -> Evidence:
        """One of the numbers between networks."""
        found = (p for p in self.networks if (p.made_on, p.seen_by) == (made_on, seen_by))
        return next(found).evidence

    def chart(self, *, dark: bool = False) -> Drawing:
        """Share fooled, a row for the network attacked and a column for the one that is asked."""
        table = self.networks if len(self.settings.networks) <= MANY else self.recipes
        rows = [(p.made_on, p.seen_by, p.evidence) for p in table]
        return transfer_chart(rows, dark=dark, unit="plants" if table is self.networks else "seeds")


def between_recipes(passes: Sequence[Pass]) -> tuple[Between, ...]:
    """Means over networks, without any network's own diagonal."""
    grouped: dict[tuple[str, str], list[Pass]] = {}
    for one in passes:
        if one.made_on != one.seen_by:
            recipes = (str(recipe_of(one.made_on)), str(recipe_of(one.seen_by)))
            grouped.setdefault(recipes, []).append(one)
    return tuple(Between(*recipes, _over_networks(recipes, of)) for recipes, of in grouped.items())


def _over_networks(recipes: tuple[str, str], of: Sequence[Pass]) -> Evidence:
    sides = []
    for name in ("made_on", "seen_by"):
        networks = dict.fromkeys(getattr(one, name) for one in of)
        means = [
            np.mean([one.evidence.value for one in of if getattr(one, name) == network])
            for network in networks
        ]
        ends = t_interval(np.array(means))
        sides.append((ends[1] - ends[0] if ends else 0.0, len(means), ends))
    _, counted, ends = max(sides, key=lambda side: side[0])
    interval = (max(ends[0], 0.0), min(ends[1], 1.0)) if ends else None
    return Evidence(
        question=f"Which share is misnamed by {recipes[1]} in pictures made on {recipes[0]}?",
        value=float(np.mean([one.evidence.value for one in of])),
        null=float(np.mean([one.evidence.null for one in of])),
        control="random noise of the same size",
        n=counted,
        seeds=counted,
        interval=interval,
    )


def transfer_chart(
    cells: Sequence[tuple[str, str, Evidence]], *, dark: bool = False, unit: str = "plants"
) -> Drawing:
    """A square for each pair of networks, its share written in it, noise below the share.

    Args:
        cells: Network attacked, network asked, and the share fooled beside noise.
        dark: Whether the page is dark.
        unit: What n counts.

    Raises:
        PlantEduError: without cells.
    """
    require(bool(cells), "Nothing has been attacked yet.")
    rows = [
        {
            "made on": made_on,
            "seen by": seen_by,
            "fooled": e.value,
            "noise": e.null,
            "low": e.interval[0] if e.interval else None,
            "high": e.interval[1] if e.interval else None,
            "n": e.n,
            "words": f"{e.value:z.2f}",
            "beside": f"{e.null:z.2f}",
        }
        for made_on, seen_by, e in cells
    ]
    names = tuple(dict.fromkeys(name for name, *_ in cells))
    said = "; ".join(f"{a} on {b} {e.value:z.2f} (noise {e.null:z.2f})" for a, b, e in cells)
    counted = sorted({e.n for *_, e in cells})
    words = (
        f"Share fooled by pictures made on the first network and shown to the second: {said}. "
        f"n = {counted[0]} to {counted[-1]} {unit}; of the plants classified correctly when clean; "
        "null: noise."
    )
    return Drawing(_spec(names, dark), pd.DataFrame(rows), words)


@lru_cache(maxsize=4)
def _spec(names: tuple[str, ...], dark: bool) -> dict[str, Any]:
    theme = "dark" if dark else "light"
    full, ink = colour("floor", dark=dark), INK[theme]
    scale = alt.Scale(domain=[0, 1], range=[PAGE[theme], full])
    axis = alt.Axis(labelAngle=30, labelAlign="right", orient="top", domain=False, ticks=False)
    x = alt.X("seen by:N", sort=list(names), title="shown to (small: noise)", axis=axis)
    y = alt.Y("made on:N", sort=list(names), title="made on")
    tips = ["made on:N", "seen by:N", "n:Q"]
    tips += [alt.Tooltip(f"{c}:Q", format=".2f") for c in ("fooled", "low", "high", "noise")]
    base = alt.Chart(alt.Data(name="rows")).encode(x, y)
    shade = alt.condition("datum.fooled > 0.6", alt.value(PAGE[theme]), alt.value(ink))
    layers = alt.layer(
        base.mark_rect().encode(
            color=alt.Color("fooled:Q", scale=scale, legend=None), tooltip=tips
        ),
        base.mark_text(dy=-6, fontSize=11).encode(text="words:N", color=shade),
        base.mark_text(dy=9, fontSize=9).encode(text="beside:N", color=shade),
    )
    return built(layers.properties(height=46 * len(names) + 130, width=110 * len(names)))
