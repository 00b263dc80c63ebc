"""Train the upscaler on plants that denoisers are trained on, each rendered at both sides.

Rows, places and noise of a step depend on recipe and step alone, so that a training that was
stopped goes on as if it had not been.

Lesson: 05_generation.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from plantedu.data.evaluation_set import FIRST_HELD_OUT
from plantedu.data.render_cache import Bank
from plantedu.data.renderer.worlds import world
from plantedu.errors import PlantEduError, require
from plantedu.models.pair_upscaler import BANDS, TIMES, Enlarged, PairUpscaler
from plantedu.topics.generation.variance_components import pictures_of
from plantedu.training.checkpoints import load_checkpoint
from plantedu.training.fit import Observer, State, fit, one_cycle
from plantedu.training.precision import Arithmetic
from plantedu.training.seeding import generator_for, numpy_generator_for
from plantedu.training.weights_spec import file_of, parse_start

SHIPPED_UPSCALER = "upscaler-0"
HELD_OUT = 1024  # plants from FIRST_HELD_OUT on, which nothing is trained on


@dataclass(frozen=True)
class UpscalerRecipe:
    """All knobs of an upscaler's training.

    Attributes:
        data, world_seed: The world.
        first, plants: First plant to train on, and how many from there.
        side: Pixels a side of what is enlarged.
        crop: Pixels a side of the square that is learned from.
        grain: Largest noise of the small picture, as a share of full range: drawn pictures are not
            rendered ones.
        alone: Share of the squares in which one camera stands in the place of both.
        width, blocks: Size of the network.
        batch, steps, learning_rate: Adam under one cycle.
        precision: Arithmetic of the forward pass.
        seed: Of the weights and every draw.
    """

    data: str = "field"
    world_seed: int = 0
    first: int = 5120
    plants: int = 4 * 1024
    side: int = 48
    crop: int = 24
    grain: float = 0.02
    alone: float = 0.2
    width: int = 64
    blocks: int = 4
    batch: int = 16
    steps: int = 4000
    learning_rate: float = 1e-3
    precision: str = "bfloat16"
    seed: int = 0

    def __post_init__(self) -> None:
        world(self.data, self.world_seed)
        whole = all(getattr(self, name) >= 1 for name in ("plants", "batch", "steps"))
        require(whole, "plants, batch and steps are at least 1.")
        require(self.batch <= self.plants, "A batch holds at most all plants: lower batch.")
        require(4 <= self.crop <= self.side, f"crop is from 4 to side {self.side}.")
        shares = 0 <= self.grain <= 1 and 0 <= self.alone <= 1
        require(shares, f"grain and alone are 0 to 1; got {self.grain!r}, {self.alone!r}.")
        ends = self.first + self.plants
        require(
            ends <= FIRST_HELD_OUT or self.first >= FIRST_HELD_OUT + HELD_OUT,
            f"Plants {FIRST_HELD_OUT} to {FIRST_HELD_OUT + HELD_OUT - 1} are held out; "
            f"{self.first} to {ends - 1} overlap them.",
        )

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)

    @classmethod
    def from_json(cls, found: Mapping[str, Any]) -> "UpscalerRecipe":
        """The recipe of plain values.

        Raises:
            PlantEduError: for a knob that is not known.
        """
        unknown = sorted(set(found) - {one.name for one in fields(cls)})
        require(not unknown, f"An upscaler's recipe has no {', '.join(unknown)}.")
        return cls(**found)


@dataclass(frozen=True, eq=False)
class BothSides:
    """The same plants at the side that is drawn and at TIMES that side."""

    small: Bank
    large: Bank

    def take(self, rows: np.ndarray) -> Enlarged:
        """Pairs of plants, six bands in [0, 1]."""
        return Enlarged(*(pictures_of(*bank.take(rows)) for bank in (self.small, self.large)))


def both_sides(recipe: UpscalerRecipe, bank_folder: Path | None) -> BothSides:
    """The plants of a recipe, rendered when they are first wanted."""
    planted, pairs = world(recipe.data, recipe.world_seed), recipe.first + recipe.plants
    banks = (
        Bank(planted, pairs=pairs, size=side, folder=bank_folder)
        for side in (recipe.side, TIMES * recipe.side)
    )
    return BothSides(*banks)


def make_upscaler(recipe: UpscalerRecipe) -> PairUpscaler:
    """The recipe's network with its fresh weights."""
    return PairUpscaler(width=recipe.width, blocks=recipe.blocks, seed=recipe.seed)


