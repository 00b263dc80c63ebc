"""What `spectrum prototypes` is asked, what it gives, and its chart.

Lesson: 07_spectrum.
"""

from dataclasses import dataclass

from plantedu.charts.chart import Drawing
from plantedu.errors import require
from plantedu.serialization import AsJson
from plantedu.statistics.evidence import Evidence
from plantedu.topics.spectrum.results.eigenvalues import plane_chart, rank_chart
from plantedu.topics.spectrum.results.plane import Points


@dataclass(frozen=True)
class Settings:
    """How much is looked at.

    Attributes:
        plants: Held-out plants whose codes and predictions are taken.
        shuffles: Shuffles of the pairs.
        seed: Draws them.
    """

    plants: int = 256
    shuffles: int = 99
    seed: int = 0

    def __post_init__(self) -> None:
        require(self.plants >= 8, f"plants must be at least 8, got {self.plants}.")
        require(self.shuffles >= 19, f"shuffles must be at least 19, got {self.shuffles}.")


@dataclass(frozen=True, kw_only=True)
class PrototypesResult(AsJson):
    """One checkpoint's prototypes.

    Attributes:
        settings: What was asked for.
        checkpoint: Its name.
        step: Its step.
        prototypes: K.
        agreement: Mean q_1 . p_2; null: shuffled pairs.
        ceiling: The same of sensor 1 with itself; null: shuffled pairs.
        random_init: The same of a random-init encoder's two sensors; null: its shuffled pairs.
        score: S of T without its trivial 1; null: shuffled pairs.
        p_agreement: Share of shuffles that agree as well.
        p_score: Share of shuffles with an S as high.
        groups: Eigenvalues above the largest of nearly all shuffles: groups that hold.
        level: That of the shuffles, |lambda|.
        values: Eigenvalues of T without the 1.
        ceiling_values: Of T of sensor 1 with itself.
        cloud: Some of shuffled pairs.
        gram: Eigenvalues of C^T C times dim / prototypes, the largest first.
        gram_null: The same of random directions, mean by rank.
        edges: Marchenko-Pastur.
        outside: Eigenvalues of the Gram matrix above the largest of random directions.
        says: What to mind.
    """

    settings: Settings
    checkpoint: str
    step: int
    prototypes: int
    agreement: Evidence
    ceiling: Evidence
    random_init: Evidence
    score: Evidence
    p_agreement: float
    p_score: float
    groups: int
    level: float
    values: Points
    ceiling_values: Points
    cloud: Points
    gram: tuple[float, ...]
    gram_null: tuple[float, ...]
    edges: tuple[float, float]
    outside: int
    says: tuple[str, ...]

    def chart(self, *, dark: bool = False) -> Drawing:
        """Eigenvalues of T in the complex plane, over those of shuffled pairs."""
        name = f"{self.checkpoint}, prototype transition"
        cloud = (self.cloud, "shuffled pairs")
        return plane_chart(name, self.values, *cloud, self.score, None, dark=dark)

    def gram_chart(self, *, dark: bool = False) -> Drawing:
        """Eigenvalues of the Gram matrix beside those of random directions."""
        low, high = self.edges
        said = (
            f"{self.prototypes} prototypes: largest eigenvalue {self.gram[0]:z.2f}, of random "
            f"directions {self.gram_null[0]:.2f}; Marchenko-Pastur edges {low:.2f} and {high:.2f}; "
            f"{self.outside} stand above all random ones."
        )
        lines = {"prototypes": self.gram}
        nulls = {"random directions": self.gram_null}
        return rank_chart(lines, nulls, "eigenvalue", said, dark=dark)
