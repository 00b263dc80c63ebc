"""A reader: a small network that reads every planted factor off a pair of pictures.

    number     y = (f - m) / s,    loss (r - y)^2,    R2 = 1 - sum (r - y)^2 / sum (y - mean y)^2
    category   p = softmax(r),     loss -log p_f,     accuracy

with m and s the mean and spread of the factor in its range. One trunk per sensor. A factor that one
sensor sees, or each sensor on its own, is read from that sensor's trunk; the others from both. A
healthy leaf has no lesions to count, so `SHOWN` factors are learnt from diseased leaves alone.

Trained by squared error, r tends to E[f | picture]: where a picture does not tell the factor, the
reading goes to the middle and hardly varies. A small spread of readings is evidence only beside the
spread that the same reader has over the world.

Lesson: 05_generation.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from plantedu.data.renderer.factors import COLUMNS, SENSORS, Factor
from plantedu.errors import require

SHOWN = ("lesion_count", "lesion_size", "severity")  # on diseased leaves only
SIDE = 48


@dataclass(frozen=True)
class Labelled:
    """Pictures of plants in [0, 1], and their factors by column."""

    x1: Float[Tensor, "plants 3 side side"]
    x2: Float[Tensor, "plants 3 side side"]
    factors: Mapping[str, Tensor]


@dataclass(frozen=True)
class ReadingLoss:
    """Mean loss over the columns, and each column's own."""

    total: Tensor
    parts: dict[str, Tensor]
    events: tuple[tuple[str, str], ...] = field(default=())