def train_upscaler(
    recipe: UpscalerRecipe,
    *,
    bank_folder: Path | None,
    observers: Sequence[Observer] = (),
    resume: tuple[Mapping[str, Tensor], Mapping[str, Any]] | None = None,
) -> State:
    """Train as a recipe says, from a snapshot if there is one; the state holds the network."""
    plants, network = both_sides(recipe, bank_folder), make_upscaler(recipe)
    state = State(
        network,
        torch.optim.Adam(network.parameters(), lr=recipe.learning_rate),
        recipe.steps,
        arithmetic=Arithmetic(recipe.precision),
        meta={"upscaler": recipe.as_json()},
    )
    if resume is not None:
        state.restore(*resume)
    fit(
        state,
        lambda step: batch_of_step(recipe, plants, step),
        learning_rate=lambda step: one_cycle(
            step, steps=recipe.steps, peak=recipe.learning_rate, warmup=0.05
        ),
        observers=observers,
    )
    network.eval()
    return state


def batch_of_step(recipe: UpscalerRecipe, plants: BothSides, step: int) -> Enlarged:
    """A square of each plant of a step, half of the plants mirrored."""
    per_epoch = recipe.plants // recipe.batch
    epoch, place = divmod(step, per_epoch)
    order = numpy_generator_for(recipe.seed, "upscaler order", epoch).permutation(recipe.plants)
    rows = np.sort(recipe.first + order[place * recipe.batch : (place + 1) * recipe.batch])
    draws = numpy_generator_for(recipe.seed, "upscaler places", step)
    whole, small, large = plants.take(rows), [], []
    for k in range(len(rows)):
        top, left = draws.integers(0, recipe.side - recipe.crop + 1, size=2)
        ways = (-1,) if draws.random() < 0.5 else ()
        bands = _bands(draws, recipe.alone)
        for kept, images, times in ((small, whole.small, 1), (large, whole.large, TIMES)):
            place = times * np.array([top, left, recipe.crop])
            kept.append(_square(images[k], *place)[bands].flip(ways))
    rough = torch.stack(small)
    generator = generator_for(recipe.seed, "upscaler grain", step)
    level = recipe.grain * torch.rand(len(rough), 1, 1, 1, generator=generator)
    rough = rough + level * torch.randn(rough.shape, generator=generator)
    return Enlarged(rough.clamp(0, 1), torch.stack(large))


def _bands(draws: np.random.Generator, alone: float) -> list[int]:
    """X1's three and X2's; or those of one of the two, twice."""
    if draws.random() >= alone:
        return list(range(BANDS))
    return 2 * [[0, 1, 2], [3, 4, 5]][draws.integers(2)]


def _square(image: Tensor, top: int, left: int, side: int) -> Tensor:
    return image[:, top : top + side, left : left + side]


def upscaler_from(tensors: Mapping[str, Tensor], meta: Mapping[str, Any]) -> PairUpscaler:
    """The upscaler of a checkpoint in evaluation mode and float32.

    Raises:
        PlantEduError: if it holds none, or one of another architecture than it says.
    """
    require("upscaler" in meta, "This checkpoint holds no upscaler.")
    network = make_upscaler(UpscalerRecipe.from_json(meta["upscaler"]))
    weights = {
        name.removeprefix("objective/"): tensor.float()
        for name, tensor in tensors.items()
        if name.startswith("objective/")
    }
    try:
        network.load_state_dict(weights)
    except RuntimeError as error:
        raise PlantEduError(f"This upscaler is of another architecture: {error}") from error
    return network.eval().requires_grad_(False)


@cache
def shipped_upscaler(name: str = SHIPPED_UPSCALER, root: Path | None = None) -> PairUpscaler:
    """The upscaler that ships.

    Raises:
        PlantEduError: if there is none of that name, or it is damaged.
    """
    path = file_of(parse_start(f"shipped:{name}"), root=root)
    return upscaler_from(*load_checkpoint(Path(str(path))))
