"""Features of the same plants from both sensors: to fit a map on, to score it on, to look again.

Layers are `h`, the encoder's features; `z`, the unit embeddings; and `pixels`, the pictures' own
means over a grid, through no encoder at all. h is wide: it is given in its leading directions,
which are those of training plants from both sensors together, so that both share one basis.

Random-init encoders are the course's control (`random_init.py`): the same architecture, seeds that
no run has, settled batch norms.

Lesson: 07_spectrum.
"""

from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from plantedu.data.crops import CropBatch
from plantedu.errors import require
from plantedu.models.sinkhorn import sinkhorn
from plantedu.models.swav import SwAV
from plantedu.training.online_probes import evaluating, features_of, shrunk
from plantedu.training.pair_source import PairSource, open_source
from plantedu.training.pretrain import crops_of
from plantedu.training.recipe import Recipe
from plantedu.zoo.loaded_checkpoint import load_stage
from plantedu.zoo.random_init import CONTROL_SEEDS, random_init, unsettled

LAYERS = ("h", "z", "pixels")
DIRECTIONS = 64  # of h that a map is made of
GRID = 4  # pixels: means over 4 x 4 fields and three bands

BARE = (
    *("data", "world_seed", "pairs", "image_size", "crop_size", "probe_plants", "encoder"),
    *("prototypes", "projection_dim", "hidden_dim", "batch", "steps"),
)

Pair = tuple[np.ndarray, np.ndarray]


@dataclass(frozen=True)
class Amount:
    """How many plants.

    Attributes:
        plants: Training plants that a map is fitted to.
        held_out: Held-out plants that it is scored on.
        crops: Whether crops are looked at, too.
    """

    plants: int
    held_out: int
    crops: bool = False


@dataclass(frozen=True, eq=False)
class LayerFeatures:
    """Every layer of one encoder on the plants of its run.

    Attributes:
        plants: Ids of the training, and of the held-out plants.
        layers: By layer: training, held-out and crops, each a list of "plants dim".
    """

    plants: tuple[np.ndarray, np.ndarray]
    layers: dict[str, tuple[list[np.ndarray], ...]]


@dataclass(frozen=True, eq=False)
class TwoSensors:
    """One layer, ready to be mapped.

    Attributes:
        layer: Which one.
        plants: Ids of the training, and of the held-out plants.
        train: Features of X1 and of X2, training plants, "plants dim".
        held_out: The same of held-out plants, which the encoder never saw.
        looks: Two crops of X1 and one of X2, training plants; empty where none were asked for.
        kept: Share of the variance of the whole layer that these directions hold.
        width: Dimensions of the whole layer.
    """

    layer: str
    plants: tuple[np.ndarray, np.ndarray]
    train: Pair
    held_out: Pair
    looks: tuple[np.ndarray, ...]
    kept: float
    width: int


def check_layer(layer: str) -> None:
    """Refuse a layer that is not there.

    Raises:
        PlantEduError: listing those that are.
    """
    require(layer in LAYERS, f"No layer is called {layer!r}; there are {', '.join(LAYERS)}.")


def two_sensors(seen: LayerFeatures, layer: str) -> TwoSensors:
    """One layer of what an encoder has seen.

    Args:
        seen: Every layer.
        layer: One of LAYERS.

    Raises:
        PlantEduError: for an unknown layer.
    """
    check_layer(layer)
    wide = [[one.astype(np.float64) for one in part] for part in seen.layers[layer]]
    (train, held_out, looks), kept = _directions(wide) if layer == "h" else (wide, 1.0)
    pairs = ((train[0], train[1]), (held_out[0], held_out[1]))
    return TwoSensors(layer, seen.plants, *pairs, tuple(looks), kept, wide[0][0].shape[1])


def seen_by(objective: SwAV, recipe: Recipe, source: PairSource, amount: Amount) -> LayerFeatures:
    """Look at the plants of a run through an encoder, and past it.

    Args:
        objective: The encoder with its projector.
        recipe: Of the run whose plants they are.
        source: Where they are.
        amount: How many of them.

    Raises:
        PlantEduError: for more plants than there are.
    """
    plants = chosen(source, amount)
    parts: list[tuple[Tensor, ...]] = [pictures(recipe, source, one) for one in plants]
    parts.append(_crops(recipe, source, plants[0]) if amount.crops else ())
    sizes = [len(images) for part in parts for images in part]
    everything = torch.cat([images for part in parts for images in part])
    h, z = embedded(objective, everything)
    means = F.adaptive_avg_pool2d(everything, GRID).flatten(1)
    layers = {}
    for layer, rows in (("h", h), ("z", z), ("pixels", means)):
        each = iter(rows.numpy() for rows in rows.split(sizes))
        layers[layer] = tuple([next(each) for _ in part] for part in parts)
    return LayerFeatures(plants, layers)


