"""Lines of the graded table, without torch, so that pages can read and draw them.

Lesson: 09_attribution.
"""

from dataclasses import dataclass
from typing import Any

from plantedu.statistics.evidence import Evidence
from plantedu.topics.attribution.names import BASELINES

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
class Grade:
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
class Deep:
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
