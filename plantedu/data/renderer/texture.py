"""Tileable random textures: crumbs of soil, and the mottle and fibres of a blade.

Sum of octaves of value noise: random grids, each twice as fine and `fall` times as strong as the
last, interpolated smoothly. An octave finer than a texel is left out, so that a picture of 64
pixels shows the same ground as one of 224, without aliasing.
"""

from functools import cache

import numpy as np
from jaxtyping import Float32

from plantedu.data.renderer.random_streams import uniforms

SIDE = 512  # texels of the textures that are looked up in leaf coordinates


@cache
def octaves(
    name: str, size: int, *, first: int, last: int, fall: float
) -> Float32[np.ndarray, "side side"]:
    """A tileable texture, mean 0 and standard deviation 1.

    Args:
        name: Stream of its random numbers; the same name is the same ground at every size.
        size: Texels on each side.
        first: Cells on each side of the coarsest grid.
        last: Cells of the finest; grids finer than half the texels are left out.
        fall: Strength of an octave, relative to the one before.
    """
    total, strength, cells = np.zeros((size, size)), 1.0, first
    while cells <= min(last, size // 2):
        total += strength * _value_noise(name, cells, size)
        strength, cells = strength * fall, cells * 2
    return _standard(total)


@cache
def crumbs(size: int) -> Float32[np.ndarray, "side side"]:
    """Soil lit from the upper left, four frames wide: its height and its slope to the light."""
    height = octaves("crumbs", 4 * size, first=24, last=768, fall=0.72)
    step = max(1, round(size / 90))
    relief = height - np.roll(height, (step, step), axis=(0, 1))
    return _standard(0.5 * height + _standard(relief))


def at(texture: np.ndarray, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """`texture` (SIDE x SIDE) at float32 texel places, which wrap round."""
    places = (rows.astype(np.int32) & (SIDE - 1)) * np.int32(SIDE)
    places += columns.astype(np.int32) & (SIDE - 1)
    return texture.ravel().take(places)


def _standard(texture: np.ndarray) -> np.ndarray:
    """Mean 0, standard deviation 1, float32."""
    texture = texture.astype(np.float64) - texture.mean(dtype=np.float64)
    return (texture / np.sqrt((texture**2).mean())).astype(np.float32)


def _value_noise(name: str, cells: int, size: int) -> np.ndarray:
    """One octave: a random grid of `cells` x `cells`, interpolated to `size` x `size`."""
    grid = uniforms(0, f"{name} {cells}", np.arange(cells), count=cells) * 2 - 1
    place = (np.arange(size) + 0.5) * cells / size
    left = np.floor(place).astype(int)
    u = place - left
    u = u * u * (3 - 2 * u)
    rows = grid[left % cells] * (1 - u)[:, None] + grid[(left + 1) % cells] * u[:, None]
    return rows[:, left % cells] * (1 - u) + rows[:, (left + 1) % cells] * u
