"""What `generation matching` is asked, what it gives, and its chart.

Lesson: 05_generation.
"""

from dataclasses import dataclass

from plantedu.charts.chart import Drawing
from plantedu.charts.paired_differences import difference_chart
from plantedu.errors import require
from plantedu.serialization import AsJson
from plantedu.statistics.evidence import Evidence
from plantedu.statistics.paired_differences import Difference


@dataclass(frozen=True)
class Settings:
    """What is drawn, and how much.

    Attributes:
        encoder, layer: What the denoiser is conditioned on.
        independent: An encoder that it was never conditioned on; judges both halves.
        plants: Sources of X1.
        samples: Pictures per condition.
        steps: Steps of the sampler.
        sampler: Its name.
        seed: Of the noise, the partners and the tests.
    """

    encoder: str = "cross-0"
    layer: str = "h"
    independent: str = "cross-1"
    plants: int = 48
    samples: int = 8
    steps: int = 8
    sampler: str = "euler"
    seed: int = 0

    def __post_init__(self) -> None:
        require(self.plants >= 8, f"plants must be at least 8, got {self.plants}.")
        require(self.samples >= 2, f"A variance needs 2 samples; got {self.samples}.")


@dataclass(frozen=True)
class Following:
    """Whose disease the samples of a condition show.

    Attributes:
        kind: The condition.
        first: Share with the disease of X1's plant; null: its share among plants.
        second: Share with the disease of X2's plant.
    """

    kind: str
    first: Evidence
    second: float


@dataclass(frozen=True)
class MatchingResult(AsJson):
    """All conditions, and how each differs from matching pairs.

    Attributes:
        settings: What was drawn.
        values: By measure and condition; null of an MRR is chance, of a variance the matching one.
        differences: Condition minus matching, by measure.
        following: Whose disease samples show.
    """

    settings: Settings
    values: dict[str, dict[str, Evidence]]
    differences: tuple[Difference, ...]
    following: tuple[Following, ...]

    def of(self, name: str) -> Difference:
        """One of the differences, such as "variance, other disease"."""
        return next(one for one in self.differences if one.name == name)

    def chart(self, *, dark: bool = False) -> Drawing:
        """Every difference from matching pairs, with its interval."""
        named = [(one.name.partition(", "), one) for one in self.differences]
        rows = [(name[0], name[2], one) for name, one in named]
        return difference_chart(rows, against="matching pairs", dark=dark)
