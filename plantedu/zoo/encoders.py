"""The encoder of a checkpoint, whatever training made it, and a name that a reader knows it by.

Words that name one:  cross-0 or shipped:cross-0   what ships
                      file:PATH                    a checkpoint on this machine
                      random:SEED                  the control: res2next_tiny, never trained, its
                                                   batch norms settled (`random_init.py`)

Lesson: 06_similarity.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from torch import nn

from plantedu.data.evaluation_set import FIRST_HELD_OUT
from plantedu.errors import PlantEduError, require
from plantedu.models.encoders import Encoder
from plantedu.training.checkpoints import load_checkpoint
from plantedu.training.classifier.recipe import FineTune
from plantedu.training.classifier.setup import make_classifier
from plantedu.training.pretrain import objective_from
from plantedu.training.recipe import Recipe
from plantedu.training.weights_spec import file_of, parse_start
from plantedu.zoo.random_init import random_encoder, settled_start

RANDOM, ENCODER, SIDE = "random:", "res2next_tiny", 40


@dataclass(frozen=True, eq=False)
class Opened:
    """An encoder that is ready to look at pictures.

    Attributes:
        name: What it was asked for as.
        encoder: In evaluation mode.
        projector: What a SwAV run has above h; None elsewhere.
        side: Side in pixels that it was trained at.
        step: Optimiser steps behind it.
        data: The planted world of its plants; "" where it has learned from none.
        pairs: Plants 0 to pairs - 1 of that world were trained on, by it or by what it began
            from.
        world_seed: Seed of that world.
    """

    name: str
    encoder: Encoder
    projector: nn.Module | None
    side: int
    step: int
    data: str
    pairs: int
    world_seed: int = 0


def open_encoder(words: str) -> Opened:
    """The encoder that the words name.

    Raises:
        PlantEduError: for words that name none, or a file that cannot be read.
    """
    if words.startswith(RANDOM):
        seed = words.removeprefix(RANDOM)
        require(seed.isdecimal(), f"random:SEED takes a whole number; got {words!r}.")
        encoder = random_encoder(ENCODER, side=SIDE, seed=int(seed))
        return Opened(words, encoder, None, SIDE, 0, "", 0)
    start = parse_start(words if ":" in words else f"shipped:{words}")
    path = file_of(start) if start.kind in ("shipped", "file", "source") else None
    if path is None:
        raise PlantEduError(
            f"{words!r} names no encoder here: give the name of one that ships (cross-0), "
            "file:PATH, or random:SEED."
        )
    return opened(path, words)


def opened(path: Path, name: str) -> Opened:
    """The encoder of a checkpoint's file.

    Raises:
        PlantEduError: if it cannot be read, or is of another architecture than it says.
    """
    tensors, meta = load_checkpoint(path)
    step = int(meta.get("step", 0))
    if "finetune" in meta:
        return _classifier(tensors, meta, name, step)
    require(
        "recipe" in meta, f"{Path(path).name} holds no recipe: nobody knows what network it is."
    )
    recipe = Recipe.from_json(meta["recipe"])
    objective = settled_start(objective_from((tensors, meta)), recipe).eval()
    told = (recipe.crop_size, step, recipe.data, recipe.pairs, recipe.world_seed)
    return Opened(name, objective.encoder, objective.projector, *told)


def _classifier(tensors: Any, meta: Any, name: str, step: int) -> Opened:
    recipe = FineTune.from_json(meta["finetune"])
    model = make_classifier(recipe, classes=len(meta["classes"]))
    weights = {key.removeprefix("objective/"): tensor for key, tensor in tensors.items()}
    try:
        model.load_state_dict(weights)
    except RuntimeError as error:
        raise PlantEduError(f"This checkpoint is of another architecture: {error}") from error
    pairs = recipe.pairs if recipe.start == "scratch" else max(recipe.pairs, FIRST_HELD_OUT)
    told = (recipe.crop_size, step, recipe.data, pairs, recipe.world_seed)
    return Opened(name, model.eval().encoder, None, *told)
