"""Codes frozen as targets: the loss then has no Sinkhorn in it, and its gradient is exact.

    L(w) = mean over pairs and plants of  -sum_k q_k log p_k(w),     q fixed

SwAV never sends a gradient through its codes; freezing them also keeps them from moving with the
weights, so that L is one function of w, with a landscape of its own. Two rulers give two codes
and so two functions: their gradients can be compared at one point, their values cannot.

Source: Caron et al. 2020, arXiv:2006.09882 [caron2020]. Lesson: 03_bump.
"""

from dataclasses import replace

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from plantedu.data.crops import CropBatch
from plantedu.models.swav import SwAV
from plantedu.models.swav_loss import swapped_loss
from plantedu.zoo.evaluation_batch import Embedded, Ruler

Targets = Float[Tensor, "coded plants prototypes"]


def targets_of(seen: Embedded, ruler: Ruler) -> Targets:
    """Codes of every plant of a pack under a ruler, batch by batch as `Embedded.score` has them."""
    whole = seen.z.shape[1] // ruler.batch * ruler.batch
    parts = []
    for z in seen.z[: len(seen.coded), :whole].split(ruler.batch, 1):
        scores = z @ seen.prototypes.T
        parts.append(
            torch.stack([seen._codes(scores[i], s, ruler) for i, s in enumerate(seen.coded)])
        )
    return torch.cat(parts, 1)


def loss_against(objective: SwAV, crops: CropBatch, targets: Targets) -> Tensor:
    """Mean cross-entropy of fixed codes under the objective's predictions; has a gradient.

    Args:
        objective: Whose predictions; its mode decides how batch norm works.
        crops: Views of some plants.
        targets: Codes of the same plants.
    """
    scores = objective.embed(crops) @ F.normalize(objective.prototypes, dim=1).T
    return swapped_loss(
        scores,
        targets,
        coded=crops.large_sensors,
        seen=crops.large_sensors + crops.small_sensors,
        temperature=objective.temperature,
        within_sensor=objective.pairing == "within_both",
    ).total


def some_plants(crops: CropBatch, rows: slice | Tensor) -> CropBatch:
    """The same views of some of the plants."""
    small = None if crops.small is None else crops.small[:, rows]
    return replace(crops, large=crops.large[:, rows], small=small)


def regrouped(seen: Embedded, generator: torch.Generator) -> tuple[Embedded, Tensor]:
    """The same plants in other batches, and the order that puts them back.

    A plant's code depends on the company it is shared out with; this is that noise alone.
    """
    order = torch.randperm(seen.z.shape[1], generator=generator)
    return replace(seen, z=seen.z[:, order]), order.argsort()
