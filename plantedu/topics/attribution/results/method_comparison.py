"""The result of `attribution method-comparison`: settings, lines of the graded table, the chart.

Lesson: 09_attribution.
"""

from dataclasses import dataclass
from typing import Any

from plantedu.charts.chart import Drawing
from plantedu.errors import require
from plantedu.serialization import AsJson
from plantedu.statistics.evidence import Evidence
from plantedu.topics.attribution.results.attribution_chart import grades_chart
from plantedu.topics.attribution.results.names import ARMS, BASELINES

COLUMNS: tuple[tuple[str, str, dict[str, Any]], ...] = (  # row, method, its knobs
    ("gxi", "gxi", {}),
    ("ig black", "ig", {"against": "black"}),
    ("ig blur", "ig", {"against": "blur"}),
    ("ig mean", "ig", {"against": "mean"}),
    ("smoothgrad", "smoothgrad", {}),
    ("gradshap", "gradshap", {}),
    ("occlusion black", "occlusion", {"against": "black", "stride": 8}),
    ("occlusion blur", "occlusion", {"against": "blur", "stride": 8}),
    ("gradcam", "gradcam", {}),
    ("guided", "guided", {}),
)
ROWS = {row: (name, knobs) for row, name, knobs in COLUMNS}
SAYS_ROW = {
    "gxi": "gradient x input",
    "ig black": "IG from black",
    "ig blur": "IG from blur",
    "ig mean": "IG from mean",
    "smoothgrad": "SmoothGrad",
    "gradshap": "GradientSHAP",
    "occlusion black": "occlusion by black",
    "occlusion blur": "occlusion by blur",
    "gradcam": "Grad-CAM at layer2",
    "guided": "guided backprop",
    **BASELINES,
}
MOVED = 0.1  # a cue is used where do() moves more names than this, and than do(soil) does


@dataclass(frozen=True)
class Settings:
    """What is graded, and on how many plants.

    Attributes:
        arms: Of ARMS.
        seeds: How many of each arm's networks.
        rows: Methods, of ROWS.
        plants: Fresh plants that are graded.
        controls: Random-init networks beside each arm, 1 to 5.
        deep: Of them, those for deletion, cascade and captum's metrics; 0 leaves these out.
        seed: Draws noise, paths and resamples.
    """

    arms: tuple[str, ...] = tuple(ARMS)
    seeds: int = 3
    rows: tuple[str, ...] = tuple(ROWS)
    plants: int = 16
    controls: int = 3
    deep: int = 4
    seed: int = 0

    def __post_init__(self) -> None:
        for given, known in ((self.arms, tuple(ARMS)), (self.rows, tuple(ROWS))):
            strange = [word for word in given if word not in known]
            require(bool(given), f"Name one or more of {', '.join(known)}.")
            require(not strange, f"Unknown: {strange}; there are {', '.join(known)}.")
        require(1 <= self.seeds <= 3, f"There are 1 to 3 seeds of each arm; got {self.seeds}.")
        require(1 <= self.controls <= 5, f"There are 1 to 5 controls; got {self.controls}.")
        require(4 <= self.plants <= 256, f"plants must be from 4 to 256, got {self.plants}.")
        fits = self.deep == 0 or 2 <= self.deep <= self.plants
        require(fits, f"deep must be 0, or from 2 to {self.plants}; got {self.deep}.")


@dataclass(frozen=True)
class Learned:
    """A cue that a network uses, shown by do().

    Attributes:
        moved: Share of plants whose name do(cue away) changes; null: do(soil).
        rgb_share: RGB's part of the effect.
    """

    arm: str
    network: str
    cue: str
    moved: Evidence
    rgb_share: float


@dataclass(frozen=True)
class NotLearned:
    """A cue that a network does not use: no map can be right about it by accusing it.

    Attributes:
        moved: The same share, too small, or no larger than do(soil)'s.
    """

    arm: str
    network: str
    cue: str
    moved: Evidence


@dataclass(frozen=True)
class MapScores:
    """One method, or baseline, on one cue of one arm.

    Attributes:
        row: Of ROWS, or a baseline.
        grades: By name, in the cue's mask; null: the same of the uniform map.
        accuses: Share of plants whose map has more mass in the mask than every baseline's; null:
            the same of the random networks' maps, or 0 for a baseline.
        beats: mass - the best baseline's, paired over plants; null 0.
        seeds: Mean mass of each network.
    """

    arm: str
    row: str
    cue: str
    grades: dict[str, Evidence]
    accuses: Evidence
    beats: Evidence
    seeds: tuple[float, ...]


@dataclass(frozen=True)
class Shares:
    """Which sensor and which factor a map points at, beside what do() says.

    Attributes:
        rgb: RGB's share of relevance; null: the uniform map; truth: its part of do()'s effect.
        ranks: Spearman's rho of mass on each factor's pixels and |effect| of do() on it; null: the
            uniform map's.
    """

    arm: str
    row: str
    rgb: Evidence
    ranks: Evidence


@dataclass(frozen=True)
class ExpensiveScores:
    """What costs more, of one network on fewer plants.

    Attributes:
        deletion, insertion: Area, filled from the plant rendered without the cue; null: a random
            order.
        blurred: Deletion area with a blurred filling; null: a random order.
        cascade: Likeness to itself, by stage from the head down, all above made random.
        infidelity, sensitivity: captum's metrics, means over plants.
        seconds: Of a map of one plant.
    """

    network: str
    row: str
    deletion: Evidence
    insertion: Evidence
    blurred: Evidence
    cascade: dict[str, float]
    infidelity: float
    sensitivity: float
    seconds: float


@dataclass(frozen=True)
class AttributionResult(AsJson):
    """The whole report; a line for each method or baseline."""

    settings: Settings
    learned: tuple[Learned, ...]
    not_learned: tuple[NotLearned, ...]
    table: tuple[MapScores, ...]
    shares: tuple[Shares, ...]
    deep: tuple[ExpensiveScores, ...]

    def of(self, arm: str, row: str, cue: str) -> MapScores:
        """One line of the table."""
        key = (arm, row, cue)
        return next(g for g in self.table if (g.arm, g.row, g.cue) == key)

    def lines(self, arm: str, cue: str) -> tuple[MapScores, ...]:
        """Methods and baselines on one cue of one arm."""
        return tuple(g for g in self.table if (g.arm, g.cue) == (arm, cue))

    def uses(self, arm: str, cue: str) -> bool:
        """Whether every network of an arm uses a cue."""
        return not any((n.arm, n.cue) == (arm, cue) for n in self.not_learned)

    def chart(self, *, arm: str = "lesions", cue: str = "lesions", dark: bool = False) -> Drawing:
        """Relevance mass of every method and baseline in a cue's mask, the best baseline a rule."""
        found = [
            (SAYS_ROW.get(g.row, g.row), g.row in ROWS, g.grades["mass"], g.seeds)
            for g in self.lines(arm, cue)
        ]
        return grades_chart(found, used=self.uses(arm, cue), cue=cue, dark=dark)
