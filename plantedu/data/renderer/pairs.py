"""Planted pairs: one leaf seen by two cameras, rendered from known factors, with masks.

`render(..., do={...})` renders *the same plants* with a factor changed and every other draw kept:
the causal effect of that factor on the picture, and so on everything that follows from it. On a
healthy plant, `do` on the count, size or severity of lesions changes nothing: there are none.

The same world and index give the same bytes, alone or among others, on every platform.

Lesson: 01_pairs.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, UInt8
from numpy.typing import ArrayLike

from plantedu.data.renderer import lesions
from plantedu.data.renderer.cameras import CAMERAS
from plantedu.data.renderer.picture import LOOKS, Sight, palettes, take
from plantedu.data.renderer.random_streams import noise_bytes, uniforms
from plantedu.data.renderer.worlds import World, draw_factors, plant_id, plant_indices, set_factor
from plantedu.errors import require

SMALLEST, LARGEST = 16, 512
_CHUNK = 64  # plants whose colours are worked out at once


@dataclass(frozen=True)
class Pairs:
    """Rendered pairs.

    Attributes:
        x1: RGB pictures.
        x2: RGN pictures of the same plants, stored as red, green, near infrared.
        leaf1, leaf2: Where the leaf is in each picture.
        lesions1, lesions2: Where its tissue is dead; inside the leaf.
        factors: Columns of draws, after `do`.
        plants: Ids.
    """

    x1: UInt8[np.ndarray, "pair 3 size size"]
    x2: UInt8[np.ndarray, "pair 3 size size"]
    leaf1: Bool[np.ndarray, "pair size size"]
    leaf2: Bool[np.ndarray, "pair size size"]
    lesions1: Bool[np.ndarray, "pair size size"]
    lesions2: Bool[np.ndarray, "pair size size"]
    factors: dict[str, np.ndarray]
    plants: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.plants)

    def __getitem__(self, rows: int | slice | Sequence[int] | np.ndarray) -> "Pairs":
        """The pairs at `rows`: a slice, positions, a mask, or one position (a single pair)."""
        kept = np.atleast_1d(np.arange(len(self))[rows])
        return Pairs(
            x1=self.x1[kept],
            x2=self.x2[kept],
            leaf1=self.leaf1[kept],
            leaf2=self.leaf2[kept],
            lesions1=self.lesions1[kept],
            lesions2=self.lesions2[kept],
            factors={name: column[kept] for name, column in self.factors.items()},
            plants=tuple(self.plants[k] for k in kept),
        )


def render(
    world: World,
    indices: ArrayLike,
    *,
    size: int = 64,
    do: Mapping[str, float | str] | None = None,
) -> Pairs:
    """Both sensors' pictures of the plants, with masks.

    Args:
        world: How their factors are drawn.
        indices: Plants, whole numbers >= 0; a plant's bytes do not depend on the others.
        size: Pixels on each side, 16 to 512.
        do: Factors set by hand, {"severity": 0.9, "disease": "blast", "light_rgb": 1.2}; "light"
            sets both sensors.

    Returns:
        Pairs; `factors` are those after `do`.

    Raises:
        PlantEduError: for an unknown factor, a value out of range, a size or an index that is not.
    """
    whole = isinstance(size, int | np.integer) and SMALLEST <= size <= LARGEST
    require(whole, f"Pictures have {SMALLEST} to {LARGEST} pixels a side; got {size!r}.")
    plants = plant_indices(indices)
    factors = draw_factors(world, plants)
    for name, value in (do or {}).items():
        set_factor(factors, name, value)
    pairs = _blank(world, plants, factors, int(size))
    for start in range(0, len(plants), _CHUNK):
        _draw(pairs, world, plants, slice(start, min(start + _CHUNK, len(plants))))
    return pairs


def _blank(world: World, plants: np.ndarray, factors: dict[str, np.ndarray], size: int) -> Pairs:
    """Pairs of the right shape, not yet drawn."""
    n = len(plants)
    return Pairs(
        x1=np.empty((n, 3, size, size), dtype=np.uint8),
        x2=np.empty((n, 3, size, size), dtype=np.uint8),
        leaf1=np.empty((n, size, size), dtype=bool),
        leaf2=np.empty((n, size, size), dtype=bool),
        lesions1=np.empty((n, size, size), dtype=bool),
        lesions2=np.empty((n, size, size), dtype=bool),
        factors=factors,
        plants=tuple(plant_id(world, k) for k in plants.tolist()),
    )


def _draw(pairs: Pairs, world: World, plants: np.ndarray, rows: slice) -> None:
    """Draw the pairs of `rows`: numbers and colours for all at once, then picture by picture."""
    factors = {name: column[rows] for name, column in pairs.factors.items()}
    table = [dict(zip(factors, row, strict=True)) for row in zip(*_lists(factors), strict=True)]
    draws = uniforms(world.seed, "lesions", plants[rows], count=lesions.DRAWS)
    spots = [lesions.place(one, draw) for one, draw in zip(table, draws, strict=True)]
    looks = uniforms(world.seed, "looks", plants[rows], count=LOOKS).tolist()
    views = ((pairs.x1, pairs.leaf1, pairs.lesions1), (pairs.x2, pairs.leaf2, pairs.lesions2))
    size = pairs.x1.shape[-1]
    for camera, (x, leaf, dead) in zip(CAMERAS, views, strict=True):
        palette = palettes(camera, factors)
        ground = uniforms(world.seed, f"ground {camera.name}", plants[rows], count=2).tolist()
        for k, plant in enumerate(plants[rows].tolist()):
            sight = Sight(table[k], spots[k], looks[k], ground[k], palette[k])
            raw = noise_bytes(world.seed, f"noise {camera.name}", plant, 12 * size * size)
            picture = take(camera, sight, size, raw.reshape(4, 3, size, size))
            row = rows.start + k
            x[row], leaf[row], dead[row] = picture.image, picture.leaf, picture.lesions


def _lists(factors: dict[str, np.ndarray]) -> list[list[float]]:
    """The columns as lists of Python numbers."""
    return [column.tolist() for column in factors.values()]
