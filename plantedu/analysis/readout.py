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
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import scipy
import torch
import torch.nn.functional as F
import tyro
from torch import Tensor
from tqdm import tqdm

import plantedu
from plantedu.charts.readout import LAYERS, VIEWS, readout_spec
from plantedu.drawing import Drawing
from plantedu.errors import require
from plantedu.evidence import Evidence, mean_over_plants
from plantedu.models.swav import SwAV
from plantedu.palette import NAMES
from plantedu.runs.checkpoints import load_checkpoint
from plantedu.runs.home import home
from plantedu.training.kernels import Kernel
from plantedu.training.linear import Target, answered
from plantedu.training.pretrain import objective_from
from plantedu.training.probes import evaluating, features_of, shrunk
from plantedu.training.random_init import CONTROL_SEEDS, random_init, settled_start
from plantedu.training.recipe import Recipe
from plantedu.training.source import PairSource, open_source, probe_plants, probe_targets

SHIPPED = Path(plantedu.__file__).parents[1] / "checkpoints"
Features = dict[str, dict[str, tuple[Tensor, Tensor]]]  # by layer and view
Told = dict[tuple[str, str, str], list[Tensor]]  # by probe or null, layer, and end or init


@dataclass(frozen=True)
class Reading:
    """How well one factor is read from one layer, from one sensor's picture or from both.

    Attributes:
        unit: "accuracy" or "R2".
        evidence: Mean over the runs; its interval is over plants.
        each: The same of each run alone.
        random_inits: The same probe on each random-init encoder.
        random_init_null: Those on shuffled labels, mean.
        chance: Score of the best constant answer.
    """

    factor: str
    view: str
    layer: str
    unit: str
    evidence: Evidence
    each: tuple[Evidence, ...]
    random_inits: tuple[float, ...]
    random_init_null: float
    chance: float

    @property
    def runs(self) -> tuple[float, ...]:
        """The score of each run."""
        return tuple(one.value for one in self.each)

    @property
    def random_init(self) -> float:
        """Mean over random-init encoders."""
        return float(np.mean(self.random_inits))

    def moved(self, *, level: float = 0.95) -> Evidence:
        """How far training moved the score; unit of the interval: runs and random inits.

        Args:
            level: Coverage; nearer to 1 where many factors are looked at.
        """
        runs, inits = np.asarray(self.runs), np.asarray(self.random_inits)
        interval = None
        if min(len(runs), len(inits)) > 1 and runs.std() + inits.std() > 0:
            test = scipy.stats.ttest_ind(runs, inits, equal_var=False)
            ends = test.confidence_interval(level)
            interval = (float(ends.low), float(ends.high))
        return Evidence(
            question=f"By how much does training change the {self.unit} with which {self.factor} "
            f"is read from {self.layer} of {NAMES[self.view]}?",
            value=float(runs.mean() - inits.mean()),
            null=self.evidence.null - self.random_init_null,
            control="the same change on shuffled labels",
            n=self.evidence.n,
            seeds=len(runs),
            interval=interval,
            level=level,
        )


@dataclass(frozen=True)
class ReadoutResult:
    """All factors, from both layers and every view."""

    readings: tuple[Reading, ...]

    def of(self, factor: str, view: str, layer: str = "h") -> Reading:
        """One of the readings."""
        key = (factor, view, layer)
        return next(r for r in self.readings if (r.factor, r.view, r.layer) == key)

    def as_json(self) -> dict[str, Any]:
        """Plain values, by factor, view and layer."""
        found: dict[str, Any] = {}
        for r in self.readings:
            entry = r.evidence.as_json() | {"random_init": r.random_init, "chance": r.chance}
            entry |= {"runs": r.runs, "random_inits": r.random_inits}
            found.setdefault(r.factor, {}).setdefault(r.view, {})[r.layer] = entry
        return found

    def chart(self, *, dark: bool = False) -> Drawing:
        """Every reading as a dot with its interval; shuffled labels and random init as ticks."""
        rows = pd.DataFrame([_row(reading) for reading in self.readings])
        said = "; ".join(
            f"{r.factor} from {r.view} {r.layer} {r.evidence.value:.2f} "
            f"(shuffled {r.evidence.null:.2f}, random init {r.random_init:.2f})"
            for r in self.readings
        )
        caption = self.readings[0].evidence.caption()
        return Drawing(readout_spec(dark), rows, f"What linear probes read. {said}. {caption}.")


