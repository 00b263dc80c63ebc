"""What `spectrum jacobian` is asked, what it gives, and its chart.

Lesson: 07_spectrum.
"""

from dataclasses import dataclass, field

from plantedu.charts.chart import Drawing
from plantedu.errors import require
from plantedu.serialization import AsJson
from plantedu.statistics.evidence import Evidence
from plantedu.topics.spectrum.results.eigenvalues import rank_chart


@dataclass(frozen=True)
class Settings:
    """How much is looked at.

    Attributes:
        plants: Held-out plants whose Jacobians are taken.
        directions: r, leading right singular vectors that are compared.
        shuffles: Shuffles of the partners.
        seed: Draws them.
    """

    plants: int = 64
    directions: int = 8
    shuffles: int = 99
    seed: int = 0

    def __post_init__(self) -> None:
        require(self.plants >= 4, f"plants must be at least 4, got {self.plants}.")
        require(self.directions >= 1, f"directions must be at least 1, got {self.directions}.")
        require(self.shuffles >= 19, f"shuffles must be at least 19, got {self.shuffles}.")


@dataclass(frozen=True, kw_only=True)
class JacobianResult(AsJson):
    """One head.

    Attributes:
        settings: What was asked for.
        checkpoint: Its name.
        step: Its step.
        shape: Of the Jacobian.
        overlap: Of X1's with X2's directions; null: another plant's partner.
        p: Share of shuffles that overlap as much.
        at_random: Overlap of random subspaces.
        random_overlap: Overlap in a random-init head; null: another plant's partner there.
        heard: Directions that the head listens to (participation ratio of squared singular
            values), mean over plants; null: the random-init head.
        singular: Geometric mean singular value by rank, over the largest, from X1 and from X2.
        random_singular: The same of the random-init head, X1.
    """

    settings: Settings
    checkpoint: str
    step: int
    shape: tuple[int, int]
    overlap: Evidence
    p: float
    at_random: float = field(metadata={"was": "by_lot"})
    random_overlap: Evidence
    heard: Evidence
    singular: dict[str, tuple[float, ...]]
    random_singular: tuple[float, ...]

    def chart(self, *, dark: bool = False) -> Drawing:
        """Singular values by rank, of both sensors, beside the random-init head's."""
        heard, over = self.heard, self.overlap
        said = (
            f"{self.checkpoint}: the head listens to {heard.value:z.1f} directions of "
            f"{self.shape[1]} (random init {heard.null:z.1f}); leading {self.settings.directions} "
            f"at X1 and X2 overlap {over.value:z.2f} ({over.control}: {over.null:z.2f}; at random "
            f"{self.at_random:z.2f}). {heard.caption()}."
        )
        nulls = {"random-init head": self.random_singular}
        return rank_chart(self.singular, nulls, "singular value", said, dark=dark)
