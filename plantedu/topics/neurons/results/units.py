"""The result of `neurons units`: settings, what was found, the chart.

Lesson: 10_neurons.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from plantedu.charts.chart import Drawing
from plantedu.data.evaluation_set import FIRST_HELD_OUT
from plantedu.errors import require
from plantedu.serialization import AsJson
from plantedu.statistics.evidence import Evidence
from plantedu.topics.neurons.discretised import CONTROLS
from plantedu.topics.neurons.results.units_chart import information_map, unit_chart, used_chart

EACH = 3  # units of the map for each factor
PARTS = ("names", "level", "units", "dead", "head", "numbers")


@dataclass(frozen=True)
class Unit:
    """One unit.

    Attributes:
        number: Its place in h.
        excess: I less its mean for shuffled plants, share of H(f), by factor.
        significant: Positions of the factors beyond luck.
        participation: Effective number of factors.
        monosemanticity: MS.
        selectivity: For `use`.
        effect: R2 of the reader of `use` lost without it.
        moved: Share of the head's spread that it moves; 0 without a head.
        tops, twins: Plants by their index.
        score: How much more the tops fire than their twins, in standard deviations.
    """

    number: int
    excess: tuple[float, ...]
    significant: tuple[int, ...] = field(metadata={"was": "told"})
    participation: float
    monosemanticity: float
    selectivity: float
    effect: float
    moved: float
    tops: tuple[int, ...]
    twins: tuple[int, ...]
    score: float


@dataclass(frozen=True)
class Settings:
    """Which units are asked about what.

    Attributes:
        encoder: What ships (cross-0), file:PATH, or random:SEED.
        sensor: Whose pictures it looks at, rgb or rgn.
        factors: Columns that are asked about; none: all that the pictures can show.
        use: The factor whose reader is asked what it leans on.
        plants: n, plants that no shipped encoder was trained on.
        first: Index of the first one.
        data: Planted world.
        bins: Codes of a number.
        shuffles: Orders of the null.
        seed: Draws orders, halves and the turn.
    """

    encoder: str = "cross-0"
    sensor: str = "rgb"
    factors: tuple[str, ...] = ()
    use: str = "disease"
    plants: int = 1024
    first: int = FIRST_HELD_OUT
    data: str = "field"
    bins: int = 8
    shuffles: int = 199
    seed: int = 0

    def __post_init__(self) -> None:
        require(self.sensor in CONTROLS, f"sensor is rgb or rgn; got {self.sensor!r}.")
        require(self.plants >= 64, f"plants must be 64 or more; got {self.plants}.")


@dataclass(frozen=True)
class NeuronsResult(AsJson):
    """Units and what they say together.

    Attributes:
        settings: How it was made.
        names: Factors asked about; the last one cannot show.
        level: What luck reaches one time in a hundred, share of H(f), median over units.
        units: Those that are alive.
        dead: How many say the same of every plant.
        head: Whether the network has something above h.
        numbers: Evidence by name.
    """

    settings: Settings
    names: tuple[str, ...]
    level: tuple[float, ...]
    units: tuple[Unit, ...]
    dead: int
    head: bool
    numbers: dict[str, Evidence]

    def as_json(self) -> dict[str, Any]:
        """Plain values, four digits; `from_json` reads them back."""
        return _short(super().as_json())

    def unit(self, number: int) -> Unit:
        """A unit by its place in h.

        Raises:
            PlantEduError: for one that is dead or not there.
        """
        found = next((one for one in self.units if one.number == number), None)
        require(
            found is not None,
            f"Unit {number} says the same of every plant, or is not there: nothing to show. "
            f"{len(self.units)} of {len(self.units) + self.dead} units are alive.",
        )
        return found  # type: ignore[return-value]

    def chart(self, *, dark: bool = False) -> Drawing:
        """What the three units tell that tell most of each factor."""
        caption = self.numbers["index"].caption()
        return information_map(self.chosen(), self.names, self.level, caption, dark=dark)

    def chosen(self) -> list[Unit]:
        """The units that tell most of each factor, in the order of the factors."""
        found: dict[int, Unit] = {}
        for k in range(len(self.names)):
            for unit in sorted(self.units, key=lambda one: -one.excess[k])[:EACH]:
                if k in unit.significant:
                    found.setdefault(unit.number, unit)
        return list(found.values()) or list(self.units[:EACH])

    def unit_chart(self, number: int, *, dark: bool = False) -> Drawing:
        """One unit, factor by factor, beside luck."""
        caption = self.numbers["index"].caption()
        return unit_chart(self.unit(number), self.names, self.level, caption, dark=dark)

    def used_chart(self, *, dark: bool = False) -> Drawing:
        """Selectivity beside what is lost without the unit."""
        return used_chart(self.units, self.settings.use, self.numbers["used"], dark=dark)


def levels_apart(tops: Sequence[np.ndarray], twins: Sequence[np.ndarray]) -> float:
    """How far shown twins are from their tops: the largest difference in mean of a channel.

    A unit that is about brightness itself has no near twins; its score then says nothing of
    content.

    Args:
        tops: Pictures, each "height width channel".
        twins: The twin of each.

    Returns:
        In the pictures' units; grey levels for uint8.
    """
    return max(
        float(np.abs(top.mean((0, 1)) - twin.mean((0, 1))).max())
        for top, twin in zip(tops, twins, strict=True)
    )


def _short(value: Any) -> Any:
    """Numbers with four digits after the point."""
    if isinstance(value, float):
        return round(value, 4)
    if isinstance(value, dict):
        return {k: _short(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_short(v) for v in value]
    return value
