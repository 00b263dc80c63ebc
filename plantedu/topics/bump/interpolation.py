"""Networks between two networks, and twins that are the same function with other weights.

    w_alpha = (1 - alpha) w_0 + alpha w_1

Averaged weights do not have averaged activations: their variance collapses, and batch norm with
averaged statistics divides by the wrong one. `recalibrate` measures the statistics anew on data.

Source: Frankle et al. 2020, arXiv:1912.05671 [frankle2020]; variance collapse: Jordan et al. 2023,
arXiv:2211.08403 [jordan2023]. Lesson: 03_bump.
"""

from collections.abc import Iterable
from copy import deepcopy

import torch
from torch import nn

from plantedu.data.crops import CropBatch
from plantedu.errors import require
from plantedu.models.swav import SwAV


@torch.no_grad()
def between(one: SwAV, other: SwAV, alpha: float) -> SwAV:
    """A new objective on the straight line, in evaluation mode; batch norm statistics as well.

    Args:
        one: Where alpha is 0; counters and queue are taken from here.
        other: Where alpha is 1, the same architecture.
        alpha: Where on the line.

    Raises:
        PlantEduError: for two architectures.
    """
    start, end = one.state_dict(), other.state_dict()
    alike = {k: v.shape for k, v in start.items()} == {k: v.shape for k, v in end.items()}
    require(alike, "There is no line between networks of two architectures.")
    found = deepcopy(one).eval()
    for name, value in found.state_dict().items():
        if value.is_floating_point() and not name.startswith("queue."):
            value.copy_(start[name].lerp(end[name], alpha))
    return found


@torch.no_grad()
def recalibrate(objective: SwAV, batches: Iterable[CropBatch]) -> None:
    """Batch norm statistics anew: the mean over these batches' own; in place.

    Args:
        objective: Left in evaluation mode.
        batches: What passes through it, as large as the training's or larger.
    """
    norms = [m for m in objective.modules() if isinstance(m, nn.modules.batchnorm._BatchNorm)]
    kept = [norm.momentum for norm in norms]
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None  # torch's word for a plain mean over batches
    objective.train()
    for crops in batches:
        objective.embed(crops)
    objective.eval()
    for norm, momentum in zip(norms, kept, strict=True):
        norm.momentum = momentum


@torch.no_grad()
def permuted_twin(objective: SwAV, *, generator: torch.Generator) -> SwAV:
    """The same function with the hidden units of the projector in another order."""
    twin = deepcopy(objective)
    first, norm, _, last = twin.projector
    order = torch.randperm(first.out_features, generator=generator)  # type: ignore[arg-type]
    for tensor in (
        *(first.weight, first.bias, norm.weight, norm.bias),
        *(norm.running_mean, norm.running_var),
    ):
        tensor.copy_(tensor[order].clone())  # type: ignore[index, operator]
    last.weight.copy_(last.weight[:, order].clone())  # type: ignore[index, operator]
    return twin.eval()
