"""What a linear reader finds in a trained encoder: in its features h, and in its projection z.

Fresh linear probes are trained on one set of plants and scored on held-out ones, for each factor,
from each sensor's picture alone and from both: once from the backbone's h, once from the unit
embedding z that the loss sees. Accuracy for a category, R2 for a number. Two nulls stand beside
each number: shuffled labels, and the same probe on the random-init encoder that the run began
with. The second is the stricter one: a network that has learned nothing is not at chance.

Readable does not mean used, and what a straight line cannot read may still be there.

Source: Alain & Bengio 2016, arXiv:1610.01644 [alain2017]; h against z as in Bordes et al. 2022,
arXiv:2112.09164 [bordes2022]. Lesson: 02_training.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import altair as alt
import numpy as np
import pandas as pd
import torch
import torch.nn.functional as F
import tyro
from torch import Tensor
from tqdm import tqdm

import plantedu
from plantedu.drawing import Drawing, built, only
from plantedu.errors import require
from plantedu.evidence import Evidence
from plantedu.intervals import plants_interval
from plantedu.models.swav import SwAV
from plantedu.palette import NAMES, colour
from plantedu.runs.checkpoints import load_checkpoint
from plantedu.runs.home import home
from plantedu.training.linear import Target, answered
from plantedu.training.pretrain import objective_from
from plantedu.training.probes import evaluating, features_of, shrunk
from plantedu.training.random_init import control_seed, random_init, settled_start
from plantedu.training.recipe import Recipe
from plantedu.training.source import open_source, probe_plants, probe_targets

SHIPPED = Path(plantedu.__file__).parents[1] / "checkpoints"
LAYERS = ("h", "z")
VIEWS = ("rgb", "rgn", "both")


@dataclass(frozen=True)
class Reading:
    """How well one factor is read from one layer, from one sensor's picture or from both.

    Attributes:
        random_init: The same probe on the encoder before its first step.
        random_init_null: That one on shuffled labels.
        chance: Score of the best constant answer.
        unit: "accuracy" or "R2".
    """

    factor: str
    view: str
    layer: str
    unit: str
    evidence: Evidence
    random_init: float
    random_init_null: float
    chance: float


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
    checkpoints: Sequence[Path], *, bank_folder: Path, probe_seeds: int = 3
) -> ReadoutResult:
    """Read every planted factor from trained encoders of one recipe.

    Args:
        checkpoints: Files of one recipe trained from several seeds; their mean is the value.
        bank_folder: Where rendered pairs are kept.
        probe_seeds: Shuffles of the labels a factor and checkpoint.

    Raises:
        PlantEduError: without checkpoints, for one that cannot be read, or for recipes that
            differ in more than their seed.
    """
    require(bool(checkpoints), "Name at least one checkpoint to read from.")
    snapshots = [load_checkpoint(path) for path in checkpoints]
    recipes = [Recipe.from_json(meta["recipe"]) for _, meta in snapshots]
    differing = {json.dumps(recipe.as_json() | {"seed": 0}) for recipe in recipes}
    require(
        len(differing) == 1, "These checkpoints differ in more than their seed: read them apart."
    )
    source = open_source(recipes[0], bank_folder)
    targets = probe_targets(recipes[0], source)
    images = [source.take(plants) for plants in probe_plants(recipes[0], source)]
    side = recipes[0].crop_size
    told: dict[tuple[str, ...], list[Tensor]] = {}
    runs = list(zip(recipes, snapshots, strict=True))
    for k, (recipe, snapshot) in enumerate(tqdm(runs, "checkpoints", leave=False)):
        for when, objective in (
            ("end", settled_start(objective_from(snapshot), recipe)),
            ("init", random_init(recipe, source, control_seed(k))),
        ):
            sets = {n: [shrunk(part[n], side) for part in images] for n in (0, 1)}
            layers = [_layers(objective, sets[n]) for n in (0, 1)]
            for layer in LAYERS:
                for view, features in _views(*(found[layer] for found in layers)).items():
                    wanted = [target for target in targets if target.view == view]
                    for name, scores in answered(
                        *features, wanted, seeds=probe_seeds, seed=recipe.seed, step=0
                    ):
                        told.setdefault((name, layer, when), []).append(scores.mean(0))
    return ReadoutResult(
        tuple(
            _reading(target, layer, told, len(snapshots)) for target in targets for layer in LAYERS
        )
    )


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


def _reading(
    target: Target, layer: str, told: dict[tuple[str, ...], list[Tensor]], seeds: int
) -> Reading:
    def per_plant(kind: str, when: str = "end") -> np.ndarray:
        scores = told[(f"{kind}/{target.name}/{target.view}", layer, when)]
        return torch.stack(scores).mean(0).numpy()

    unit = "accuracy" if target.classes else "R2"
    values = per_plant("probe")
    evidence = Evidence(
        question=f"With what {unit} does a linear probe read {target.name} from {layer} of "
        f"{NAMES[target.view]}?",
        value=float(values.mean()),
        null=float(per_plant("null").mean()),
        control="shuffled labels",
        n=len(values),
        seeds=seeds,
        interval=plants_interval(values, kind="share" if target.classes else "mean"),
    )
    return Reading(
        target.name,
        target.view,
        layer,
        unit,
        evidence,
        random_init=float(per_plant("probe", "init").mean()),
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
        json: Print the result as one JSON object on the last line.
    """

    checkpoints: tyro.conf.Positional[tuple[Path, ...]] = ()
    probe_seeds: int = 3
    json: bool = False


def main(argv: list[str]) -> int:
    """`python -m plantedu readout [CHECKPOINT ...] [--json]`."""
    options = tyro.cli(Options, args=argv, prog="python -m plantedu readout")
    files = options.checkpoints or tuple(sorted(SHIPPED.glob("cross-*.safetensors")))
    result = readout(files, bank_folder=home() / "bank", probe_seeds=options.probe_seeds)
    for r in result.readings:
        print(
            f"{r.factor:<13}{NAMES[r.view]:<5}{r.layer}  {r.unit:<9}{r.evidence.value:6.2f}"
            f"   shuffled {r.evidence.null:6.2f}   random init {r.random_init:6.2f}"
        )
    print(result.readings[0].evidence.caption())
    if options.json:
        print(json.dumps(result.as_json()))
    return 0
