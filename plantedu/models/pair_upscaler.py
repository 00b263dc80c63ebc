"""Four times the side of a drawn pair: a network that has seen leaves finishes their edges.

    y = cubic(x) + f(x)            x of six bands "s s", y "4s 4s"
    loss = mean |y - Y| + EDGES mean |dy - dY|

with Y the same plant at four times the side and d the differences of neighbouring pixels. f is a
row of residual blocks without normalisation; its last channels are the sixteen pixels of each one.
It is given the small picture alone, and nothing of any representation: what it adds is what leaves
of this world look like, so a number is never read off it.

Source: Lim et al. 2017, arXiv:1707.02921 [lim2017]. Lesson: 05_generation.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from plantedu.errors import require

BANDS, TIMES = 6, 4
EDGES = 1.0


@dataclass(frozen=True)
class Enlarged:
    """A batch to learn from: the same plants at both sides, in [0, 1]."""

    small: Float[Tensor, "batch 6 side side"]
    large: Float[Tensor, "batch 6 large large"]


@dataclass(frozen=True)
class UpscalingLoss:
    """Total and named parts, 0-d."""

    total: Tensor
    parts: Mapping[str, Tensor]
    events: tuple[tuple[str, str], ...] = field(default=())


class PairUpscaler(nn.Module):
    """Six bands of a pair to TIMES their side.

    Args:
        width: Channels inside.
        blocks: Residual blocks of two convolutions.
        seed: Seed of the weights; global random state is left as it was.

    Raises:
        PlantEduError: for a width or a number of blocks below 1.
    """

    def __init__(self, *, width: int = 64, blocks: int = 4, seed: int = 0) -> None:
        super().__init__()
        require(width >= 1 and blocks >= 1, f"width and blocks are 1 or more: {width}, {blocks}.")
        with torch.random.fork_rng(devices=[]):
            torch.default_generator.manual_seed(seed)
            self.first = _convolution(BANDS, width)
            self.blocks = nn.ModuleList(
                nn.Sequential(_convolution(width, width), nn.ReLU(), _convolution(width, width))
                for _ in range(blocks)
            )
            self.last = _convolution(width, BANDS * TIMES**2)
        for weights in self.last.parameters():
            nn.init.zeros_(weights)  # begins as the cubic

    def forward(
        self, images: Float[Tensor, "n bands side side"]
    ) -> Float[Tensor, "n 6 large large"]:
        """Enlarged pictures, not clamped; raises PlantEduError for another number of bands."""
        bands = images.shape[1]
        require(bands == BANDS, f"A pair has six bands; got {bands}.")
        x = self.first(images)
        for block in self.blocks:
            x = x + block(x)
        return enlarged(images) + F.pixel_shuffle(self.last(x).float(), TIMES)

    @torch.no_grad()
    def draw(self, images: Tensor, *, at_once: int = 16) -> Float[Tensor, "n 6 large large"]:
        """Enlarged pictures in [0, 1], some at a time."""
        return torch.cat([self(part).clamp(0, 1) for part in images.split(at_once)])

    def loss(self, batch: Enlarged) -> UpscalingLoss:
        """Loss of one training step."""
        y, wanted = self(batch.small), batch.large
        edges = sum(
            ((y.diff(dim=way) - wanted.diff(dim=way)).abs().mean() for way in (-1, -2)),
            torch.zeros(()),
        )
        parts = {"absolute error": (y - wanted).abs().mean(), "error of edges": edges}
        total = parts["absolute error"] + EDGES * edges
        return UpscalingLoss(total, {name: one.detach() for name, one in parts.items()})


def enlarged(images: Float[Tensor, "n c side side"]) -> Float[Tensor, "n c large large"]:
    """By a cubic curve through the pixels, which has never seen a leaf: the null."""
    return F.interpolate(images.float(), scale_factor=TIMES, mode="bicubic", align_corners=False)


def _convolution(inside: int, outside: int) -> nn.Conv2d:
    return nn.Conv2d(inside, outside, 3, padding=1)
