"""The random-init control: networks of the same architecture that learned nothing, made one way.

    weights      as a run of that architecture starts, by a seed that no shipped run has
    batch norms  settled: their statistics are those of one pass over 256 training plants, as
                 seen by both sensors

A network straight from its seed has batch norms that have seen nothing (mean 0, variance 1). In
evaluation mode it then does not normalise, which no network of a run ever is: RankMe of its z is 8
where the settled network's is 51. So what is compared with a trained network is settled.

Several seeds show how far controls differ among themselves.

Lesson: 07_spectrum.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from typing import Any, TypeVar

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from plantedu.data.render_cache import Bank
from plantedu.data.renderer.worlds import world
from plantedu.errors import require
from plantedu.models.classifier import PairClassifier
from plantedu.models.encoders import Encoder, make_encoder
from plantedu.models.swav import SwAV
from plantedu.training.online_probes import shrunk
from plantedu.training.pair_source import FOLDER, PairSource
from plantedu.training.pretrain import make_objective
from plantedu.training.recipe import Recipe

CONTROL_SEEDS = (1001, 1002, 1003, 1004, 1005)  # no shipped run has one of them
SETTLED = 256  # training plants that a random network's batch norms see
M = TypeVar("M", bound=nn.Module)


def control_seed(k: int) -> int:
    """The k-th control's seed, counted from 0; after the last one they begin anew."""
    return CONTROL_SEEDS[k % len(CONTROL_SEEDS)]


def settle(module: M, images: Tensor, forward: Callable[[Tensor], Any] | None = None) -> M:
    """Give batch norms the statistics of one pass over pictures.

    Nothing else moves: no weight, and no dropout draws. Where there are no batch norms, nothing
    happens.

    Args:
        module: Left in evaluation mode.
        images: What passes, in one batch.
        forward: How; the module itself by default.

    Returns:
        The same module.
    """
    module.eval()
    norms = [m for m in module.modules() if isinstance(m, _BatchNorm) and m.track_running_stats]
    if not norms:
        return module
    momenta = [norm.momentum for norm in norms]
    try:
        for norm in norms:
            norm.momentum = 1.0  # the pass is all: what they had before counts nothing
            norm.train()
        with torch.no_grad():
            (forward or module)(images)
    finally:
        for norm, momentum in zip(norms, momenta, strict=True):
            norm.momentum = momentum
            norm.eval()
    return module


def unsettled(recipe: Recipe, seed: int = CONTROL_SEEDS[0]) -> SwAV:
    """The weights of a control alone; for what passes no batch norm, such as its prototypes."""
    return make_objective(replace(recipe, start="scratch", seed=seed)).eval()


def random_init(
    recipe: Recipe, source: PairSource | None = None, seed: int = CONTROL_SEEDS[0]
) -> SwAV:
    """The control of a run: a network of its architecture that learned nothing, settled.

    Args:
        recipe: Says which architecture.
        source: Where its training plants are; None renders those of its planted world.
        seed: Of the weights.

    Raises:
        PlantEduError: for a recipe of a folder without its source.
    """
    return _settled(unsettled(recipe, seed), recipe, source)


def random_encoder(name: str, *, side: int, seed: int = CONTROL_SEEDS[0]) -> Encoder:
    """The control of an encoder by name, settled on training plants of `field`.

    Args:
        name: One of ENCODERS, or any timm network.
        side: Side in pixels of the pictures.
        seed: Of the weights.

    Raises:
        PlantEduError: for a network that is not there, or cannot take pictures of that side.
    """
    encoder = make_encoder(name, seed=seed, side=side)
    return settle(encoder, torch.cat(field_pictures(side=side)))


def random_classifier(
    encoder: str, *, classes: int, sensors: str, side: int, seed: int = CONTROL_SEEDS[0]
) -> PairClassifier:
    """The control of a classifier: encoder and linear head with random weights, settled.

    Args:
        encoder: Its name.
        classes: How many classes.
        sensors: What a row is, as `PairClassifier`.
        side: Side in pixels of the pictures.
        seed: Of both.

    Raises:
        PlantEduError: for a network that is not there, or sensors that are none.
    """
    body = make_encoder(encoder, seed=seed, side=side)
    model = PairClassifier(body, classes=classes, sensors=sensors, seed=seed)
    x1, x2 = field_pictures(side=side)
    rows = {"both": (x1, x2), "rgb": (x1,), "rgn": (x2,), "either": (torch.cat([x1, x2]),)}
    return settle(model, torch.stack(rows[sensors]))


def settled_start(objective: SwAV, recipe: Recipe) -> SwAV:
    """The objective of a checkpoint; settled if no step of it has been made.

    A checkpoint of step 0 holds batch norms that have seen nothing. One of a challenge folder is
    left as it is, since the folder need not be here.
    """
    seen = [int(b) for n, b in objective.named_buffers() if n.endswith("num_batches_tracked")]
    if not seen or max(seen) or recipe.data.startswith(FOLDER):
        return objective
    return _settled(objective, recipe)


@lru_cache(maxsize=4)
def field_pictures(
    data: str = "field",
    world_seed: int = 0,
    image_size: int = 64,
    plants: int = SETTLED,
    *,
    side: int,
) -> tuple[Tensor, Tensor]:
    """What batch norms see: the first plants of a planted world by either sensor, in [0, 1].

    They are rendered once a process, in about a second, and no bank is needed.

    Raises:
        PlantEduError: for a world that is not there.
    """
    require(plants >= 2, f"Batch norms need 2 plants or more; got {plants}.")
    bank = Bank(world(data, world_seed), pairs=plants, size=image_size, folder=None)
    x1, x2 = (shrunk(x, side) for x in bank.take(range(plants)))
    return x1, x2


def _settled(objective: SwAV, recipe: Recipe, source: PairSource | None = None) -> SwAV:
    """Encoder and projector settled on the pictures of both sensors in one batch."""
    side = recipe.crop_size
    if source is not None:
        pictures = tuple(shrunk(x, side) for x in source.take(source.train[:SETTLED]))
    else:
        where = (recipe.data, recipe.world_seed, recipe.image_size, min(recipe.pairs, SETTLED))
        pictures = field_pictures(*where, side=side)
    return settle(
        objective, torch.cat(pictures), lambda x: objective.projector(objective.encoder(x))
    )
