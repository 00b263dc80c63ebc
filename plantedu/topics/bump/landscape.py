"""One frozen landscape: the learning coefficient of a checkpoint in it, by several walks.

The landscape is the loss against codes that one checkpoint made under one ruler. Codes made anew
are another function of the weights, and coefficients of two functions are not compared.

Source: Lau et al. 2025, arXiv:2308.12108 [lau2025]. Lesson: 03_bump.
"""

import math
from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from plantedu.errors import require
from plantedu.topics.bump.frozen_targets import loss_against, some_plants
from plantedu.topics.bump.results.llc import Coefficient
from plantedu.topics.bump.sgld import Sampler, coefficient, settled, walk
from plantedu.training.seeding import generator_for
from plantedu.zoo.evaluation_batch import Pack
from plantedu.zoo.loaded_checkpoint import Stage


def difference(one: Coefficient, other: Coefficient) -> float:
    """The other's coefficient less the first's.

    Raises:
        PlantEduError: for coefficients of two functions, or of a walk that diverged.
    """
    require(
        one.function == other.function,
        f"{one.stage} was measured in the landscape of {one.function}, {other.stage} in that of "
        f"{other.function}: two functions, whose coefficients cannot be compared. Freeze the codes "
        "of one checkpoint under one ruler and measure both in it.",
    )
    diverged = "A walk diverged, so there is no coefficient: lower the step size."
    require(one.value is not None and other.value is not None, diverged)
    return float(other.value or 0) - float(one.value or 0)


def measured(
    stage: Stage,
    function: str,
    pack: Pack,
    targets: Tensor,
    sampler: Sampler,
    *,
    batch: int,
    chains: int,
    seed: int,
    check: Callable[[], None] = lambda: None,
) -> Coefficient:
    """Several walks around one checkpoint; every batch's own loss at w* is taken off."""

    objective, plants = stage.objective, targets.shape[1]
    parts = [slice(k, k + batch) for k in range(0, plants, batch)]
    with torch.no_grad():
        at_home = [
            float(loss_against(objective, some_plants(pack.crops, part), targets[:, part]))
            for part in parts
        ]
    traces = []
    for chain in range(chains):
        draw = generator_for(seed, "walk", chain)

        def excess(k: int, draw: torch.Generator = draw) -> Tensor:
            check()
            j = int(torch.randint(len(parts), (1,), generator=draw))
            crops = some_plants(pack.crops, parts[j])
            return loss_against(objective, crops, targets[:, parts[j]]) - at_home[j]

        weights = [w for w in objective.parameters() if w.requires_grad]
        traces.append(walk(weights, excess, sampler, generator=draw))
    values = [coefficient(trace, sampler) for trace in traces]
    whole = all(math.isfinite(value) for value in values)
    calm = whole and all(settled(trace, sampler) for trace in traces)
    value = float(np.mean(values)) if whole else None
    return Coefficient(
        stage.name,
        function,
        float(np.mean(at_home)),
        value,
        tuple(v if math.isfinite(v) else None for v in values),
        tuple(tuple(x for x in trace if math.isfinite(x)) for trace in traces),
        calm,
        _says(value, calm),
    )


def _says(value: float | None, calm: bool) -> str:
    if value is None:
        return "a walk diverged: the step size is too large"
    if value < 0:
        return "below 0: the checkpoint is no minimum of this function, so this counts nothing"
    return "" if calm else "not settled: the walk is still on its way"
