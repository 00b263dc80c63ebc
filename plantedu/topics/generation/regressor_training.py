"""Train a reader of planted factors on rendered pairs, and examine it on plants it has not seen.

    score      accuracy of a category, R2 of a number, over the plants that show it
    null       the score of a reader trained on shuffled labels

Readers learn from another population of the same world (another seed), so that every plant of the
course's own is new to them. Generated pictures are a little soft and a little grainy: a reader that
has seen sharp pictures alone would read the generator's artefacts. So half of the training pictures
are blurred (Gaussian, up to `blur` pixels) and half get noise (up to `grain` of full range), which
costs what is read from fine grain: the camera's noise and JPEG's.

Lesson: 05_generation.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from plantedu.data.renderer.factors import COLUMNS
from plantedu.data.renderer.pairs import render
from plantedu.data.renderer.worlds import world
from plantedu.errors import PlantEduError, require
from plantedu.models.factor_regressor import FactorReader, Labelled, at_side, shows, standardised
from plantedu.statistics.intervals import r2_parts
from plantedu.training.checkpoints import load_checkpoint
from plantedu.training.fit import Observer, State, fit, one_cycle
from plantedu.training.seeding import generator_for, numpy_generator_for
from plantedu.training.weights_spec import file_of, parse_start

SHIPPED_READER = "reader-0"


@dataclass(frozen=True)
class ReaderRecipe:
    """All knobs of a reader's training.

    Attributes:
        data, world_seed: The world; its seed is not that of the course's own plants.
        plants: Training plants, from the first.
        held_out: Plants after them that only the exam sees.
        side: Pixels a side of what it reads.
        rendered: Pixels a side at which plants are rendered, then brought to `side` by means over
            areas, as drawn pictures are; 0 renders them at `side`.
        width, dim: Size of the network.
        batch, steps, learning_rate, weight_decay: AdamW under one cycle.
        blur, grain: Largest blur (pixels) and largest noise (share of full range).
        shuffled: Train on shuffled labels: the null.
        seed: Of the weights and every draw.
    """

    data: str = "field"
    world_seed: int = 1
    plants: int = 16384
    held_out: int = 1024
    side: int = 48
    rendered: int = 128
    width: int = 16
    dim: int = 160
    batch: int = 128
    steps: int = 2500
    learning_rate: float = 2e-3
    weight_decay: float = 0.02
    blur: float = 0.7
    grain: float = 0.02
    shuffled: bool = False
    seed: int = 0

    def __post_init__(self) -> None:
        world(self.data, self.world_seed)
        for name in ("plants", "held_out", "batch", "steps"):
            value = getattr(self, name)
            require(value >= 2, f"{name} must be at least 2, got {value!r}.")
        require(
            self.rendered == 0 or self.side <= self.rendered <= 512,
            f"rendered is 0, or from side {self.side} to 512; got {self.rendered}.",
        )
        calm = 0 <= self.blur <= 4 and 0 <= self.grain <= 1
        require(calm, f"blur is 0 to 4 and grain 0 to 1; got {self.blur!r}, {self.grain!r}.")

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)

    @classmethod
    def from_json(cls, found: Mapping[str, Any]) -> "ReaderRecipe":
        """The recipe of plain values.

        Raises:
            PlantEduError: for a knob that is not known.
        """
        known = {one.name for one in fields(cls)}
        unknown = sorted(set(found) - known)
        require(not unknown, f"A reader's recipe has no {', '.join(unknown)}.")
        before: dict[str, Any] = {"rendered": 0} if "side" in found else {}  # whole, and older
        return cls(**before | dict(found))


@dataclass(frozen=True, eq=False)
class Album:
    """Plants with their pictures at the reader's side, uint8, and their factors."""

    x1: np.ndarray
    x2: np.ndarray
    factors: dict[str, Tensor]

    def __len__(self) -> int:
        return len(self.x1)

    def pictures(self, rows: slice | np.ndarray = slice(None)) -> tuple[Tensor, Tensor]:
        """X1 and X2 of some rows in [0, 1]."""
        return tuple(torch.from_numpy(x[rows]).float() / 255 for x in (self.x1, self.x2))  # type: ignore[return-value]


