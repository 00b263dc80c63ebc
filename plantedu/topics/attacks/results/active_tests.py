"""The result of `attacks active-tests`: settings, what was found, the chart.

Lesson: 08_attacks.
"""

from dataclasses import dataclass

from plantedu.charts.chart import Drawing
from plantedu.charts.forest import forest_chart
from plantedu.errors import require
from plantedu.serialization import AsJson
from plantedu.statistics.evidence import Evidence
from plantedu.topics.attacks.results.names import NORMS, WHERE
from plantedu.zoo.recipes import ARMS


@dataclass(frozen=True)
class Settings:
    """What is tested.

    Attributes:
        network: A network of the line-up.
        where: Choices of attacked sensors.
        norms: Norms.
        plants: Fresh plants, each with a picture planted for it.
        radius_255: Radius in grey levels.
        steps: Slopes of PGD and APGD.
        seed: Draws what is planted.
    """

    network: str = "cross-0"
    where: tuple[str, ...] = WHERE
    norms: tuple[str, ...] = ("linf", "l2")
    plants: int = 32
    radius_255: float = 8.0
    steps: int = 20
    seed: int = 0

    def __post_init__(self) -> None:
        for given, known in (((self.network,), ARMS), (self.where, WHERE), (self.norms, NORMS)):
            strange = [word for word in given if word not in known]
            require(not strange, f"Unknown: {strange}; there are {', '.join(known)}.")
        require(self.plants >= 2, f"plants must be 2 or more, got {self.plants}.")


@dataclass(frozen=True)
class ActiveResult(AsJson):
    """Share found of what was surely there, by attack, over all sensors and norms."""

    settings: Settings
    found: dict[str, Evidence]

    def chart(self, *, dark: bool = False) -> Drawing:
        """Share found by each attack, noise as a grey tick."""
        return forest_chart(list(self.found.items()), unit="share found", zero=True, dark=dark)
