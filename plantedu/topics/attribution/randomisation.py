"""Weights made random from the top down: a map that stays the same did not explain them.

    stages: head, layer4, layer3, layer2, layer1, stem    (all above a stage are random, too)
    similarity: Spearman's rho over both pictures' pixels between relevance before and after

Fresh weights are those of another seed of the same architecture, with their batch-norm statistics.

Source: Adebayo et al. 2018, arXiv:1810.03292 (cascading randomisation) [adebayo2018].
Lesson: 09_attribution.
"""

import copy
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch
from scipy import stats
from torch import nn

from plantedu.errors import require
from plantedu.topics.attribution.methods import Check, Method
from plantedu.topics.attribution.pair import PairBatch
from plantedu.topics.attribution.targets import Scored, encoder_of

STAGES = ("head", "layer4", "layer3", "layer2", "layer1", "stem")
STEM = ("conv1", "bn1")


def randomised(scored: Scored, fresh: Scored) -> Iterator[tuple[str, Scored]]:
    """Copies of a network whose top is random, further down each time.

    Args:
        scored: The trained network.
        fresh: The same architecture with other weights.

    Raises:
        PlantEduError: for a network whose encoder has other stages.
    """
    known = dict(encoder_of(scored).named_children())
    missing = [name for name in (*STAGES[1:-1], *STEM) if name not in known]
    require(not missing, f"The cascade needs stages {', '.join(STAGES)}; {missing} are not there.")
    twin = copy.deepcopy(scored)
    body, source = (encoder_of(one) for one in (twin, fresh))
    inside = {id(p) for p in body.parameters()} | {id(p) for p in body.buffers()}
    for stage in STAGES:
        if stage == "head":
            _copy_outside(twin, fresh, inside)
        for name in STEM if stage == "stem" else (stage,) * (stage != "head"):
            getattr(body, name).load_state_dict(getattr(source, name).state_dict())
        yield stage, twin


@torch.no_grad()
def _copy_outside(twin: nn.Module, fresh: nn.Module, inside: set[int]) -> None:
    """Everything that is not the encoder: heads, projector, prototypes."""
    both = zip(twin.state_dict(keep_vars=True).values(), fresh.state_dict().values(), strict=True)
    for mine, other in both:
        if id(mine) not in inside and mine.is_floating_point():
            mine.data.copy_(other)


def rank_correlation(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """Spearman's rho of two maps by plant, "2 plants height width" each; 0 for a flat map."""
    found = []
    for a, b in zip(before.swapaxes(0, 1), after.swapaxes(0, 1), strict=True):
        flat = np.ptp(a) == 0 or np.ptp(b) == 0
        rho: Any = 0.0 if flat else stats.spearmanr(a.ravel(), b.ravel())[0]
        found.append(float(rho))
    return np.array(found)


def cascade(
    how: Method,
    scored: Scored,
    fresh: Scored,
    pair: PairBatch,
    target: int,
    *,
    generator: Callable[[], torch.Generator],
    check: Check = lambda: None,
) -> dict[str, np.ndarray]:
    """Likeness of a method's map to itself at every stage, by plant.

    Args:
        how: The method.
        scored, fresh: The trained network, and random weights for it.
        pair, target: What is explained.
        generator: A fresh one each time, so that maps differ by weights alone.
        check: Called between chunks; may raise to stop.
    """
    before = how(scored, pair, target, generator=generator(), check=check).relevance
    return {
        stage: rank_correlation(
            before, how(one, pair, target, generator=generator(), check=check).relevance
        )
        for stage, one in randomised(scored, fresh)
    }