class Trunk(nn.Module):
    """One picture to a vector that still knows where things are: the last maps are not pooled."""

    def __init__(self, width: int, dim: int, side: int) -> None:
        super().__init__()
        sizes = [(3, width, 1), (width, 2 * width, 2), (2 * width, 4 * width, 2)]
        sizes.append((4 * width, 6 * width, 2))
        blocks = [
            nn.Sequential(nn.Conv2d(a, b, 3, step, 1, bias=False), nn.BatchNorm2d(b), nn.ReLU())
            for a, b, step in sizes
        ]
        self.maps = nn.Sequential(*blocks, nn.Conv2d(6 * width, 2 * width, 1), nn.ReLU())
        self.vector = nn.Sequential(nn.Linear(2 * width * (side // 8) ** 2, dim), nn.ReLU())

    def forward(self, images: Float[Tensor, "batch 3 side side"]) -> Float[Tensor, "batch dim"]:
        return self.vector(self.maps(2 * images - 1).flatten(1))


class FactorReader(nn.Module):
    """Reads every column of the world's factors off a pair.

    Args:
        side: Pixels a side, a multiple of 8.
        width: Channels of the first maps.
        dim: Width of each sensor's vector.
        seed: Seed of the weights; global random state is left as it was.

    Raises:
        PlantEduError: for a side that is no multiple of 8.
    """

    def __init__(self, *, side: int = SIDE, width: int = 16, dim: int = 160, seed: int = 0) -> None:
        super().__init__()
        require(side % 8 == 0 and side > 0, f"The side is a multiple of 8; got {side!r}.")
        self.side = side
        with torch.random.fork_rng(devices=[]):
            torch.default_generator.manual_seed(seed)
            self.trunks = nn.ModuleDict({s: Trunk(width, dim, side) for s in SENSORS})
            self.heads = nn.ModuleDict(
                {view: _head(view, dim * (2 if view == "both" else 1)) for view in VIEWS}
            )
        self.to(memory_format=torch.channels_last)

    def forward(
        self, x1: Float[Tensor, "batch 3 side side"], x2: Float[Tensor, "batch 3 side side"]
    ) -> dict[str, Tensor]:
        """Raw readings by column: a standardised number "batch 1", or scores "batch levels".

        Args:
            x1, x2: Pictures in [0, 1].

        Raises:
            PlantEduError: for pictures of another side.
        """
        for images in (x1, x2):
            require(
                images.shape[-1] == self.side,
                f"This reader reads pictures of {self.side} pixels a side; got {images.shape[-1]}.",
            )
        vectors = {"rgb": self.trunks["rgb"](x1), "rgn": self.trunks["rgn"](x2)}
        vectors["both"] = torch.cat([vectors["rgb"], vectors["rgn"]], 1)
        found: dict[str, Tensor] = {}
        for view, columns in VIEWS.items():
            answers = self.heads[view](vectors[view])
            found |= dict(zip(columns, answers.split([_width(c) for c in columns], 1), strict=True))
        return found

    def loss(self, batch: Labelled) -> ReadingLoss:
        """Mean over the columns of squared error or cross-entropy."""
        readings = self(batch.x1, batch.x2)
        losses = {name: column_loss(name, readings[name], batch.factors) for name in COLUMNS}
        parts = {f"loss/{name}": one.detach() for name, one in losses.items()}
        return ReadingLoss(torch.stack(list(losses.values())).mean(), parts)

    @torch.no_grad()
    def read(self, x1: Tensor, x2: Tensor, *, batch: int = 256) -> dict[str, Tensor]:
        """Readings on the CPU: standardised numbers "n 1", probabilities of levels "n levels".

        Larger pictures are brought to the reader's side first, by `at_side`.

        Args:
            x1, x2: Pictures in [0, 1], "n 3 side side".
            batch: Pairs per forward pass.

        Raises:
            PlantEduError: for smaller pictures.
        """
        parts = [
            self(at_side(one, self.side), at_side(other, self.side))
            for one, other in zip(x1.split(batch), x2.split(batch), strict=True)
        ]
        found = {name: torch.cat([part[name] for part in parts]).cpu() for name in COLUMNS}
        return {n: r.softmax(1) if COLUMNS[n].levels else r for n, r in found.items()}


def at_side(images: Float[Tensor, "n 3 _ _"], side: int) -> Float[Tensor, "n 3 _ _"]:
    """Larger pictures at a side: each pixel the mean over the window that it covers.

    Where the sides do not divide, windows overlap by a pixel, as torch's "area" has it.
    """
    if min(images.shape[-2:]) <= side:
        return images
    small = F.interpolate(images, size=(side, side), mode="area")
    return small.to(memory_format=torch.channels_last)


def view_of(column: str) -> str:
    """The trunk that a column is read from: "rgb", "rgn" or "both"."""
    ending = column.rpartition("_")[2]
    if COLUMNS[column].role == "per_sensor":
        return ending
    seen = COLUMNS[column].sees
    return seen[0] if len(seen) == 1 else "both"


def standardised(column: str, values: Tensor) -> Tensor:
    """A number in units of the spread that it has in its range: (f - m) / s of a uniform draw."""
    middle, spread = scale_of(COLUMNS[column])
    return (values.double() - middle) / spread


def scale_of(factor: Factor) -> tuple[float, float]:
    """Mean and standard deviation of a factor drawn uniformly in its range."""
    span = factor.high - factor.low
    width = (((span + 1) ** 2 - 1) / 12) ** 0.5 if factor.whole else span / 12**0.5
    return (factor.low + factor.high) / 2, width


def shows(column: str, factors: Mapping[str, Tensor]) -> Tensor:
    """Which plants show the factor at all, bool "plants"."""
    diseased = factors["disease"] > 0
    return diseased if column in SHOWN else torch.ones_like(diseased)


def column_loss(column: str, reading: Tensor, factors: Mapping[str, Tensor]) -> Tensor:
    """Mean loss of one column over the plants that show it; 0 where none does."""
    seen = shows(column, factors)
    if COLUMNS[column].levels:
        each = F.cross_entropy(reading, factors[column].long(), reduction="none")
    else:
        each = (reading[:, 0] - standardised(column, factors[column]).float()).square()
    return (each * seen).sum() / seen.sum().clamp_min(1)


def _width(column: str) -> int:
    return max(len(COLUMNS[column].levels), 1)


def _head(view: str, dim: int) -> nn.Module:
    columns = sum(_width(column) for column in VIEWS[view])
    return nn.Sequential(nn.Linear(dim, 128), nn.ReLU(), nn.Linear(128, columns))


VIEWS = {view: tuple(c for c in COLUMNS if view_of(c) == view) for view in (*SENSORS, "both")}
