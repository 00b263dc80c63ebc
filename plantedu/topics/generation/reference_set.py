"""What an encoder says of many plants: by slot, along a factor, and how strange a newcomer is.

    slope of h on f          cov(h, f) / var(f)
    distance of r            mean over its 10 nearest r_k of   |n(r) - n(r_k)| / sqrt(dim)

where n brings each number to mean 0 and variance 1 over the plants that are measured to. By cosine
a picture of noise would lie among the plants; by this distance it does not.

Source: Bordes et al. 2022, arXiv:2112.09164 [bordes2022]. Lesson: 05_generation.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from jaxtyping import Float, UInt8
from torch import Tensor

from plantedu.errors import require
from plantedu.zoo.encoders import LoadedEncoder

NEIGHBOURS = 10

Given = dict[str, Tensor]  # "n dim" by slot


@dataclass(frozen=True, eq=False)
class ReferenceSet:
    """Plants with their pictures, for partners, means, directions and distances.

    Nothing is rendered before it is wanted, and for one plant only what lies close to it.

    Attributes:
        plants: Their numbers in the world.
        factors: What was drawn for them, by column.
        take: Renders X1 and X2 of plants by their numbers, uint8, "n 3 side side" each.
        side: Pixels a side.
    """

    plants: np.ndarray
    factors: Mapping[str, np.ndarray]
    take: Callable[[np.ndarray], tuple[np.ndarray, ...]]
    side: int

    def __len__(self) -> int:
        return len(self.plants)

    def pair(self, place: int) -> tuple[UInt8[np.ndarray, "3 side side"], ...]:
        """X1 and X2 of one of the plants."""
        x1, x2 = self.take(self.plants[place : place + 1])
        return x1[0], x2[0]

    @property
    def x1(self) -> UInt8[np.ndarray, "n 3 side side"]:
        """X1 of all of them."""
        return self._pictures[0]

    @property
    def x2(self) -> UInt8[np.ndarray, "n 3 side side"]:
        """X2 of all of them."""
        return self._pictures[1]

    @cached_property
    def _pictures(self) -> tuple[np.ndarray, ...]:
        return self.take(self.plants)


def representations_by_slot(
    encoder: LoadedEncoder,
    *,
    x1: np.ndarray | Tensor | None = None,
    x2: np.ndarray | Tensor | None = None,
    layers: str = "h",
) -> Given:
    """Representations of pictures by slot: pass it to `sample`.

    Raises:
        PlantEduError: if an encoder of one sensor is shown the other alone, or lacks a layer.
    """
    given: Given = {}
    shown = {"rgb": x1, "rgn": x2}
    for sensor, pictures in shown.items():
        if pictures is not None and sensor in encoder.sensors:
            for layer in layers:
                given[f"{encoder.name}/{layer}/{sensor}"] = encoder.of(pictures, layer)
    blind = " and ".join(s for s, pictures in shown.items() if pictures is not None)
    require(
        bool(given) or not blind,
        f"{encoder.name} saw only {' and '.join(encoder.sensors)} in training; it cannot be "
        f"conditioned on {blind}. Choose cross-0, which knows both.",
    )
    return given


def knn_novelty(given: Given, familiar: Given, held_out: Given) -> dict[str, float]:
    """How far a representation lies from those of training plants, beside held-out plants.

    Distance to the 10 nearest of the `familiar`, and the share of held-out plants that
    lie nearer to them than that: 1.0 means farther out than every one of them.
    """
    found = {}
    for name, rows in given.items():
        own = nearest_distance(rows, familiar[name])
        others = nearest_distance(held_out[name], familiar[name])
        found["distance"] = max(found.get("distance", 0.0), float(own.max()))
        found["usual"] = max(found.get("usual", 0.0), float(others.median()))
        share = float((others < own.max()).float().mean())
        found["beyond"] = max(found.get("beyond", 0.0), share)
    return found


def nearest_distance(
    rows: Float[Tensor, "n dim"], familiar: Float[Tensor, "m dim"], k: int = NEIGHBOURS
) -> Float[Tensor, " n"]:
    """Mean distance of each row to its k nearest, in standard deviations of one number."""
    std = familiar.std(0).clamp_min(1e-6)
    near = torch.cdist(rows / std, familiar / std) / rows.shape[1] ** 0.5
    return near.topk(min(k, near.shape[1]), dim=1, largest=False).values.mean(1)


def slope_on(representations: Float[Tensor, "n dim"], values: np.ndarray) -> Float[Tensor, " dim"]:
    """cov(h, f) / var(f): where h goes when f grows by one.

    Raises:
        PlantEduError: if f does not vary over these plants.
    """
    f = torch.as_tensor(np.asarray(values, dtype=np.float64))
    f = f - f.mean()
    spread = float(f.square().mean())
    require(spread > 0, "This factor is the same in every reference plant: it has no direction.")
    h = representations.double()
    return ((h - h.mean(0)) * f[:, None]).mean(0).div(spread).float()
