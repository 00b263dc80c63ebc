"""The result of `attacks shortcut`: settings, what was found, the chart.

Lesson: 08_attacks.
"""

from dataclasses import dataclass

from plantedu.charts.chart import Drawing
from plantedu.charts.forest import forest_chart
from plantedu.data.evaluation_set import FIRST_HELD_OUT
from plantedu.errors import require
from plantedu.serialization import AsJson
from plantedu.statistics.evidence import Evidence

SAYS = {
    "own world": "right, in its own world",
    "mark at random": "right, mark at random",
    "do": "do(mark) changes name",
    "corner": "patch, RGN, the corner",
    "opposite": "patch, RGN, opposite",
    "rgb corner": "patch, RGB, the corner",
    "energy": "free change: in corner",
    "sensor": "free change: on RGN",
}


@dataclass(frozen=True)
class Settings:
    """How the two networks are trained and attacked.

    Attributes:
        strength: Correlation of mark and disease in the first network's world.
        train: Plants that each is trained on.
        steps: Training steps.
        plants: Fresh plants that are asked about.
        patch_255: Radius of the patch attacks, grey levels.
        radius_255: Radius of the free change, root mean square, grey levels.
        slopes: Slopes of each attack.
        seed: Start of the first networks and of the attacks.
        seeds: Pairs of networks; each has the next seed.
    """

    strength: float = 1.0
    train: int = 512
    steps: int = 120
    plants: int = 64
    patch_255: float = 96.0
    radius_255: float = 3.0
    slopes: int = 12
    seed: int = 0
    seeds: int = 1

    def __post_init__(self) -> None:
        require(0 <= self.strength <= 1, f"strength must be from 0 to 1, got {self.strength}.")
        require(
            self.train <= FIRST_HELD_OUT,
            f"train is at most {FIRST_HELD_OUT}, where the plants begin that are asked about; "
            f"got {self.train}.",
        )
        require(self.plants >= 4, f"plants must be 4 or more, got {self.plants}.")
        require(1 <= self.seeds <= 20, f"seeds must be 1 to 20, got {self.seeds}.")
        require(0 <= self.patch_255 <= 255, f"patch_255 must be 0 to 255, got {self.patch_255}.")


@dataclass(frozen=True)
class ShortcutResult(AsJson):
    """Each number of the network with the shortcut, beside its twin's."""

    settings: Settings
    area: float
    found: dict[str, Evidence]

    def chart(self, *, dark: bool = False) -> Drawing:
        """Every number with its interval, the twin's as a grey tick."""
        lines = [(SAYS[name], one) for name, one in self.found.items()]
        return forest_chart(lines, unit="share", zero=True, dark=dark)
