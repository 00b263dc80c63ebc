"""What is asked of a comparison: which representations, which measure, how many plants.

Lesson: 06_similarity.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from plantedu.data.evaluation_set import FIRST_HELD_OUT
from plantedu.errors import require
from plantedu.serialization import with_tuples
from plantedu.topics.similarity.comparisons import Comparison, Sensor, comparison, of_two


@dataclass(frozen=True)
class Settings:
    """What is compared and how.

    Attributes:
        comparison: One of those that the lesson shows; "own" takes `encoders`, `layers`, `sensors`.
        measure: Name of a measure.
        encoders: One or two encoders: cross-0 (what ships), file:PATH, run:ID@last, random:SEED.
        layers: Their layers.
        sensors: One sensor, or one for each side: rgb, rgn, both.
        plants: n, held-out plants.
        data: Planted world that they are from.
        world_seed: Its seed.
        first: Index of the first plant; behind all that the encoders were trained on.
        shuffles: Orders of the null.
        halves: Half-samples of the interval.
        seed: Draws orders and halves.
    """

    comparison: str = "seeds"
    measure: str = "cka"
    encoders: tuple[str, ...] = ()
    layers: tuple[str, ...] = ("h",)
    sensors: tuple[Sensor, ...] = ("rgb",)
    plants: int = 512
    data: str = "field"
    world_seed: int = 0
    first: int = FIRST_HELD_OUT
    shuffles: int = 199
    halves: int = 100
    seed: int = 0

    def chosen(self) -> Comparison:
        """The comparison that the settings name.

        Raises:
            PlantEduError: for a name that is not there.
        """
        if self.encoders:
            return of_two(self.encoders, self.layers, self.sensors)
        return comparison(self.comparison)

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "Settings":
        """Read what a page's request or a result holds.

        Raises:
            PlantEduError: for a setting that does not exist.
        """
        known = {field.name for field in fields(cls)}
        strange = sorted(set(values) - known)
        require(not strange, f"A comparison has no setting {strange}; it has {sorted(known)}.")
        return cls(**with_tuples(values))
