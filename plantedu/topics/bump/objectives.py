"""Two rulers: every checkpoint under every objective, on one frozen pack of plants.

    L = H(q) + KL(q || p),        L >= H(q) >= ln(K / N),        N = batch + queue

A logged loss changes when the weights change and when its ruler does: the queue, the batch, the
softness epsilon of the codes. Here the plants and crops are fixed, and one embedding of them is
scored under each ruler. Along a row the ruler is the same, so what moves is the model; down a
column the weights are the same, so what moves is the ruler. Losses of two rows are not comparable.

The null of a loss is that of random-init weights under the same ruler; of a difference between two
checkpoints, the same plants with the sign of each plant's difference drawn at random. The
interval is over plants, for these batches: plants of one batch share its prototypes, so their
losses are not quite independent. Sinkhorn stops after a few rounds, so the floor holds up to what
they leave undone.

Source: Caron et al. 2020, arXiv:2006.09882 [caron2020]. Lesson: 03_bump.
"""

import json
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from plantedu.errors import require
from plantedu.serialization import settings_of
from plantedu.statistics.evidence import Evidence
from plantedu.statistics.intervals import mean_interval
from plantedu.topics.bump.results.objectives import (
    NAMES,
    CheckpointLoss,
    Difference,
    ObjectivesResult,
    Request,
    Settings,
)
from plantedu.topics.method import Context, Method
from plantedu.training.pair_source import open_source
from plantedu.training.recipe import Recipe
from plantedu.zoo.encoders import read_encoder
from plantedu.zoo.evaluation_batch import Ruler, make_pack
from plantedu.zoo.random_init import random_init
from plantedu.zoo.resolve import ENDING

FLIPS = 999
PACK = ("data", "world_seed", "pairs", "image_size", "probe_plants", "pairing", "crop_size")
PACK += ("small_crops", "small_size", "jitter")


def rulers(
    checkpoints: Sequence[tuple[str, Path]], settings: Settings, *, bank_folder: Path
) -> ObjectivesResult:
    """Score checkpoints under rulers.

    Args:
        checkpoints: Name and file of each, in their order.
        settings: Which rulers, and on what.
        bank_folder: Where rendered pairs are kept.

    Raises:
        PlantEduError: without checkpoints; for one that cannot be read, or was made of other
            pictures or crops than the first; for rulers that the pack is too small for.
    """
    require(bool(checkpoints), "Name at least one checkpoint to score.")
    loaded = {name: read_encoder(path, name) for name, path in checkpoints}
    recipes = {name: one.pretraining for name, one in loaded.items()}
    first = check_alike(recipes)
    own = {"queue": first.queue_length or 512, "batch": first.batch}
    grid = [Ruler(queue=q, epsilon=e, batch=b) for q, e, b in settings.grid(**own)]
    longest = max(ruler.queue for ruler in grid)
    source = open_source(first, bank_folder)
    pack = make_pack(first, source, plants=settings.plants, queue=longest, seed=settings.seed)
    seen = {name: pack.seen_by(one.objective) for name, one in loaded.items()}
    fresh: dict[str, Any] = {}
    for recipe in recipes.values():
        if _sizes(recipe) not in fresh:
            fresh[_sizes(recipe)] = pack.seen_by(random_init(recipe, source))
    readings, differences = [], []
    for ruler in grid:
        scores = {name: one.score(ruler) for name, one in seen.items()}
        for name, score in scores.items():
            null = fresh[_sizes(recipes[name])].score(ruler)
            readings.append(_reading(ruler, name, recipes[name], score, null, settings.seed))
        order = list(scores)
        differences += [
            paired(ruler.name, (a, b), scores[a].loss, scores[b].loss, seed=settings.seed)
            for a, b in pairwise(order)
        ]
    return ObjectivesResult(tuple(readings), tuple(differences))


def check_alike(recipes: Mapping[str, Recipe]) -> Recipe:
    """The first recipe, if one pack does for all.

    Raises:
        PlantEduError: for recipes that differ in what they were shown.
    """
    names = list(recipes)
    first = recipes[names[0]]
    for name in names[1:]:
        other = [k for k in PACK if getattr(recipes[name], k) != getattr(first, k)]
        require(
            not other,
            f"{name} was trained on other pictures or crops than {names[0]} ({', '.join(other)} "
            "differ), so one pack cannot score both: score them apart.",
        )
    return first


def _sizes(recipe: Any) -> str:
    """What a random-init objective depends on, as a key."""
    knobs = ("encoder", "prototypes", "projection_dim", "hidden_dim", "temperature")
    return json.dumps([getattr(recipe, k) for k in (*knobs, "epsilon", "sinkhorn_iterations")])


def _reading(
    ruler: Any, name: str, recipe: Any, score: Any, null: Any, seed: int
) -> CheckpointLoss:
    """One checkpoint under one ruler, with its null."""
    evidence = Evidence(
        question=f"How large is the loss of {name} under the ruler {ruler.name!r}, in nats?",
        value=float(score.loss.mean()),
        null=float(null.loss.mean()),
        control="random-init weights, same ruler",
        n=len(score.loss),
        interval=mean_interval(score.loss),
    )
    return CheckpointLoss(
        ruler.name,
        name,
        ruler.queue,
        ruler.batch,
        ruler.epsilon or recipe.epsilon,
        evidence,
        float(score.entropy.mean()),
        float(score.divergence.mean()),
        ruler.floor(recipe.prototypes),
    )


def paired(
    ruler: str, names: tuple[str, str], before: np.ndarray, after: np.ndarray, *, seed: int
) -> Difference:
    """The mean difference of the same plants, beside the same with random signs.

    Args:
        ruler: What it was scored with.
        names: Of the two checkpoints.
        before, after: Loss of each plant, "plants".
        seed: Deals the signs and draws the resamples.
    """
    shift = np.asarray(after) - np.asarray(before)
    generator = np.random.default_rng((seed, 1))
    signs = generator.choice([-1.0, 1.0], size=(FLIPS, len(shift)))
    null = np.abs((signs * shift).mean(1))
    value = float(shift.mean())
    evidence = Evidence(
        question=f"By how much did the loss change from {names[0]} to {names[1]} ({ruler})?",
        value=value,
        null=float(np.quantile(null, 0.95)),
        control="plants' random signs: 95 % quantile, without sign",
        n=len(shift),
        interval=mean_interval(shift),
    )
    p = float((1 + (null >= abs(value)).sum()) / (1 + FLIPS))
    return Difference(ruler, *names, evidence, p)


def _name(words: str) -> str:
    """How a checkpoint is called: by its words, or by its file's name."""
    return Path(words).stem if words.endswith(ENDING) else words


def _run(settings: Request, context: Context) -> ObjectivesResult:
    files = [(_name(words), context.checkpoint(words)) for words in settings.checkpoints or NAMES]
    return rulers(files, settings_of(settings, Settings), bank_folder=context.bank)


def tell(result: ObjectivesResult) -> None:
    """Print a result."""
    print(f"{'':<24}{'loss':>7}{'H(q)':>7}{'KL':>7}{'floor':>7}   random init")
    for ruler in dict.fromkeys(r.ruler for r in result.readings):
        print(ruler)
        for r in (r for r in result.readings if r.ruler == ruler):
            print(
                f"  {r.checkpoint:<22}{r.loss.value:7.2f}{r.entropy:7.2f}{r.divergence:7.2f}"
                f"{r.floor:7.2f}{r.loss.null:14.2f}"
            )
    print(result.readings[0].loss.caption())


METHOD = Method(Request, _run, tell)
