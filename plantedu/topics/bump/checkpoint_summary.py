"""What one checkpoint shows of the same plants: features, embeddings, readings, losses.

Everything is by plant, so that two checkpoints can be compared plant by plant.

Lesson: 03_bump.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from plantedu.training.linear_probe import answered
from plantedu.training.online_probes import evaluating, features_of, shrunk
from plantedu.training.pair_source import PairSource, probe_plants, probe_targets
from plantedu.training.recipe import Recipe
from plantedu.zoo.evaluation_batch import Embedded, Pack
from plantedu.zoo.loaded_checkpoint import Stage

VIEW_OF = {"light": "rgb", "bloom": "rgb", "mesophyll": "rgn"}  # others: from both pictures


@dataclass(frozen=True, eq=False)
class ProbeScores:
    """How a fresh linear probe reads a factor from h of held-out plants.

    Attributes:
        scores: What each plant adds to accuracy or R2, "plants".
        null: Mean score of the same probe on shuffled labels.
        chance: Score of the best constant answer.
        unit: "accuracy" or "R2".
    """

    scores: np.ndarray
    null: float
    chance: float
    unit: str


@dataclass(frozen=True, eq=False)
class CheckpointSummary:
    """A stage, seen through the same plants.

    Attributes:
        stage: Which one.
        h: Features of both pictures of the held-out plants, side by side, "plants 2*dim".
        z: Unit embeddings of X1 and of X2, each "plants dim".
        readings: By factor.
        seen: The frozen pack as the stage embeds it, its queue from the pack's own pictures.
        logged: The same with the queue that the run itself had kept, older than its weights.
    """

    stage: Stage
    h: Tensor
    z: tuple[Tensor, Tensor]
    readings: dict[str, ProbeScores]
    seen: Embedded
    logged: Embedded


def checkpoint_summary(
    stage: Stage,
    source: PairSource,
    pack: Pack,
    *,
    factors: Sequence[str],
    plants: int,
    probe_seeds: int = 3,
    seed: int = 0,
) -> CheckpointSummary:
    """Look at a checkpoint.

    Args:
        stage: Which one.
        source: Where the plants are.
        pack: Fixed crops for the losses.
        factors: What probes read.
        plants: Plants that probes train on, and as many held-out ones that all is measured on.
        probe_seeds: Shuffles of the labels a factor.
        seed: Draws the probes.
    """
    recipe = replace(stage.recipe, probe_factors=tuple(factors), probe_plants=plants)
    parts = [source.take(indices) for indices in probe_plants(recipe, source)]
    sets = [[shrunk(images, recipe.crop_size) for images in part] for part in parts]
    h = [[features_of(stage.objective.encoder, x) for x in part] for part in sets]
    with evaluating(stage.objective):
        z = tuple(F.normalize(stage.objective.projector(one), dim=1) for one in h[1])
    seen = pack.seen_by(stage.objective)
    kept = stage.queue
    return CheckpointSummary(
        stage,
        torch.cat(h[1], 1),
        (z[0], z[1]),
        _readings(recipe, source, h, probe_seeds, seed),
        seen,
        replace(seen, past=kept) if kept else seen,
    )


def _readings(
    recipe: Recipe, source: PairSource, h: Sequence[Sequence[Tensor]], seeds: int, seed: int
) -> dict[str, ProbeScores]:
    """Each factor from the sensor that sees it, or from both."""
    views = {"rgb": (0,), "rgn": (1,), "both": (0, 1)}
    targets = [t for t in probe_targets(recipe, source) if t.view == VIEW_OF.get(t.name, "both")]
    found = {}
    for view, sensors in views.items():
        wanted = [target for target in targets if target.view == view]
        if not wanted:
            continue
        sets = [torch.cat([part[s] for s in sensors], 1) for part in h]
        answers = dict(answered(sets[0], sets[1], wanted, seeds=seeds, seed=seed, step=0))
        for t in wanted:
            scores, null = (answers[f"{kind}/{t.name}/{view}"] for kind in ("probe", "null"))
            unit = "accuracy" if t.classes else "R2"
            found[t.name] = ProbeScores(scores.mean(0).numpy(), float(null.mean()), t.chance, unit)
    return {name: found[name] for name in recipe.probe_factors if name in found}