def album(name: str, seed: int, indices: np.ndarray, side: int, rendered: int = 0) -> Album:
    """Render plants of a world at `side` pixels, or larger and bring them there by means."""
    planted, parts, factors = world(name, seed), [], []
    for rows in np.array_split(indices, max(len(indices) // 256, 1)):
        pairs = render(planted, rows, size=rendered or side)
        parts.append(tuple(_means(x, side) for x in (pairs.x1, pairs.x2)))
        factors.append(pairs.factors)
    x1, x2 = (np.concatenate(column) for column in zip(*parts, strict=True))
    table = {c: torch.from_numpy(np.concatenate([f[c] for f in factors])) for c in COLUMNS}
    return Album(x1, x2, table)


def _means(pictures: np.ndarray, side: int) -> np.ndarray:
    """Pictures as the reader sees them, to whole grey levels."""
    return at_side(torch.from_numpy(pictures).float(), side).round().to(torch.uint8).numpy()


def roughened(images: Tensor, *, blur: float, grain: float, generator: torch.Generator) -> Tensor:
    """Half of the pictures blurred and half made grainy, each as much as its own draw says.

    Args:
        images: "n 3 side side" in [0, 1].
        blur: Largest standard deviation of the blur, in pixels.
        grain: Largest standard deviation of the noise.
        generator: Draws who and how much.
    """
    n = len(images)
    drawn = torch.rand(4, n, generator=generator)
    sigma = torch.where(drawn[0] < 0.5, blur * drawn[1], 0.0).clamp_min(1e-3)
    away = torch.arange(-2.0, 3.0)
    taps = torch.exp(-0.5 * (away / sigma[:, None]).square())
    taps = taps / taps.sum(1, keepdim=True)
    kernels = (taps[:, :, None] * taps[:, None, :]).repeat_interleave(3, 0)[:, None]
    padded = F.pad(images, (2, 2, 2, 2), mode="replicate").flatten(0, 1)[None]
    soft = F.conv2d(padded, kernels, groups=3 * n)[0].view_as(images)
    level = torch.where(drawn[2] < 0.5, grain * drawn[3], 0.0).view(-1, 1, 1, 1)
    return (soft + level * torch.randn(images.shape, generator=generator)).clamp(0, 1)


def train_reader(recipe: ReaderRecipe, *, observers: Sequence[Observer] = ()) -> State:
    """Train a reader as a recipe says; the state holds it, its optimiser and its recipe."""
    plants = np.arange(recipe.plants)
    book = album(recipe.data, recipe.world_seed, plants, recipe.side, recipe.rendered)
    reader = make_reader(recipe)
    optimizer = torch.optim.AdamW(
        reader.parameters(), lr=recipe.learning_rate, weight_decay=recipe.weight_decay
    )
    state = State(reader, optimizer, recipe.steps, meta={"reader": recipe.as_json()})
    labels = torch.arange(len(book))
    if recipe.shuffled:
        labels = torch.randperm(len(book), generator=generator_for(recipe.seed, "shuffled labels"))
    fit(
        state,
        lambda step: _batch(recipe, book, labels, step),
        learning_rate=lambda step: one_cycle(
            step, steps=recipe.steps, peak=recipe.learning_rate, warmup=0.1
        ),
        observers=observers,
    )
    reader.eval()
    return state


def make_reader(recipe: ReaderRecipe) -> FactorReader:
    """The recipe's network with its fresh weights."""
    return FactorReader(side=recipe.side, width=recipe.width, dim=recipe.dim, seed=recipe.seed)


def _batch(recipe: ReaderRecipe, book: Album, labels: Tensor, step: int) -> Labelled:
    """Pictures and factors of a step; depends on recipe and step alone."""
    rows = numpy_generator_for(recipe.seed, "reader rows", step).choice(
        len(book), min(recipe.batch, len(book)), replace=False
    )
    generator = generator_for(recipe.seed, "reader looks", step)
    x1, x2 = (
        roughened(x, blur=recipe.blur, grain=recipe.grain, generator=generator)
        for x in book.pictures(rows)
    )
    chosen = labels[torch.from_numpy(rows)]
    return Labelled(x1, x2, {name: column[chosen] for name, column in book.factors.items()})


def examined(reader: FactorReader, book: Album) -> dict[str, np.ndarray]:
    """What each plant that shows a factor adds to the score of its column; the mean is the score.

    Right or wrong for a category; `r2_parts` for a number.
    """
    readings = reader.read(*book.pictures())
    found = {}
    for name, reading in readings.items():
        seen = shows(name, book.factors)
        truth, answer = book.factors[name][seen], reading[seen]
        if COLUMNS[name].levels:
            each = (answer.argmax(1) == truth).double()
        else:
            y = standardised(name, truth)
            error, total = (answer[:, 0].double() - y).square(), (y - y.mean()).square()
            each = torch.from_numpy(r2_parts(error.numpy(), total.numpy()))
        found[name] = each.numpy()
    return found


def chance(column: str, factors: Mapping[str, Tensor]) -> float:
    """Score of the best constant answer: the majority's share, or R2 = 0."""
    levels = len(COLUMNS[column].levels)
    if not levels:
        return 0.0
    counts = torch.bincount(factors[column][shows(column, factors)].long(), minlength=levels)
    return float(counts.max() / counts.sum())


def reader_from(tensors: Mapping[str, Tensor], meta: Mapping[str, Any]) -> FactorReader:
    """The reader that a checkpoint holds, in evaluation mode and float32.

    Raises:
        PlantEduError: if it holds none, or one of another architecture than it says.
    """
    require("reader" in meta, "This checkpoint holds no reader of factors.")
    reader = make_reader(ReaderRecipe.from_json(meta["reader"]))
    kept = {k.removeprefix("objective/"): v for k, v in tensors.items() if k[:10] == "objective/"}
    weights = {k: v.float() if v.is_floating_point() else v for k, v in kept.items()}
    try:
        reader.load_state_dict(weights)
    except RuntimeError as error:
        raise PlantEduError(f"This reader is of another architecture: {error}") from error
    return reader.eval()


@cache
def shipped_reader(name: str = SHIPPED_READER, root: Path | None = None) -> FactorReader:
    """The reader that ships.

    Raises:
        PlantEduError: if there is none of that name.
    """
    path = file_of(parse_start(f"shipped:{name}"), root=root)
    return reader_from(*load_checkpoint(Path(str(path))))
