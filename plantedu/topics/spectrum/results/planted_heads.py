"""What `spectrum planted-heads` is asked, what it gives, and its chart.

Lesson: 07_spectrum.
"""

from dataclasses import dataclass

import numpy as np

from plantedu.charts.chart import Drawing
from plantedu.errors import require
from plantedu.serialization import AsJson
from plantedu.statistics.evidence import Evidence
from plantedu.topics.spectrum.planted import KINDS
from plantedu.topics.spectrum.results.eigenvalues import plane_chart
from plantedu.topics.spectrum.results.plane import Points

LAYERS, NOISES = ("z", "h", "pixels"), ("own", "white")
MEASURED_ON = "cross-0"


@dataclass(frozen=True)
class Settings:
    """What is planted, and what it is read from.

    Attributes:
        kind: copy, attenuate, rotate, invert or mixed.
        size: Gain of attenuate, degrees of rotate; 0 takes .5 and 60.
        plants: Plants.
        dim: Width of the head, even; of a layer, the layer's own.
        reliability: Share of the variance of a look that is signal; of a layer, the layer's own.
        seeds: Heads and draws.
        shuffles: Shuffles of the pairs behind the null, each seed.
        layer: z, h or pixels: signal and noise have its covariances, as measured on cross-0; ""
            for a signal of power-law variance.
        noise: own: as measured, or, without a layer, of the signal's spectrum; white: the same
            variance in every direction, as much of it in all.
    """

    kind: str = "rotate"
    size: float = 0.0
    plants: int = 512
    dim: int = 32
    reliability: float = 0.7
    seeds: int = 5
    shuffles: int = 19
    layer: str = ""
    noise: str = "own"

    def __post_init__(self) -> None:
        known = ("", *LAYERS)
        require(self.layer in known, f"layer is one of {', '.join(LAYERS)}; got {self.layer!r}.")
        require(self.noise in NOISES, f"noise is one of {', '.join(NOISES)}; got {self.noise!r}.")
        require(self.kind in KINDS, f"kind is one of {', '.join(KINDS)}; got {self.kind!r}.")
        require(
            self.plants >= self.dim + 2,
            f"{self.plants} plants for {self.dim} dimensions: most eigenvalues would be 0 by "
            f"construction and the gain means nothing. Take more than {self.dim + 1} plants.",
        )
        require(1 <= self.seeds <= 50, f"seeds must be from 1 to 50, got {self.seeds}.")


@dataclass(frozen=True, kw_only=True)
class HeadsResult(AsJson):
    """One planted head, read off over several seeds.

    Attributes:
        settings: What was planted.
        score: S; truth: as planted; null: shuffled pairs.
        turn: Degrees; null: shuffled pairs, where turns are all over.
        gain: Corrected for dilution; null: shuffled pairs.
        worst: Largest error of S, turn and gain over the seeds.
        verdicts: What the instrument said, seed by seed.
        right: Share of verdicts that are right.
        closed_loop: S of the closed loop of the head, and of outputs that are pure noise.
        jacobian: Largest difference of the head's Jacobian from what was planted.
        values: Eigenvalues of the first seed.
        cloud: Some of shuffled pairs.
    """

    settings: Settings
    score: Evidence
    turn: Evidence
    gain: Evidence
    worst: dict[str, float]
    verdicts: tuple[str, ...]
    right: float
    closed_loop: dict[str, float]
    jacobian: float
    values: Points
    cloud: Points

    def chart(self, *, dark: bool = False) -> Drawing:
        """Eigenvalues of the first seed over those of shuffled pairs."""
        s = self.settings
        sure = f"{s.dim} wide, reliability {s.reliability:g}"
        where = f"as in {s.layer} of {MEASURED_ON}" if s.layer else sure
        white = ", white noise" * (s.noise == "white")
        name = f"planted: {s.kind}, {s.plants} plants, {where}{white}"
        return plane_chart(
            name, self.values, self.cloud, "shuffled pairs", self.score, None, dark=dark
        )


@dataclass(frozen=True, eq=False)
class Read:
    """One seed: what was read, its null, and the exhibit."""

    score: float
    turn: float
    gain: float
    verdict: str
    null: tuple[float, float, float]
    loop: dict[str, float]
    jacobian: float
    values: np.ndarray
    cloud: np.ndarray
