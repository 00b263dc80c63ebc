"""What a frozen encoder says of pictures: the backbone's h, or the projector's z.

Encoders are named as they ship (cross-0, small-0, supervised_rgb-0); random-NAME is the control of
NAME's architecture (`random_init.py`). A picture of any side is brought to the side that the
encoder was trained at, so that rendered, uploaded and generated pictures take the same way.

Lesson: 05_generation.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from plantedu.data.evaluation_set import FIRST_HELD_OUT
from plantedu.errors import require
from plantedu.models.encoders import Encoder
from plantedu.models.swav import SwAV
from plantedu.shipped_files import checkpoints
from plantedu.training.checkpoints import load_checkpoint
from plantedu.training.classifier.finetune import classifier_from
from plantedu.training.classifier.recipe import FineTune
from plantedu.training.online_probes import evaluating
from plantedu.training.pretrain import objective_from
from plantedu.training.recipe import Recipe
from plantedu.zoo.random_init import control_seed, random_init, unsettled

SHIPPED = checkpoints()
LAYERS = ("h", "z")
RANDOM = "random-"

Pictures = np.ndarray | Tensor


@dataclass(frozen=True, eq=False)
class FrozenEncoder:
    """An encoder that is only asked.

    Attributes:
        name: As it ships.
        side: Side of the pictures that it was trained at.
        sensors: Which sensors it was trained on.
        layers: "h", and "z" where it has a projector.
        data, world_seed: The planted world of its plants; "" where it has learned from none.
        pairs: Plants 0 to pairs - 1 of that world were trained on.
    """

    name: str
    objective: nn.Module
    side: int
    sensors: tuple[str, ...]
    layers: tuple[str, ...]
    data: str = ""
    world_seed: int = 0
    pairs: int = 0

    @property
    def encoder(self) -> Encoder:
        """The backbone."""
        return self.objective.encoder  # type: ignore[return-value]

    def width(self, layer: str) -> int:
        """How many numbers a layer says of a picture."""
        self.check(layer)
        if layer == "h":
            return self.encoder.dim
        return int(self.objective.projector[-1].out_features)  # type: ignore[index, union-attr]

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
        whole = as_pictures(pictures)
        with evaluating(self.objective):
            parts = [self.differentiable(part, layer) for part in whole.split(batch)]
        return torch.cat(parts).float()

    def differentiable(self, pictures: Tensor, layer: str) -> Tensor:
        """The same of one batch in [0, 1], with gradients, for attacks; evaluation mode is up to
        the caller."""
        size = (self.side, self.side)
        seen = F.interpolate(pictures, size=size, mode="bilinear", antialias=True)
        return self.encoder(seen) if layer == "h" else self.objective.project(seen)  # type: ignore[operator]

    def check(self, layer: str) -> None:
        """Raise PlantEduError unless the encoder has this layer."""
        require(
            layer in self.layers,
            f"{self.name} has {' and '.join(self.layers)}, no {layer!r}"
            + ("" if "z" in self.layers else ": it was trained without a projector") + ".",
        )  # fmt: skip


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


def open_encoder(name: str, folder: Path = SHIPPED) -> FrozenEncoder:
    """An encoder that ships, or random-NAME: the control of NAME's architecture.

    Raises:
        PlantEduError: if there is none of that name.
    """
    return _opened(name, folder, lambda recipe: random_init(recipe, seed=control_seed(recipe.seed)))


def open_teller(name: str, folder: Path = SHIPPED) -> FrozenEncoder:
    """The same as a denoiser's slot knows it.

    The denoisers that ship were trained with a slot for random-cross-0 as it was made then: NAME's
    own seed, batch norms not settled. Told by another network, that slot would mean nothing. So
    what a denoiser is told of is not the course's control, though it learned nothing either.

    Raises:
        PlantEduError: if there is none of that name.
    """
    return _opened(name, folder, lambda recipe: unsettled(recipe, recipe.seed))


def _opened(name: str, folder: Path, make: Callable[[Recipe], SwAV]) -> FrozenEncoder:
    """An encoder by its name; `make` makes what random-NAME stands for."""
    fresh = name.startswith(RANDOM)
    stem = name.removeprefix(RANDOM)
    path = Path(folder) / f"{stem}.safetensors"
    known = sorted(p.name.removesuffix(".safetensors") for p in Path(folder).glob("*.safetensors"))
    require(path.is_file(), f"No encoder {name!r} ships; there are {', '.join(known)}.")
    snapshot = load_checkpoint(path)
    if "finetune" in snapshot[1]:
        require(not fresh, f"{stem} is a classifier; random-NAME is for self-supervised ones.")
        tuned = FineTune.from_json(snapshot[1]["finetune"])
        sensors = ("rgb", "rgn") if tuned.sensors in ("both", "either") else (tuned.sensors,)
        model = _frozen(classifier_from(snapshot))
        pairs = tuned.pairs if tuned.start == "scratch" else max(tuned.pairs, FIRST_HELD_OUT)
        seen = (tuned.data, tuned.world_seed, pairs)
        return FrozenEncoder(name, model, tuned.crop_size, sensors, ("h",), *seen)
    recipe = Recipe.from_json(snapshot[1]["recipe"])
    objective = make(recipe) if fresh else objective_from(snapshot)
    one_sensor = {"rgb_only": ("rgb",), "nir_only": ("rgn",)}
    sensors = one_sensor.get(recipe.pairing, ("rgb", "rgn"))
    seen = ("", 0, 0) if fresh else (recipe.data, recipe.world_seed, recipe.pairs)
    return FrozenEncoder(name, _frozen(objective), recipe.crop_size, sensors, LAYERS, *seen)


def _frozen(objective: nn.Module) -> nn.Module:
    return objective.eval().requires_grad_(False)
