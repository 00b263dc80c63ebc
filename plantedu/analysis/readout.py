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
from functools import lru_cache, partial
from itertools import chain
from pathlib import Path
from typing import Any

import altair as alt
import numpy as np
import pandas as pd
import scipy
import torch
import torch.nn.functional as F
import tyro
from torch import Tensor
from tqdm import tqdm

import plantedu
from plantedu.drawing import Drawing, built, only
from plantedu.errors import require
from plantedu.evidence import Evidence, mean_over_plants
from plantedu.models.swav import SwAV
from plantedu.palette import NAMES, colour
from plantedu.runs.checkpoints import load_checkpoint
from plantedu.runs.home import home
from plantedu.training.kernels import Kernel
from plantedu.training.linear import Target, answered
from plantedu.training.pretrain import Snapshot, objective_from
from plantedu.training.probes import evaluating, features_of, shrunk
from plantedu.training.random_init import CONTROL_SEEDS, random_init, settled_start
from plantedu.training.recipe import Recipe
from plantedu.training.source import open_source, probe_plants, probe_targets

SHIPPED = Path(plantedu.__file__).parents[1] / "checkpoints"
LAYERS = ("h", "z")
VIEWS = ("rgb", "rgn", "both")
Told = dict[tuple[str, str, str], list[Tensor]]  # by probe or null, layer, and end or init


@dataclass(frozen=True)
class Reading:
    """How well one factor is read from one layer, from one sensor's picture or from both.

    Attributes:
        unit: "accuracy" or "R2".
        evidence: Mean over the runs; its interval is over plants.
        runs: The score of each run.
        random_inits: The same probe on each random-init encoder.
        random_init_null: Those on shuffled labels, mean.
        chance: Score of the best constant answer.
    """

    factor: str
    view: str
    layer: str
    unit: str
    evidence: Evidence
    runs: tuple[float, ...]
    random_inits: tuple[float, ...]
    random_init_null: float
    chance: float

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
        return Drawing(_spec(dark), rows, f"What linear probes read. {said}. {caption}.")


def readout(
    checkpoints: Sequence[Path],
    *,
    bank_folder: Path,
    probe_seeds: int = 3,
    factors: Sequence[str] = (),
    kernel: Kernel = "linear",
) -> ReadoutResult:
    """Read planted factors from trained encoders of one recipe.

    Args:
        checkpoints: Files of one recipe trained from several seeds; their mean is the value.
        bank_folder: Where rendered pairs are kept.
        probe_seeds: Shuffles of the labels a factor and checkpoint.
        factors: Which; those that the recipe probes by default.
        kernel: Of the reader: linear, quadratic or gaussian.

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
    images = [source.take(plants) for plants in probe_plants(first, source)]
    sets = {n: [shrunk(part[n], first.crop_size) for part in images] for n in (0, 1)}
    told: Told = {}
    encoders = chain(
        (("end", partial(_trained, *each)) for each in zip(snapshots, recipes, strict=True)),
        (("init", partial(random_init, first, source, seed)) for seed in CONTROL_SEEDS),
    )
    for when, made in tqdm(list(encoders), "encoders", leave=False):
        for key, scores in _told(made(), sets, targets, probe_seeds, kernel):
            told.setdefault((*key, when), []).append(scores)
    return ReadoutResult(
        tuple(_reading(target, layer, told) for target in targets for layer in LAYERS)
    )


def _trained(snapshot: Snapshot, recipe: Recipe) -> SwAV:
    return settled_start(objective_from(snapshot), recipe)


def _told(
    objective: SwAV,
    sets: Mapping[int, Sequence[Tensor]],
    targets: Sequence[Target],
    probe_seeds: int,
    kernel: Kernel,
) -> Iterator[tuple[tuple[str, str], Tensor]]:
    """Name and layer, and what each held-out plant adds to the score."""
    layers = [_layers(objective, sets[n]) for n in (0, 1)]
    for layer in LAYERS:
        for view, features in _views(*(found[layer] for found in layers)).items():
            wanted = [target for target in targets if target.view == view]
            if wanted:
                scored = answered(
                    *features, wanted, seeds=probe_seeds, seed=0, step=0, kernel=kernel
                )
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
    evidence = mean_over_plants(
        f"With what {unit} does a probe read {target.name} from {layer} of {NAMES[target.view]}?",
        values.mean(0),
        float(per_plant("null").mean()),
        "shuffled labels",
        seeds=len(values),
        kind="share" if target.classes else "mean",
    )
    return Reading(
        target.name,
        target.view,
        layer,
        unit,
        evidence,
        runs=tuple(float(score) for score in values.mean(1)),
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


@lru_cache(maxsize=2)
def _spec(dark: bool) -> dict[str, Any]:
    """One row of panels: a panel a factor, a line a sensor and layer."""
    x = alt.X("score:Q", title="accuracy or R²", scale=alt.Scale(domain=[-0.2, 1], clamp=True))
    y = alt.Y("from:N", title=None, sort=[f"{NAMES[v]} {k}" for v in VIEWS for k in LAYERS])
    base = only("reading")
    ink, null, chance = (colour(name, dark=dark) for name in ("loss", "null", "chance"))
    tips = ["factor:N", "from:N", "unit:N"] + [
        alt.Tooltip(f"{name}:Q", format=".2f") for name in ("score", "shuffled", "random init")
    ]
    layers = alt.layer(
        base.mark_rule(color=ink, strokeWidth=2).encode(x=alt.X("low:Q"), x2="high:Q", y=y),
        base.mark_tick(color=null, thickness=3).encode(x=alt.X("shuffled:Q"), y=y),
        base.mark_point(color=chance, shape="diamond", size=50).encode(
            x=alt.X("random init:Q"), y=y
        ),
        base.mark_point(color=ink, filled=True, size=60, opacity=1).encode(x=x, y=y, tooltip=tips),
    )
    faceted = layers.properties(width=150, height=110).facet(
        facet=alt.Facet("factor:N", title=None, sort=None), columns=4
    )
    return built(faceted)


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
