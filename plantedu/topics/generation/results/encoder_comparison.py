"""What `generation encoder-comparison` is asked, what it gives, and its chart.

Lesson: 05_generation.
"""

from dataclasses import dataclass

from plantedu.charts.chart import Drawing
from plantedu.charts.paired_differences import difference_chart
from plantedu.errors import require
from plantedu.serialization import AsJson
from plantedu.statistics.paired_differences import Difference
from plantedu.topics.generation.results.conditioning import Conditioning


@dataclass(frozen=True)
class Settings:
    """What is drawn, and how much.

    Attributes:
        one, other: The encoders.
        layer: Of the first one.
        other_layer: Of the second one; the same by default.
        sensors: Whose pictures they are conditioned on.
        independent: An encoder that is neither of them.
        plants: Conditions.
        samples: Pictures per condition.
        values: Values of each factor at which the reader's own noise is measured.
        steps: Steps of the sampler.
        sampler: Its name.
        seed: Of the noise and the tests.
    """

    one: str = "cross-0"
    other: str = "supervised_rgb-0"
    layer: str = "h"
    other_layer: str = ""
    sensors: tuple[str, ...] = ("rgb",)
    independent: str = "cross-1"
    plants: int = 48
    samples: int = 8
    values: int = 16
    steps: int = 8
    sampler: str = "euler"
    seed: int = 0

    def __post_init__(self) -> None:
        require(self.plants >= 8, f"plants must be at least 8, got {self.plants}.")
        require(self.samples >= 2, f"A spread needs 2 samples; got {self.samples}.")
        differ = self.conditionings[0] != self.conditionings[1]
        require(
            differ, f"{self.conditionings[0].name} is compared with itself; name two that differ."
        )
        judge = self.independent not in (self.one, self.other)
        require(judge, f"{self.independent} is one of the two and no independent judge.")

    @property
    def conditionings(self) -> tuple[Conditioning, Conditioning]:
        """What the denoiser is conditioned on, by either."""
        sensors = tuple(self.sensors)
        second = Conditioning(self.other, self.other_layer or self.layer, sensors)
        return Conditioning(self.one, self.layer, sensors), second


@dataclass(frozen=True)
class EncoderComparisonResult(AsJson):
    """What differs between two encoders.

    Attributes:
        settings: What was drawn.
        names: Of the two conditions.
        factors: Difference of how narrow the samples are in each factor that can be read.
        whole: Difference of the samples' variance, and of the source's MRR.
        unread: Factors that the reader cannot read.
    """

    settings: Settings
    names: tuple[str, str]
    factors: tuple[Difference, ...]
    whole: tuple[Difference, ...]
    unread: tuple[str, ...]

    def of(self, name: str) -> Difference:
        """One of the differences: a factor's, "variance" or "mrr"."""
        return next(one for one in (*self.factors, *self.whole) if one.name == name)

    def chart(self, *, dark: bool = False) -> Drawing:
        """Every difference with its interval, the most different factors first."""
        rows = [("how narrow", one.name, one) for one in self.factors]
        rows += [(one.name, "all", one) for one in self.whole]
        return difference_chart(rows, against=self.names[1], dark=dark)
