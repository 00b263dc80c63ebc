"""Gradients of several objectives on the same batches, reduced to their inner products.

    g_ai = gradient of objective a on batch i,      P_abij = <g_ai, g_bj>   by part of the network

All angles and noise scales follow from P, so the gradients themselves are not kept. Batch norm
works as in training, on the batch's own statistics, and codes carry no gradient.

Lesson: 03_bump.
"""

from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from plantedu.data.crops import CropBatch
from plantedu.models.swav import SwAV
from plantedu.shapes import Embeddings
from plantedu.topics.bump.frozen_targets import some_plants
from plantedu.zoo.loaded_checkpoint import PARTS

Past = Mapping[int, Embeddings]


def as_trained(objective: SwAV) -> SwAV:
    """A copy in training mode with unit prototypes, as a training step has them."""
    copy = deepcopy(objective).train()
    with torch.no_grad():
        copy.prototypes.copy_(F.normalize(copy.prototypes, dim=1))
    return copy


@torch.no_grad()
def past_of(objective: SwAV, queued: CropBatch, batch: int) -> dict[int, Embeddings]:
    """A queue embedded afresh, batch by batch in the objective's mode."""
    plants = queued.large.shape[1]
    parts = [
        objective.embed(some_plants(queued, slice(k, k + batch)))
        for k in range(0, plants // batch * batch, batch)
    ]
    rows = torch.cat(parts, 1)
    return {sensor: rows[k] for k, sensor in enumerate(queued.large_sensors)}


def gradients(objective: SwAV, crops: CropBatch, queues: Sequence[Past]) -> list[dict[str, Tensor]]:
    """Gradients on one batch, flat by part, of the objective with each of the queues ({}: none)."""
    z = objective.embed(crops)
    weights = {
        part: [objective.prototypes]
        if part == "prototypes"
        else list(getattr(objective, part).parameters())
        for part in PARTS
    }
    flat = [weight for part in PARTS for weight in weights[part]]
    found = []
    for past in queues:
        loss = objective._measure(z, objective.prototypes, crops, past, objective.epsilon).total
        slopes = iter(torch.autograd.grad(loss, flat, retain_graph=True))
        found.append(
            {part: torch.cat([next(slopes).flatten() for _ in weights[part]]) for part in PARTS}
        )
    return found


def inner_products(
    objective: SwAV,
    batches: Sequence[CropBatch],
    queues: Sequence[Past],
    *,
    check: Callable[[], None] = lambda: None,
) -> dict[str, np.ndarray]:
    """P by part and of "all" together, "objectives objectives batches batches", float64.

    Args:
        objective: In training mode, see `as_trained`; its batch norm statistics move.
        batches: Crops.
        queues: What makes one objective another: past embeddings by sensor.
        check: Called before each batch; may raise to stop.
    """
    kept: dict[str, list[Tensor]] = {part: [] for part in PARTS}
    for crops in batches:
        check()
        slopes = gradients(objective, crops, queues)
        for part in PARTS:
            kept[part].append(torch.stack([one[part] for one in slopes]))
    found = {}
    for part, rows in kept.items():
        g = torch.stack(rows, 1).flatten(0, 1)  # objectives * batches, weights
        product = (g @ g.T).double().numpy()
        shape = (len(queues), len(batches)) * 2
        found[part] = product.reshape(shape).transpose(0, 2, 1, 3)
    return found | {"all": sum(found.values(), np.zeros(()))}
