"""What a network uses, by intervention: the truth that maps are graded against.

do(cue away) renders the same plants without the cue, all else kept. With s(a, b) the score when X1
is as it was (a = 1) or without the cue (a = 0), and X2 likewise (b),

    effect   s(1, 1) - s(0, 0)                       moved   whether the plant's name changes
    RGB's part    ((s(1,1) - s(0,1)) + (s(1,0) - s(0,0))) / 2      RGN's: the rest (Shapley)

Source: Hesse et al. 2023, arXiv:2308.06248 (parts taken away by rendering) [hesse2023].
Lesson: 09_attribution.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from scipy import stats
from torch import Tensor

from plantedu.data.renderer.pairs import Pairs
from plantedu.errors import require
from plantedu.topics.attribution.pair import PairBatch
from plantedu.topics.attribution.targets import Scored

CHANGED = 4 / 255  # a pixel that a factor moves by more than this is the factor's


@dataclass(frozen=True, eq=False)
class Effects:
    """What taking a cue away does to some plants.

    Attributes:
        effect: s(as it was) - s(without), "plants".
        rgb, rgn: The sensors' parts; they add up to `effect`.
        moved: 1 where the highest score is another one, else 0.
    """

    effect: np.ndarray
    rgb: np.ndarray
    rgn: np.ndarray
    moved: np.ndarray

    @property
    def rgb_share(self) -> float:
        """RGB's part of the mean effect, by size."""
        parts = abs(float(self.rgb.mean())), abs(float(self.rgn.mean()))
        return parts[0] / sum(parts) if sum(parts) > 0 else 0.5


def batch_of(pairs: Pairs) -> PairBatch:
    """Rendered pairs as networks take them."""
    x1, x2 = (torch.from_numpy(x).float() / 255 for x in (pairs.x1, pairs.x2))
    return PairBatch(x1, x2, pairs.plants, pairs.plants)


@torch.no_grad()
def effects(
    scored: Scored, pair: PairBatch, without: PairBatch, targets: int | np.ndarray
) -> Effects:
    """Take a cue away from both pictures, and from one at a time.

    Args:
        scored: The network.
        pair, without: The same plants as they were, and without the cue.
        targets: Which score; one for all, or one a plant.

    Raises:
        PlantEduError: for different plants.
    """
    require(len(pair) == len(without), "Both sides of do() show the same plants.")
    rows = torch.arange(len(pair))
    wanted = torch.as_tensor(np.broadcast_to(targets, len(pair)).copy()).long()
    s = {}
    for a, x1 in ((1, pair.x1), (0, without.x1)):
        for b, x2 in ((1, pair.x2), (0, without.x2)):
            s[a, b] = torch.cat(
                [scored(*xs) for xs in zip(x1.split(32), x2.split(32), strict=True)]
            )
    moved = (s[1, 1].argmax(1) != s[0, 0].argmax(1)).double().numpy()
    one: dict[Any, np.ndarray] = {k: v[rows, wanted].double().numpy() for k, v in s.items()}
    rgb = ((one[1, 1] - one[0, 1]) + (one[1, 0] - one[0, 0])) / 2
    rgn = ((one[1, 1] - one[1, 0]) + (one[0, 1] - one[0, 0])) / 2
    return Effects(one[1, 1] - one[0, 0], rgb, rgn, moved)


def changed(before: PairBatch, after: PairBatch) -> np.ndarray:
    """Pixels that an intervention moves, bool, "2 plants height width"."""
    moved: list[Tensor] = [
        (a - b).abs().amax(1) > CHANGED for a, b in zip(before.both, after.both, strict=True)
    ]
    return torch.stack(moved).numpy()


def factor_ranks(
    relevance: np.ndarray, sizes: Mapping[str, np.ndarray], places: Mapping[str, np.ndarray]
) -> np.ndarray:
    """Spearman's rho, by plant, of a map's mass on each factor's pixels and |effect| of do().

    Args:
        relevance: "2 plants height width", never negative.
        sizes: |effect| of each factor, "plants".
        places: Pixels that each factor moves, as `changed` gives them.

    Raises:
        PlantEduError: for fewer than three factors.
    """
    require(len(sizes) >= 3, f"Ranks of factors need three or more; got {', '.join(sizes)}.")
    total = relevance.sum((0, 2, 3)).clip(1e-30)
    mass = np.stack([(relevance * places[f]).sum((0, 2, 3)) / total for f in sizes], 1)
    effect = np.stack([np.abs(sizes[f]) for f in sizes], 1)
    return np.array([_rho(m, e) for m, e in zip(mass, effect, strict=True)])


def _rho(mass: np.ndarray, effect: np.ndarray) -> float:
    """Spearman's rho; 0 where one side is flat."""
    flat = np.ptp(mass) == 0 or np.ptp(effect) == 0
    rho: Any = 0.0 if flat else stats.spearmanr(mass, effect)[0]
    return float(rho)
