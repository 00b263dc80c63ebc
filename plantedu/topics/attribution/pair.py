"""What a map is made of: both pictures of the same plants, or one camera's, checked at the door.

Lesson: 09_attribution.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor
from torchvision.transforms.v2.functional import gaussian_blur

from plantedu.errors import require
from plantedu.topics.attribution.results.names import REFERENCES

BLUR = 8.0  # standard deviation of the blurred reference: side / BLUR


@dataclass(frozen=True, eq=False)
class PairBatch:
    """Two pictures of each of some plants.

    Attributes:
        x1, x2: RGB and RGN pictures in [0, 1].
        plants1, plants2: Whose picture each is; empty where nobody says.

    Raises:
        PlantEduError: for pictures that do not fit together, are not finite, leave [0, 1], or show
            different plants.
    """

    x1: Float[Tensor, "plants 3 height width"]
    x2: Float[Tensor, "plants 3 height width"]
    plants1: Sequence[str] = ()
    plants2: Sequence[str] = ()

    def __post_init__(self) -> None:
        shapes = tuple(self.x1.shape), tuple(self.x2.shape)
        fit = shapes[0] == shapes[1] and len(shapes[0]) == 4 and shapes[0][1] == 3
        require(fit, f"A pair is two batches of the same size, 3 bands; got {shapes}.")
        require(len(self.x1) > 0, "There is no pair to explain.")
        for name, x in (("x1", self.x1), ("x2", self.x2)):
            _check_range(name, x)
        for name, plants in (("plants1", self.plants1), ("plants2", self.plants2)):
            require(
                len(plants) in (0, len(self.x1)),
                f"{name} holds {len(plants)} names for {len(self.x1)} pairs: name every pair, or "
                "none.",
            )
        both = len(self.plants1) > 0 and len(self.plants2) > 0
        named = list(zip(self.plants1, self.plants2, strict=True)) if both else []
        other = [f"{a} beside {b}" for a, b in named if a != b]
        require(
            not other,
            f"A pair shows one plant; these are different plants: {', '.join(other[:4])}.",
        )

    def __len__(self) -> int:
        return len(self.x1)

    @property
    def both(self) -> tuple[Tensor, Tensor]:
        """The two batches, as captum takes them."""
        return self.x1, self.x2

    def rows(self, rows: slice) -> "PairBatch":
        """Some of the plants."""
        names1, names2 = self.plants1[rows], self.plants2[rows]
        return PairBatch(self.x1[rows], self.x2[rows], names1, names2)


@dataclass(frozen=True, eq=False)
class SingleBatch:
    """One camera's pictures, for networks of one picture; what takes pairs takes these.

    Attributes:
        x1: Pictures in [0, 1].

    Raises:
        PlantEduError: for no pictures, or numbers outside [0, 1].
    """

    x1: Float[Tensor, "plants 3 height width"]

    def __post_init__(self) -> None:
        shape = tuple(self.x1.shape)
        fits = len(shape) == 4 and shape[1] == 3 and shape[0] > 0
        require(fits, f"Pictures are (n, 3, height, width), one or more; got {shape}.")
        _check_range("x1", self.x1)

    def __len__(self) -> int:
        return len(self.x1)

    @property
    def both(self) -> tuple[Tensor, ...]:
        """The one batch, as captum takes it."""
        return (self.x1,)

    def rows(self, rows: slice) -> "SingleBatch":
        """Some of the pictures."""
        return SingleBatch(self.x1[rows])


Batch = PairBatch | SingleBatch


def _check_range(name: str, x: Tensor) -> None:
    bad = (~torch.isfinite(x)).flatten(1).any(1).nonzero().flatten().tolist()
    require(not bad, f"{name} has values that are not finite, in rows {bad[:8]}.")
    low, high = float(x.min()), float(x.max())
    inside = low >= 0 and high <= 1
    require(inside, f"Pictures lie in [0, 1]; {name} goes from {low:g} to {high:g}.")


def reference(pair: Batch, kind: str) -> tuple[Tensor, ...]:
    """The pictures that a path starts from, and that windows are filled with.

    Args:
        pair: What is explained.
        kind: black; blur (Gaussian, an eighth of the side); mean (each picture's mean colour).

    Raises:
        PlantEduError: for another word.
    """
    known = ", ".join(REFERENCES)
    require(kind in REFERENCES, f"A reference picture is one of {known}; got {kind!r}.")
    return tuple(_reference(x, kind) for x in pair.both)


def _reference(x: Tensor, kind: str) -> Tensor:
    if kind == "black":
        return torch.zeros_like(x)
    if kind == "mean":
        return x.mean((2, 3), keepdim=True).expand_as(x).contiguous()
    side = x.shape[-1]
    size = 2 * max(3 * side // 16, 1) + 1  # one and a half standard deviations to either side
    return gaussian_blur(x, [size, size], [side / BLUR, side / BLUR]).clamp(0, 1)
