"""A map of plants by t-SNE, and how much of what it shows is there.

    p_ij  how near plant j is to plant i among the features, as Gaussian shares of i's neighbours
    q_ij = (1 + |y_i - y_j|^2)^-1 / sum,   y minimises KL(p || q)

A map shows groups whether or not there are any, so three are drawn: of the trained encoder, of the
same columns each shuffled by itself (all that ties the columns together is gone), and of the
random-init encoder. What the eye reads off is then counted, in the map and in the features:

    agreement = share of a plant's k nearest plants that have its disease
    kept      = share of a plant's k nearest plants in the features that are its nearest in the map

Null of `agreement` is the same on shuffled labels; of `kept` k / (n - 1), neighbours at random. The
map starts at random, so that another seed shows what hangs on it; distances between groups and
sizes of groups mean nothing.

Source: van der Maaten & Hinton 2008 [maaten2008]; how maps mislead: Wattenberg et al. 2016
[wattenberg2016]. Lesson: 04_family.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
import tyro
from sklearn.manifold import TSNE

from plantedu.data.renderer.factors import factor
from plantedu.errors import require
from plantedu.serialization import settings_of
from plantedu.shipped_files import checkpoints
from plantedu.statistics.evidence import Evidence
from plantedu.statistics.intervals import share_interval
from plantedu.statistics.neighbours import agreement, kept, nearest
from plantedu.topics.family.results.embedding import ARMS, Arm, EmbeddingResult, Settings
from plantedu.topics.method import Context, Method
from plantedu.training.linear_probe import fit_linear, standardised
from plantedu.training.online_probes import evaluating, features_of, shrunk
from plantedu.training.pair_source import open_source, probe_plants, probe_targets
from plantedu.zoo.encoders import read_encoder
from plantedu.zoo.random_init import random_init

SHIPPED = checkpoints()


def embedding(checkpoint: Path, settings: Settings, *, bank_folder: Path) -> EmbeddingResult:
    """Map held-out plants as a trained encoder sees them, beside the two controls.

    Args:
        checkpoint: A plantedu checkpoint.
        settings: What is mapped, and how.
        bank_folder: Where rendered pairs are kept.

    Raises:
        PlantEduError: for a checkpoint that cannot be read, or more plants than are held out.
    """
    trained = read_encoder(Path(checkpoint), Path(checkpoint).stem)
    recipe = replace(trained.pretraining, probe_factors=("disease",))
    source = open_source(recipe, bank_folder)
    target = next(t for t in probe_targets(recipe, source) if t.view == settings.view)
    held_out = probe_plants(recipe, source)[1]
    enough = settings.plants <= len(held_out)
    require(enough, f"This run holds {len(held_out)} plants out; {settings.plants} are asked for.")
    images = [source.take(plants) for plants in probe_plants(recipe, source)]
    labels = np.asarray(target.held_out[: settings.plants])
    mapped = {
        name: _features(objective, images, target, recipe.crop_size, settings)
        for name, objective in (
            ("trained", trained.objective),
            ("random init", random_init(recipe, source)),
        )
    }
    mapped["shuffled"] = columns_shuffled(
        mapped["trained"], np.random.default_rng((settings.seed, 1))
    )
    levels = factor("disease").levels
    return EmbeddingResult(
        settings,
        Path(checkpoint).stem,
        recipe.data,
        recipe.world_seed,
        tuple(int(plant) for plant in held_out[: settings.plants]),
        tuple(levels[int(code)] for code in labels),
        {name: mapped_arm(mapped[name], labels, settings) for name in ARMS},
    )


def _features(
    objective: Any, images: Sequence[Any], target: Any, side: int, settings: Settings
) -> np.ndarray:
    """What is mapped of the held-out plants, "plants dim"."""
    sensors = {"rgb": (0,), "rgn": (1,), "both": (0, 1)}[settings.view]
    sets = []
    for part in images:
        h = [features_of(objective.encoder, shrunk(part[n], side)) for n in sensors]
        if settings.layer == "z":
            with evaluating(objective):
                h = [F.normalize(objective.projector(one), dim=1) for one in h]
        sets.append(torch.cat(h, 1))
    train, held_out = sets
    if settings.layer == "logits":
        train, held_out = standardised(train, held_out)
        held_out = held_out @ fit_linear(train, target)
    return held_out[: settings.plants].double().numpy()


def mapped_arm(features: np.ndarray, labels: np.ndarray, settings: Settings) -> Arm:
    """Maps of some features, "plants dim", and what neighbours say in them.

    Args:
        features: One row a plant.
        labels: Codes of the classes, "plants".
        settings: How it is mapped.
    """
    seeds = range(settings.seed, settings.seed + settings.maps)
    maps = [tsne(features, perplexity=settings.perplexity, seed=seed) for seed in seeds]
    k, n = settings.neighbours, len(labels)
    near = nearest(features, k)
    in_maps = [nearest(points, k) for points in maps]
    shared = [kept(near, one) for one in in_maps]
    words = f"Which share of a plant's {k} nearest plants has its disease"
    return Arm(
        tuple((round(float(x), 2), round(float(y), 2)) for x, y in maps[0]),
        _agreeing(f"{words}, in the map?", in_maps, labels, settings.seed),
        _agreeing(f"{words}, among the features?", [near], labels, settings.seed),
        Evidence(
            question=f"Which share of a plant's {k} nearest plants does the map keep?",
            value=float(np.mean(shared)),
            null=k / (n - 1),
            control="neighbours at random",
            n=n,
            seeds=len(maps),
            interval=share_interval(np.mean(shared, axis=0)),
        ),
    )


def tsne(features: np.ndarray, *, perplexity: float, seed: int) -> np.ndarray:
    """Where t-SNE puts each row of `features`, "plants 2", from a random start."""
    found = TSNE(perplexity=perplexity, init="random", random_state=seed, n_jobs=1)
    return found.fit_transform(np.ascontiguousarray(features, dtype=np.float32))


def columns_shuffled(features: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """The same columns, each in an order of its own: every column's values stay."""
    return generator.permuted(features, axis=0)


