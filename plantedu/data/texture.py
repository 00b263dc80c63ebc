"""Tileable random textures: soil, and the mottle along a blade's fibres.

Sum of octaves of value noise: random grids, each twice as fine and `fall` as strong as the last, and
interpolated smoothly. An octave finer than a pixel is left out, so that a picture of 64 pixels shows
the same ground as one of 224, without aliasing.
"""

from functools import cache

import numpy as np

from plantedu.data.draws import uniforms


@cache
def octaves(name: str, size: int, first: int, last: int, fall: float) -> np.ndarray:
    """A tileable texture of `size` x `size`, float32, mean 0 and standard deviation 1.

    Args:
        name: Stream of its random numbers; the same name is the same ground at every size.
        size: Texels on each side.
        first: Cells on each side of the coarsest grid.
        last: Cells of the finest; those finer than half the texels are left out.
        fall: Strength of an octave, relative to the one before.
    """
    total, strength, cells = np.zeros((size, size)), 1.0, first
    while cells <= min(last, size // 2):
        total += strength * _value_noise(name, cells, size)
        strength, cells = strength * fall, cells * 2
    total -= total.mean()
    return (total / np.sqrt((total**2).mean())).astype(np.float32)


def _value_noise(name: str, cells: int, size: int) -> np.ndarray:
    """One octave: a random grid of `cells` x `cells`, interpolated to `size` x `size`."""
    grid = uniforms(0, f"{name} {cells}", np.arange(cells), count=cells) * 2 - 1
    place = (np.arange(size) + 0.5) * cells / size
    left = np.floor(place).astype(int)
    u = place - left
    u = u * u * (3 - 2 * u)
    rows = grid[left % cells] * (1 - u)[:, None] + grid[(left + 1) % cells] * u[:, None]
    return rows[:, left % cells] * (1 - u) + rows[:, (left + 1) % cells] * u
