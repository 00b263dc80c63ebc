"""The encoder that some words name, whatever training made it, and what it says of pictures.

    cross-0, shipped:cross-0    what ships, such as stages/0600 or supervised_rgb-0
    PATH.safetensors, file:PATH a checkpoint on this machine
    run:ID@WHEN                 a checkpoint of a recorded run: at a step, or its last one
    random:SEED                 the control: res2next_tiny, never trained, its batch norms settled
    random-NAME                 the control of NAME's architecture (`random_init.py`)

timm:NAME[@FILE] and py:MODULE:FUNCTION are read by `any_encoder.py`, where h alone is asked for.

It says the backbone's h or the projector's z. A picture of any side is brought to the side that the
encoder was trained at, so that rendered, uploaded and generated pictures take the same way.

Lesson: 06_similarity.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from plantedu.data.evaluation_set import FIRST_HELD_OUT
from plantedu.errors import PlantEduError, require
from plantedu.models.classifier import PairClassifier
from plantedu.models.encoders import Encoder
from plantedu.models.swav import SwAV
from plantedu.shipped_files import checkpoints
from plantedu.training.checkpoints import load_checkpoint
from plantedu.training.classifier.recipe import FineTune
from plantedu.training.classifier.setup import classifier_from
from plantedu.training.online_probes import evaluating
from plantedu.training.pretrain import Snapshot, objective_from
from plantedu.training.recipe import Recipe
from plantedu.zoo.random_init import (
    control_seed,
    random_encoder,
    random_init,
    settled_start,
    unsettled,
)
from plantedu.zoo.resolve import checkpoint_file

SHIPPED = checkpoints()
SEEDED, RANDOM, ENCODER, SIDE = "random:", "random-", "res2next_tiny", 40
FOREIGN = ("timm:", "py:", "foreign-")
ONE_SENSOR = {"rgb_only": ("rgb",), "nir_only": ("rgn",)}
Pictures = np.ndarray | Tensor
Found = TypeVar("Found")


@dataclass(frozen=True, eq=False, kw_only=True)
class LoadedEncoder:
    """An encoder that is ready to look at pictures, in evaluation mode.

    Attributes:
        name: What it was asked for as.
        encoder: The backbone.
        side: Side in pixels of the pictures that it was trained at.
        projector: What a SwAV run has above h; None elsewhere.
        swav, classifier: The whole network that it is of; None for another kind.
        recipe: Of the pretraining; None for another kind.
        sensors: Which sensors it was trained on.
        step: Optimiser steps behind it.
        data, world_seed: The planted world of its plants; "" where it has learned from none.
        pairs: Plants 0 to pairs - 1 of that world were trained on, by it or by what it began
            from.
    """

    name: str
    encoder: Encoder
    side: int
    projector: nn.Module | None = None
    swav: SwAV | None = None
    classifier: PairClassifier | None = None
    recipe: Recipe | None = None
    sensors: tuple[str, ...] = ("rgb", "rgn")
    step: int = 0
    data: str = ""
    world_seed: int = 0
    pairs: int = 0

    @property
    def layers(self) -> tuple[str, ...]:
        """ "h", and "z" where it has a projector."""
        return ("h",) if self.projector is None else ("h", "z")

    @property
    def objective(self) -> SwAV:
        """Encoder, projector and prototypes of a SwAV run.

        Raises:
            PlantEduError: for a network of another kind.
        """
        return self._of_pretraining(self.swav)

    @property
    def pretraining(self) -> Recipe:
        """The recipe of its pretraining.

        Raises:
            PlantEduError: for a network of another kind.
        """
        return self._of_pretraining(self.recipe)

    def _of_pretraining(self, found: Found | None) -> Found:
        if found is None:
            raise PlantEduError(f"{self.name} was not pretrained: it has no z and no prototypes.")
        return found

    def width(self, layer: str) -> int:
        """How many numbers a layer says of a picture."""
        self.check(layer)
        if layer == "h":
            return self.encoder.dim
        return int(self.projector[-1].out_features)  # type: ignore[index, union-attr]

    def h(self, pictures: Pictures) -> Float[Tensor, "n dim"]:
        """Features of pictures, uint8 or in [0, 1], "n 3 side side"."""
        return self.of(pictures, "h")

    def z(self, pictures: Pictures) -> Float[Tensor, "n dim"]:
        """Unit embeddings of pictures."""
        return self.of(pictures, "z")

    def of(self, pictures: Pictures, layer: str, *, batch: int = 256) -> Float[Tensor, "n dim"]:
        """What a layer says, float32 on the CPU.

        Raises:
            PlantEduError: for a layer that is not there, or pictures that are none.
        """
        self.check(layer)
        whole = torch.as_tensor(pictures)
        with evaluating(self.swav or self.encoder):
            parts = [self.differentiable(as_pictures(x), layer) for x in whole.split(batch)]
        return torch.cat(parts).float()

    def differentiable(self, pictures: Tensor, layer: str) -> Tensor:
        """The same of one batch in [0, 1], with gradients, for attacks; evaluation mode is up to
        the caller."""
        size = (self.side, self.side)
        seen = F.interpolate(pictures, size=size, mode="bilinear", antialias=True)
        return self.encoder(seen) if layer == "h" else self.objective.project(seen)

    def check(self, layer: str) -> None:
        """Raise PlantEduError unless the encoder has this layer."""
        require(
            layer in self.layers,
            f"{self.name} has {' and '.join(self.layers)}, no {layer!r}"
            + ("" if "z" in self.layers else ": it was trained without a projector") + ".",
        )  # fmt: skip


def load_encoder(words: str) -> LoadedEncoder:
    """The encoder that the words name, frozen.

    Raises:
        PlantEduError: for words that name none, or a file that cannot be read.
    """
    require(
        not words.startswith(FOREIGN),
        f"{words} is a foreign network, and this needs an encoder of the course: it asks for what "
        "a recipe or a projector says. `similarity compare` and `pe.model` take foreign ones.",
    )
    if words.startswith(SEEDED):
        seed = words.removeprefix(SEEDED)
        require(seed.isdecimal(), f"random:SEED takes a whole number; got {words!r}.")
        encoder = random_encoder(ENCODER, side=SIDE, seed=int(seed))
        return _frozen(LoadedEncoder(name=words, encoder=encoder, side=SIDE))
    if words.startswith(RANDOM):
        return _control(words, lambda recipe: random_init(recipe, seed=control_seed(recipe.seed)))
    return _frozen(read_encoder(checkpoint_file(words), words))


def read_encoder(path: Path, name: str) -> LoadedEncoder:
    """The encoder of a checkpoint's file; one of step 0 is settled, as a control is.

    Args:
        path: The file.
        name: What it is called.

    Raises:
        PlantEduError: if it cannot be read, or is of another architecture than it says.
    """
    snapshot = load_checkpoint(Path(path))
    meta = snapshot[1]
    if "finetune" in meta:
        return _classifier(snapshot, name)
    require(
        "recipe" in meta, f"{Path(path).name} holds no recipe: nobody knows what network it is."
    )
    recipe = Recipe.from_json(meta["recipe"])
    objective = settled_start(objective_from(snapshot), recipe).eval()
    return LoadedEncoder(
        name=name,
        encoder=objective.encoder,
        side=recipe.crop_size,
        projector=objective.projector,
        swav=objective,
        recipe=recipe,
        sensors=ONE_SENSOR.get(recipe.pairing, ("rgb", "rgn")),
        step=int(meta.get("step", 0)),
        data=recipe.data,
        world_seed=recipe.world_seed,
        pairs=recipe.pairs,
    )


def conditioning_encoder(words: str) -> LoadedEncoder:
    """The same as a denoiser's slot knows it.

    The denoisers that ship were trained with a slot for random-cross-0 as it was made then: NAME's
    own seed, batch norms not settled. Conditioned on another network, that slot would mean nothing.
    So what a denoiser is conditioned on is not the course's control, though it learned nothing
    either.

    Raises:
        PlantEduError: for words that name none, or a file that cannot be read.
    """
    if words.startswith(RANDOM):
        return _control(words, lambda recipe: unsettled(recipe, recipe.seed))
    return load_encoder(words)


def _control(words: str, make: Callable[[Recipe], SwAV]) -> LoadedEncoder:
    """What random-NAME stands for, by the recipe of NAME."""
    stem = words.removeprefix(RANDOM)
    meta = load_checkpoint(checkpoint_file(stem))[1]
    require("finetune" not in meta, f"{stem} is a classifier; random-NAME is for self-supervised.")
    recipe = Recipe.from_json(meta["recipe"])
    objective = make(recipe).eval()
    return _frozen(
        LoadedEncoder(
            name=words,
            encoder=objective.encoder,
            side=recipe.crop_size,
            projector=objective.projector,
            swav=objective,
            recipe=recipe,
            sensors=ONE_SENSOR.get(recipe.pairing, ("rgb", "rgn")),
        )
    )


def _classifier(snapshot: Snapshot, name: str) -> LoadedEncoder:
    recipe = FineTune.from_json(snapshot[1]["finetune"])
    model = classifier_from(snapshot)
    return LoadedEncoder(
        name=name,
        encoder=model.encoder,
        side=recipe.crop_size,
        classifier=model,
        sensors=("rgb", "rgn") if recipe.sensors in ("both", "either") else (recipe.sensors,),
        step=int(snapshot[1].get("step", 0)),
        data=recipe.data,
        world_seed=recipe.world_seed,
        pairs=recipe.pairs if recipe.start == "scratch" else max(recipe.pairs, FIRST_HELD_OUT),
    )


def _frozen(one: LoadedEncoder) -> LoadedEncoder:
    (one.swav or one.classifier or one.encoder).eval().requires_grad_(False)
    return one


def as_pictures(pictures: Pictures) -> Float[Tensor, "n 3 side side"]:
    """Pictures in [0, 1], from uint8 or from [0, 1].

    Raises:
        PlantEduError: for another shape, or numbers outside.
    """
    whole = torch.as_tensor(pictures)
    whole = whole.float() / 255 if whole.dtype == torch.uint8 else whole.float()
    require(
        whole.ndim == 4 and whole.shape[1] == 3,
        f"Pictures of one sensor are wanted, (n, 3, side, side); got {tuple(whole.shape)}.",
    )
    inside = bool(((whole >= 0) & (whole <= 1)).all())
    require(inside, "Pictures must lie in [0, 1], or be bytes; these hold other numbers or NaN.")
    return whole