@lru_cache(maxsize=12)
def of_checkpoint(path: Path, _changed: int, bank_folder: Path, amount: Amount) -> LayerFeatures:
    """What a checkpoint sees, kept for the next layer that is asked for; `_changed`: when."""
    stage = load_stage(path)
    return seen_by(stage.objective, stage.recipe, opened(bare(stage.recipe), bank_folder), amount)


@lru_cache(maxsize=12)
def of_random_init(recipe: Recipe, seed: int, bank_folder: Path, amount: Amount) -> LayerFeatures:
    """What a network of a `bare` recipe sees that learned nothing."""
    source = opened(recipe, bank_folder)
    return seen_by(random_init(recipe, source, seed), recipe, source, amount)


@lru_cache(maxsize=4)
def opened(recipe: Recipe, bank_folder: Path) -> PairSource:
    """The plants of a recipe, kept for the next look."""
    return open_source(recipe, bank_folder)


def bare(recipe: Recipe) -> Recipe:
    """Plants and architecture of a recipe, all else as by default: the same for many runs."""
    return Recipe(**{name: getattr(recipe, name) for name in BARE})


def chosen(source: PairSource, amount: Amount) -> tuple[np.ndarray, np.ndarray]:
    """Ids of the training and of the held-out plants.

    Raises:
        PlantEduError: for more plants than there are.
    """
    for name, asked, there in (
        ("plants", amount.plants, len(source.train)),
        ("held_out", amount.held_out, len(source.held_out)),
    ):
        require(asked <= there, f"This run has {there} plants for {name}; {asked} are asked for.")
    return source.train[: amount.plants], source.held_out[: amount.held_out]


def pictures(recipe: Recipe, source: PairSource, plants: np.ndarray) -> tuple[Tensor, Tensor]:
    """Whole pictures of both sensors at the side that the encoder trains at."""
    x1, x2 = (shrunk(images, recipe.crop_size) for images in source.take(plants))
    return x1, x2


def embedded(objective: SwAV, images: Tensor) -> tuple[Tensor, Tensor]:
    """h and z of pictures, "n dim"."""
    h = features_of(objective.encoder, images)
    with evaluating(objective):
        return h, F.normalize(objective.projector(h), dim=1)


def _crops(recipe: Recipe, source: PairSource, plants: np.ndarray) -> tuple[Tensor, ...]:
    """Two large crops of X1, and one of X2, of each plant."""
    x1, x2 = (torch.from_numpy(x) for x in source.take(plants))
    large = replace(recipe, small_crops=0)

    def cropped(pairing: str, draw: int) -> CropBatch:
        return crops_of(replace(large, pairing=pairing), x1, x2, draw)

    same, cross = cropped("rgb_only", recipe.steps), cropped("cross", recipe.steps + 1)
    return same.large[0], same.large[1], cross.large[1]


def _directions(wide: list[list[np.ndarray]]) -> tuple[list[list[np.ndarray]], float]:
    """Everything in the leading directions of the training plants of both sensors."""
    rows = np.concatenate(wide[0])
    mean = rows.mean(0)
    values, vectors = np.linalg.eigh(np.cov((rows - mean).T))
    leading = vectors[:, ::-1][:, :DIRECTIONS]
    kept = float(values[::-1][:DIRECTIONS].sum() / values.sum())
    return [[(x - mean) @ leading for x in part] for part in wide], kept


def shares(
    objective: SwAV | None,
    recipe: Recipe,
    z: list[np.ndarray],
    *,
    seed: int = CONTROL_SEEDS[0],
) -> list[tuple[np.ndarray, np.ndarray]]:
    """Code and prediction of every plant under each sensor, as the objective would make them.

    Args:
        objective: Whose prototypes; None for those of a random-init network.
        recipe: Temperature, softness and iterations.
        z: Embeddings of X1 and of X2, "plants dim".
        seed: Of the random-init network.

    Returns:
        For each sensor q and p, "plants prototypes", rows that sum to 1.
    """
    objective = objective or unsettled(recipe, seed)
    c = F.normalize(objective.prototypes.detach().double(), dim=1)
    found = []
    for rows in z:
        scores = torch.from_numpy(rows).double() @ c.T
        q = sinkhorn(scores, epsilon=recipe.epsilon, iterations=recipe.sinkhorn_iterations)
        found.append((q.numpy(), F.softmax(scores / recipe.temperature, 1).numpy()))
    return found