def _agreeing(
    question: str, nears: Sequence[np.ndarray], labels: np.ndarray, seed: int
) -> Evidence:
    """Agreement, mean over maps, beside shuffled labels (20 shuffles)."""
    per_plant = np.mean([agreement(near, labels) for near in nears], axis=0)
    generator = np.random.default_rng((seed, 2))
    shuffled = [generator.permutation(labels) for _ in range(20)]
    null = np.mean([agreement(near, other) for near in nears for other in shuffled])
    return Evidence(
        question=question,
        value=float(per_plant.mean()),
        null=float(null),
        control="shuffled labels",
        n=len(labels),
        seeds=len(nears),
        interval=share_interval(per_plant),
    )


@dataclass(frozen=True)
class Request(Settings):
    """Map held-out plants by t-SNE, beside the maps of two controls.

    Attributes:
        checkpoint: A shipped name, a file, or run:ID@WHEN.
    """

    checkpoint: tyro.conf.Positional[str] = "cross-0"


def _run(asked: Request, context: Context) -> EmbeddingResult:
    path, settings = context.checkpoint(asked.checkpoint), settings_of(asked, Settings)
    return embedding(path, settings, bank_folder=context.bank)


def tell(result: EmbeddingResult) -> None:
    """Print a result."""
    print(f"{'':<14}{'in the map':>18}{'among features':>18}{'map keeps':>18}   (null)")
    for name, arm in result.arms.items():
        scores = (arm.in_map, arm.in_features, arm.kept)
        print(f"{name:<14}" + "".join(f"{e.value:10.2f} ({e.null:.2f})  " for e in scores))
    print(result.arms["trained"].in_map.caption())


METHOD = Method(Request, _run, tell)
