"""What `generation retrieval-scores` is asked, what it gives, and its chart.

Lesson: 05_generation.
"""

from dataclasses import dataclass, field

from plantedu.charts.chart import Drawing
from plantedu.data.renderer.factors import SENSORS
from plantedu.errors import require
from plantedu.serialization import AsJson
from plantedu.statistics.evidence import Evidence
from plantedu.topics.generation.results.conditioning import Conditioning
from plantedu.topics.generation.results.source_retrieval_chart import ladder_chart, mrr_chart


@dataclass(frozen=True)
class Score:
    """What one judge says.

    Attributes:
        judge: Name of the encoder that compares.
        mrr: Of the source; null: chance.
        mean_rank: Of the source; null: chance.
        nothing: MRR of pictures drawn from nothing.
        remembered: MRR of the nearest plant of the training set; null: chance.
        copies: Distance of samples to the nearest training plant; null: that of real held-out ones.
    """

    judge: str
    mrr: Evidence
    mean_rank: Evidence
    nothing: float
    remembered: Evidence
    copies: Evidence


@dataclass(frozen=True)
class Settings:
    """What is drawn, and how much.

    Attributes:
        encoder, layer, sensors: What the denoiser is conditioned on.
        independent: An encoder that it was never conditioned on.
        plants: Conditions.
        samples: Pictures per condition.
        steps: Steps of the sampler.
        sampler: Its name.
        single: Conditions with one picture each, for KID.
        ladder_plants: Conditions of the comparison of steps; 0 leaves it out.
        trained: Plants of the training set that are looked through; 0 is all.
        seed: Of the noise and the resamples.
    """

    encoder: str = "cross-0"
    layer: str = "h"
    sensors: tuple[str, ...] = SENSORS
    independent: str = "cross-1"
    plants: int = 48
    samples: int = 8
    steps: int = 8
    sampler: str = "euler"
    single: int = 192
    ladder_plants: int = 16
    trained: int = 0
    seed: int = 0

    def __post_init__(self) -> None:
        for name in ("plants", "single"):
            require(getattr(self, name) >= 8, f"{name} must be at least 8.")
        require(self.samples >= 1, f"samples must be 1 or more, got {self.samples}.")
        own = self.independent != self.encoder
        require(own, f"{self.encoder} cannot be its own independent judge: name another encoder.")

    @property
    def conditioning(self) -> Conditioning:
        """What the denoiser is conditioned on."""
        return Conditioning(self.encoder, self.layer, tuple(self.sensors))


@dataclass(frozen=True)
class Rung:
    """Faithfulness of one sampler at one number of steps, by the independent judge."""

    sampler: str
    steps: int
    mrr: Evidence


@dataclass(frozen=True)
class FaithfulResult(AsJson):
    """All of it.

    Attributes:
        settings: What was drawn.
        condition: Name of the condition.
        gallery: Plants among which the source is looked for.
        scores: By The conditioning encoder, and by the independent one.
        kid: Of pictures drawn from representations, and from nothing.
        ladder: Steps of the sampler against faithfulness.
    """

    settings: Settings
    condition: str = field(metadata={"was": "told"})
    gallery: int
    scores: tuple[Score, ...]
    kid: dict[str, Evidence]
    ladder: tuple[Rung, ...]

    def chart(self, *, dark: bool = False) -> Drawing:
        """MRR by either judge beside chance, nothing and the nearest training plant."""
        rows = [(s.judge, s.mrr, s.remembered, s.nothing) for s in self.scores]
        return mrr_chart(rows, gallery=self.gallery, condition=self.condition, dark=dark)

    def ladder_chart(self, *, dark: bool = False) -> Drawing:
        """MRR against the steps of the sampler."""
        rows = [(one.sampler, one.steps, one.mrr) for one in self.ladder]
        return ladder_chart(rows, gallery=self.gallery, dark=dark)