def readout(
    checkpoints: Sequence[Path],
    *,
    bank_folder: Path,
    probe_seeds: int = 3,
    factors: Sequence[str] = (),
    kernel: Kernel = "linear",
) -> ReadoutResult:
    """What one kind of reader finds; see `readouts`."""
    look: dict[str, Any] = {"bank_folder": bank_folder, "probe_seeds": probe_seeds}
    return readouts(checkpoints, **look, factors=factors, kernels=(kernel,))[kernel]


def readouts(
    checkpoints: Sequence[Path],
    *,
    bank_folder: Path,
    probe_seeds: int = 3,
    factors: Sequence[str] = (),
    kernels: Sequence[Kernel] = ("linear",),
) -> dict[Kernel, ReadoutResult]:
    """Read planted factors from trained encoders of one recipe, and from random-init ones.

    Args:
        checkpoints: Files of one recipe trained from several seeds; their mean is the value.
        bank_folder: Where rendered pairs are kept.
        probe_seeds: Shuffles of the labels a factor and checkpoint.
        factors: Which; those that the recipe probes by default.
        kernels: Readers: linear, quadratic or gaussian.

    Raises:
        PlantEduError: without checkpoints, for one that cannot be read, for recipes that differ
            in more than their seed, or for a factor that no probe can read.
    """
    require(bool(checkpoints), "Name at least one checkpoint to read from.")
    snapshots = [load_checkpoint(path) for path in checkpoints]
    recipes = [Recipe.from_json(meta["recipe"]) for _, meta in snapshots]
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
    trained = (
        settled_start(objective_from(snapshot), recipe)
        for snapshot, recipe in zip(snapshots, recipes, strict=True)
    )
    controls = (random_init(first, source, seed) for seed in CONTROL_SEEDS)
    told: dict[Kernel, Told] = {kernel: {} for kernel in kernels}
    encoders = chain((("end", one) for one in trained), (("init", one) for one in controls))
    count = len(recipes) + len(CONTROL_SEEDS)
    for when, objective in tqdm(encoders, "encoders", total=count, leave=False):
        features = look(objective)
        for kernel in kernels:
            for key, scores in _told(features, targets, probe_seeds, kernel):
                told[kernel].setdefault((*key, when), []).append(scores)
    return {
        kernel: ReadoutResult(
            tuple(_reading(target, layer, told[kernel]) for target in targets for layer in LAYERS)
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


def _told(
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


def _reading(target: Target, layer: str, told: Told) -> Reading:
    def per_plant(kind: str, when: str = "end") -> np.ndarray:
        """ "encoders plants"."""
        scores = told[(f"{kind}/{target.name}/{target.view}", layer, when)]
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

    return Reading(
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


def _row(reading: Reading) -> dict[str, Any]:
    low, high = reading.evidence.interval or (reading.evidence.value,) * 2
    return {
        "kind": "reading",
        "factor": reading.factor,
        "from": f"{NAMES[reading.view]} {reading.layer}",
        "score": reading.evidence.value,
        "low": max(low, -0.2),
        "high": high,
        "shuffled": max(reading.evidence.null, -0.2),
        "random init": max(reading.random_init, -0.2),
        "unit": reading.unit,
    }


@dataclass(frozen=True)
class Options:
    """What a linear reader finds in h and in z of trained encoders.

    Attributes:
        checkpoints: Files of one recipe, one a training seed; the shipped ones by default.
        probe_seeds: Shuffles of the labels a factor and checkpoint.
        factors: Which factors; those that the recipe probes by default.
        kernel: Of the reader: a straight line, or curved.
        json: Print the result as one JSON object on the last line.
    """

    checkpoints: tyro.conf.Positional[tuple[Path, ...]] = ()
    probe_seeds: int = 3
    factors: tuple[str, ...] = ()
    kernel: Kernel = "linear"
    json: bool = False


def main(argv: list[str]) -> int:
    """`python -m plantedu readout [CHECKPOINT ...] [--json]`."""
    options = tyro.cli(Options, args=argv, prog="python -m plantedu readout")
    files = options.checkpoints or tuple(sorted(SHIPPED.glob("cross-*.safetensors")))
    result = readout(
        files,
        bank_folder=home() / "bank",
        probe_seeds=options.probe_seeds,
        factors=options.factors,
        kernel=options.kernel,
    )
    for r in result.readings:
        print(
            f"{r.factor:<13}{NAMES[r.view]:<5}{r.layer}  {r.unit:<9}{r.evidence.value:6.2f}"
            f"   shuffled {r.evidence.null:6.2f}   random init {r.random_init:6.2f} "
            f"[{min(r.random_inits):.2f}, {max(r.random_inits):.2f}]"
        )
    print(result.readings[0].evidence.caption())
    if options.json:
        print(json.dumps(result.as_json()))
    return 0
