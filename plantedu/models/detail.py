"""What large patches leave out of a picture: a small convolutional network at half the pixels.

    x = g + D(x_t, g, t)      g: the picture as the denoiser's own network sees it     for t <= .85

A network of large patches is soon right about where things are and what colour they have, and late
about edges, for it must learn every edge at every place of a patch. Convolutions learn an edge
once. D is a U-Net of three levels, each at half the pixels of the one above. Most of what it sees
lies some forty pixels around each, so it may be trained on crops; its norms are of one place, so
that a crop and a whole picture are treated alike. Above t = .85 D was found to add nothing, and
is not asked.

Source: Chen et al. 2025, arXiv:2511.18822 [chen2025] (there it is trained together with the network
and sees one patch at a time). Lesson: 05_generation.
"""

from itertools import pairwise

import torch
import torch.nn.functional as F
from jaxtyping import Float
from timm.layers import LayerNorm2d
from torch import Tensor, nn

from plantedu.models.unet import time_embedding

UNTIL = 0.85  # t up to which D is asked
FOLD = 2  # pixels a side that become one inside, and at each level below
WIDTHS = (32, 64, 64)  # at half the pixels, a quarter, an eighth
BLOCKS = (1, 1, 2)  # on the way down; on the way up there is one a level
STEP = FOLD ** len(WIDTHS)  # pixels a side of one place of the lowest level
TIMES, EMBEDDED = 64, 128  # numbers of t, and of what is made of them
EPSILON = 1e-4


class Block(nn.Module):
    """Two 3 x 3 convolutions beside the identity; t scales and shifts between them."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.first_norm = LayerNorm2d(width, eps=EPSILON)
        self.first = nn.Conv2d(width, width, 3, padding=1)
        self.second_norm = LayerNorm2d(width, eps=EPSILON)
        self.second = nn.Conv2d(width, width, 3, padding=1)
        self.by_time = nn.Linear(EMBEDDED, 2 * width)
        for weights in (self.by_time.weight, self.by_time.bias, self.second.weight):
            nn.init.zeros_(weights)

    def forward(self, x: Tensor, time: Tensor) -> Tensor:
        scale, shift = self.by_time(time)[:, :, None, None].chunk(2, 1)
        h = self.first(F.silu(self.first_norm(x)))
        return x + self.second(F.silu(self.second_norm(h) * (1 + scale) + shift))


class Detail(nn.Module):
    """D; it begins with 0, so that a denoiser draws as it did without."""

    def __init__(self, channels: int, scale: float) -> None:
        """Fresh weights, from torch's global state.

        Args:
            channels: Of a picture.
            scale: Standard deviation of pictures as they enter.
        """
        super().__init__()
        self.scale = scale
        inside, finest = channels * FOLD**2, WIDTHS[0]
        self.times, self.embedded = time_embedding(TIMES, EMBEDDED)
        self.inward = nn.Conv2d(2 * inside, finest, 1)
        self.inner = nn.ModuleList(
            nn.ModuleList(Block(width) for _ in range(many))
            for width, many in zip(WIDTHS, BLOCKS, strict=True)
        )
        self.outer = nn.ModuleList(Block(width) for width in WIDTHS[:-1])
        steps = list(pairwise(WIDTHS))
        self.down = nn.ModuleList(nn.Conv2d(FOLD**2 * wide, deep, 1) for wide, deep in steps)
        self.up = nn.ModuleList(nn.Conv2d(deep, FOLD**2 * wide, 1) for wide, deep in steps)
        self.norm = LayerNorm2d(finest, eps=EPSILON)
        self.outward = nn.Conv2d(finest, inside, 1)
        nn.init.zeros_(self.outward.weight)
        nn.init.zeros_(self.outward.bias)  # type: ignore[arg-type]

    def forward(
        self,
        x_t: Float[Tensor, "n channels side side"],
        seen: Float[Tensor, "n channels side side"],
        times: Float[Tensor, " n"],
    ) -> Float[Tensor, "n channels side side"]:
        """What is added to the picture that the network sees; 0 where t is above UNTIL.

        Args:
            x_t: The noised picture, or a crop of it; a side that 8 divides.
            seen: The picture as the network sees it, of the same place.
            times: In [0, 1].
        """
        if float(times.min()) > UNTIL:
            return torch.zeros_like(seen)
        t = times[:, None, None, None]
        spread = ((1 - t) ** 2 * self.scale**2 + t**2).sqrt()
        time = F.silu(self.embedded(self.times(1000 * times)))
        both = torch.cat([x_t / spread, seen / self.scale], 1)
        h = self._within(self.inward(_folded(both)), time)
        found = self.outward(F.silu(self.norm(h)))
        return self.scale * F.pixel_shuffle(found.float(), FOLD) * (t <= UNTIL)

    def _within(self, h: Tensor, time: Tensor, level: int = 0) -> Tensor:
        """A level, with all that is below it."""
        for block in self.inner[level]:  # type: ignore[attr-defined]
            h = block(h, time)
        if level == len(self.outer):
            return h
        below = self._within(self.down[level](_folded(h)), time, level + 1)
        return self.outer[level](h + _unfolded(self.up[level](below)), time)


def _folded(x: Tensor) -> Tensor:
    """Fewer places of more channels, laid out as convolutions want them."""
    return F.pixel_unshuffle(x, FOLD).contiguous(memory_format=torch.channels_last)


def _unfolded(x: Tensor) -> Tensor:
    """More places of fewer channels, laid out as convolutions want them."""
    return F.pixel_shuffle(x, FOLD).contiguous(memory_format=torch.channels_last)
