"""What `generation sample-deviation` is asked, what it gives, and its chart.

Lesson: 05_generation.
"""

from dataclasses import dataclass

from plantedu.charts.chart import Drawing
from plantedu.charts.forest import forest_chart
from plantedu.data.renderer.factors import SENSORS
from plantedu.errors import require
from plantedu.serialization import AsJson
from plantedu.statistics.evidence import Evidence
from plantedu.topics.generation.results.conditioning import Conditioning

NOTHING = "conditioned on nothing"
UNIT = "agreement with what do() moves, Spearman's rho"


@dataclass(frozen=True)
class Settings:
    """What is drawn, and how much.

    Attributes:
        encoder, layer, sensors: What the denoiser is conditioned on.
        plants: Conditions.
        samples: Pictures per condition.
        steps: Steps of the sampler.
        sampler: Its name.
        moves: How many other plants give each factor its value.
        values: Values of each factor at which the reader's own noise is measured.
        free: Pictures drawn from nothing.
        seed: Of the noise and of the other plants.
    """

    encoder: str = "cross-0"
    layer: str = "h"
    sensors: tuple[str, ...] = SENSORS
    plants: int = 48
    samples: int = 16
    steps: int = 8
    sampler: str = "euler"
    moves: int = 4
    values: int = 16
    free: int = 192
    seed: int = 0

    def __post_init__(self) -> None:
        require(self.samples >= 2, f"A deviation needs at least 2 samples; got {self.samples}.")
        require(self.moves >= 1, f"do() needs a value; got {self.moves}.")
        for name in ("plants", "free"):
            require(getattr(self, name) >= 8, f"{name} must be at least 8.")

    @property
    def conditioning(self) -> Conditioning:
        """What the denoiser is conditioned on."""
        return Conditioning(self.encoder, self.layer, tuple(self.sensors))


@dataclass(frozen=True)
class Camera:
    """One camera's maps.

    Attributes:
        sensor: rgb or rgn.
        agreement: Spearman's rho with where do() moves the picture, mean over plants; null: with
            the map of another plant.
        nothing: The same of the deviation of a denoiser that is conditioned on nothing.
        mean: The samples' standard deviation, mean over pixels and plants, in 1/255.
        unconditioned: The same, conditioned on nothing.
    """

    sensor: str
    agreement: Evidence
    nothing: Evidence
    mean: float
    unconditioned: float


@dataclass(frozen=True)
class DeviationResult(AsJson):
    """Both cameras, and how free each factor was taken to be.

    Attributes:
        settings: What was drawn.
        condition: Its name.
        cameras: RGB, then RGN.
        free: 1 - pinned, 0 to 1, by column of every factor that the reader can read.
    """

    settings: Settings
    condition: str
    cameras: tuple[Camera, ...]
    free: dict[str, float]

    def chart(self, *, dark: bool = False) -> Drawing:
        """Agreement of each camera with its own map, beside both nulls."""
        lines = []
        for one in self.cameras:
            lines += [(one.sensor, one.agreement), (f"{one.sensor}, {NOTHING}", one.nothing)]
        return forest_chart(lines, unit=UNIT, dark=dark, names=200)
