"""What a linear reader finds in a trained encoder: in its features h, and in its projection z.

Fresh linear probes are trained on one set of plants and scored on held-out ones, for each factor,
from each sensor's picture alone and from both: once from the backbone's h, once from the unit
embedding z that the loss sees. Accuracy for a category, R2 for a number. Two nulls stand beside
each number: shuffled labels, and the same probe on random-init encoders (`random_init.py`). The
second is the stricter one: a network that has learned nothing is not at chance.

    moved = mean over trained runs - mean over random-init seeds,   Welch's interval over runs

Readable does not mean used, and what a straight line cannot read may still be there: `kernel` asks
a curved reader, and `probing` asks what a probe's own settings do.

Source: Alain & Bengio 2016, arXiv:1610.01644 [alain2017]; h against z as in Bordes et al. 2022,
arXiv:2112.09164 [bordes2022]. Lesson: 02_training.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import chain
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from plantedu.charts.palette import NAMES
from plantedu.errors import require
from plantedu.models.swav import SwAV
from plantedu.shipped_files import checkpoints
from plantedu.statistics.evidence import Evidence, mean_over_plants
from plantedu.statistics.kernel_features import Kernel
from plantedu.topics.method import Context, Method
from plantedu.topics.probing.results.readout import (
    LAYERS,
    VIEWS,
    ProbeScore,
    ReadoutResult,
    Settings,
)
from plantedu.training.linear_probe import Target, answered
from plantedu.training.online_probes import evaluating, features_of, shrunk
from plantedu.training.pair_source import PairSource, open_source, probe_plants, probe_targets
from plantedu.training.recipe import Recipe
from plantedu.zoo.encoders import read_encoder
from plantedu.zoo.random_init import CONTROL_SEEDS, random_init

SHIPPED = checkpoints()
Features = dict[str, dict[str, tuple[Tensor, Tensor]]]  # by layer and view
ScoresByReading = dict[
    tuple[str, str, str], list[Tensor]
]  # by probe or null, layer, and end or init


def readout(
    checkpoints: Sequence[Path],
    *,
    bank_folder: Path,
    probe_seeds: int = 3,
    factors: Sequence[str] = (),
    kernel: Kernel = "linear",
    context: Context | None = None,
) -> ReadoutResult:
    """What one kind of reader finds; see `readouts`."""
    found = readouts(
        checkpoints,
        bank_folder=bank_folder,
        probe_seeds=probe_seeds,
        factors=factors,
        kernels=(kernel,),
        context=context,
    )
    return found[kernel]


def readouts(
    checkpoints: Sequence[Path],
    *,
    bank_folder: Path,
    probe_seeds: int = 3,
    factors: Sequence[str] = (),
    kernels: Sequence[Kernel] = ("linear",),
    context: Context | None = None,
) -> dict[Kernel, ReadoutResult]:
    """Read planted factors from trained encoders of one recipe, and from random-init ones.

    Args:
        checkpoints: Files of one recipe trained from several seeds; their mean is the value.
        bank_folder: Where rendered pairs are kept.
        probe_seeds: Shuffles of the labels a factor and checkpoint.
        factors: Which; those that the recipe probes by default.
        kernels: Readers: linear, quadratic or gaussian.
        context: Hears of each encoder that is read; may stop.

    Raises:
        PlantEduError: without checkpoints, for one that cannot be read, for recipes that differ
            in more than their seed, or for a factor that no probe can read.
    """
    require(bool(checkpoints), "Name at least one checkpoint to read from.")
    context = context or Context()
    loaded = [read_encoder(path, Path(path).stem) for path in checkpoints]
    recipes = [one.pretraining for one in loaded]
    differing = {json.dumps(recipe.as_json() | {"seed": 0}) for recipe in recipes}
    require(
        len(differing) == 1, "These checkpoints differ in more than their seed: read them apart."
    )
    first = replace(recipes[0], probe_factors=tuple(factors) or recipes[0].probe_factors)
    source = open_source(first, bank_folder)
    targets = probe_targets(first, source)
    missing = set(factors) - {target.name for target in targets}
    require(not missing, f"{sorted(missing)} cannot be read here: no view shows it, or no plant.")
    look = partial(features_by_layer, sets=pictures_by_sensor(first, source))
    trained = (one.objective for one in loaded)
    controls = (random_init(first, source, seed) for seed in CONTROL_SEEDS)
    scores_of: dict[Kernel, ScoresByReading] = {kernel: {} for kernel in kernels}
    encoders = chain((("end", one) for one in trained), (("init", one) for one in controls))
    count = len(recipes) + len(CONTROL_SEEDS)
    for done, (when, objective) in enumerate(encoders, 1):
        context.check()
        features = look(objective)
        for kernel in kernels:
            for key, scores in _scored(features, targets, probe_seeds, kernel):
                scores_of[kernel].setdefault((*key, when), []).append(scores)
        context.step(done, count)
    return {
        kernel: ReadoutResult(
            tuple(
                _reading(target, layer, scores_of[kernel]) for target in targets for layer in LAYERS
            )
        )
        for kernel in kernels
    }


def pictures_by_sensor(recipe: Recipe, source: PairSource) -> dict[int, list[Tensor]]:
    """Training and held-out pictures by sensor."""
    images = [source.take(plants) for plants in probe_plants(recipe, source)]
    return {n: [shrunk(part[n], recipe.crop_size) for part in images] for n in (0, 1)}


def features_by_layer(objective: SwAV, sets: Mapping[int, Sequence[Tensor]]) -> Features:
    """Training and held-out features by layer and view."""
    layers = [_layers(objective, sets[n]) for n in (0, 1)]
    return {layer: _views(*(found[layer] for found in layers)) for layer in LAYERS}


def _scored(
    features: Features, targets: Sequence[Target], probe_seeds: int, kernel: Kernel
) -> Iterator[tuple[tuple[str, str], Tensor]]:
    """Name and layer, and what each held-out plant adds to the score."""
    for layer, views in features.items():
        for view, sets in views.items():
            wanted = [target for target in targets if target.view == view]
            if wanted:
                scored = answered(*sets, wanted, seeds=probe_seeds, seed=0, step=0, kernel=kernel)
                yield from (((name, layer), scores.mean(0)) for name, scores in scored)


def _layers(objective: SwAV, sets: Sequence[Tensor]) -> dict[str, list[Tensor]]:
    """h and z of the training and the held-out plants."""
    h = [features_of(objective.encoder, images) for images in sets]
    with evaluating(objective):
        z = [F.normalize(objective.projector(part), dim=1) for part in h]
    return {"h": h, "z": z}


def _views(rgb: Sequence[Tensor], rgn: Sequence[Tensor]) -> dict[str, tuple[Tensor, Tensor]]:
    """Training and held-out features of either sensor, and of both side by side."""
    joined = [torch.cat(pair, 1) for pair in zip(rgb, rgn, strict=True)]
    sets = zip(VIEWS, (rgb, rgn, joined), strict=True)
    return {view: (train, held_out) for view, (train, held_out) in sets}


def _reading(target: Target, layer: str, scores_of: ScoresByReading) -> ProbeScore:
    def per_plant(kind: str, when: str = "end") -> np.ndarray:
        """ "encoders plants"."""
        scores = scores_of[(f"{kind}/{target.name}/{target.view}", layer, when)]
        return torch.stack(scores).numpy()

    unit = "accuracy" if target.classes else "R2"
    values = per_plant("probe")
    nulls = per_plant("null")

    def over(chosen: slice) -> Evidence:
        return mean_over_plants(
            f"With what {unit} does a probe read {target.name} from {layer} of "
            f"{NAMES[target.view]}?",
            values[chosen].mean(0),
            float(nulls[chosen].mean()),
            "shuffled labels",
            seeds=len(values[chosen]),
            kind="share" if target.classes else "mean",
        )

    return ProbeScore(
        target.name,
        target.view,
        layer,
        unit,
        over(slice(None)),
        tuple(over(slice(k, k + 1)) for k in range(len(values))),
        random_inits=tuple(float(score) for score in per_plant("probe", "init").mean(1)),
        random_init_null=float(per_plant("null", "init").mean()),
        chance=target.chance,
    )


def _run(settings: Settings, context: Context) -> ReadoutResult:
    files = [context.checkpoint(words) for words in settings.checkpoints]
    return readout(
        files or sorted(SHIPPED.glob("cross-*.safetensors")),
        bank_folder=context.bank,
        probe_seeds=settings.probe_seeds,
        factors=settings.factors,
        kernel=settings.kernel,
        context=context,
    )


def tell(result: ReadoutResult) -> None:
    """Print a result."""
    for r in result.readings:
        print(
            f"{r.factor:<13}{NAMES[r.view]:<5}{r.layer}  {r.unit:<9}{r.evidence.value:6.2f}"
            f"   shuffled {r.evidence.null:6.2f}   random init {r.random_init:6.2f} "
            f"[{min(r.random_inits):.2f}, {max(r.random_inits):.2f}]"
        )
    print(result.readings[0].evidence.caption())


METHOD = Method(Settings, _run, tell)
