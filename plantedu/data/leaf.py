"""The blade: where each pixel lies on it, its veins, its edge, its shading.

Scene units: 1 is half the frame, FRAME_MM / 2 millimetres. A pixel (x, y) of a camera with roll and
magnification, on a blade with direction `angle`, has the leaf coordinates

    (t, v) = rotate((x, y) / scale - 2 shift, roll + angle)      along and across the chord
    s      = v - bend c t^2                                      across the curved blade

The half width narrows towards the tip, w(t) = w (1 - taper t), and n = s / w(t) runs from -1 to 1
between the margins: the parallel veins are lines of equal n.

All arrays of pixels are float32 and made of +, -, *, / and comparisons only, which are exact to the
last bit on every platform.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from plantedu.data.texture import octaves

FRAME_MM = 18.0
_CURVE = 0.16  # bend of 1, in scene units at t = 1
_TAPER = 0.10
_MIDRIB = 0.055  # half width of the midrib, in n
_VEINS = 9.0  # major veins on each half
_MINOR = 4.0  # minor veins from one major vein to the next


@dataclass(frozen=True)
class Blade:
    """Leaf coordinates of every pixel, each "plant height width" float32.

    Attributes:
        t: Along the blade, scene units.
        n: Across it, -1 and 1 at the margins.
        half: Half width at this t, scene units.
        pixel: Size of a pixel in scene units, "plant 1 1".
    """

    t: np.ndarray
    n: np.ndarray
    half: np.ndarray
    pixel: np.ndarray


def blade(factors: Mapping[str, np.ndarray], sensor: str, size: int) -> Blade:
    """Where the pixels of `sensor` lie on the blade of each plant."""
    t, v = _chord(factors, sensor, size)
    curve = _column(factors["bend"] * _CURVE)
    s = v - curve * (t * t)
    half = _column(factors["width"] / FRAME_MM) * (1 - np.float32(_TAPER) * t)
    return Blade(t, s / half, half, _column(2 / size / factors[f"scale_{sensor}"]))


def coverage(blade: Blade, soften: float = 1.0, aside: np.ndarray | float = 0.0) -> np.ndarray:
    """Share of each pixel that the blade covers, by its distance from the margin.

    Args:
        blade: Leaf coordinates.
        soften: Width of the edge in pixels.
        aside: Moves the blade across, in n: its shadow.
    """
    inside = (1 - np.abs(blade.n - np.float32(aside))) * blade.half
    edge = inside / (blade.pixel * np.float32(soften)) + np.float32(0.5)
    return np.clip(edge, 0, 1, out=edge)


def veins(blade: Blade) -> np.ndarray:
    """How much of a pixel is vein tissue, 0..1: the midrib and the parallel veins.

    A vein finer than two pixels fades into the mean, as it does in a camera.
    """
    away = np.abs(blade.n)
    rib = 1 - away / np.float32(_MIDRIB)
    rib = np.clip(rib * np.float32(1.5), 0, np.float32(0.9), out=rib)
    fine = blade.pixel / blade.half.mean(axis=(1, 2), keepdims=True)
    major = _waves(away * np.float32(_VEINS)) * _visible(fine * np.float32(_VEINS))
    many = np.float32(_VEINS * _MINOR)
    minor = _waves(away * many) * _visible(fine * many)
    return np.maximum(rib, np.float32(0.34) * major + np.float32(0.16) * minor)


def fibres(blade: Blade, offset: np.ndarray) -> np.ndarray:
    """Mottle drawn out along the veins, mean 0; both sensors see the same (`offset`, in turns)."""
    texture = octaves("fibres", 512, 8, 64, 0.7)
    along = _column(offset[:, 0] * 512) + blade.t * np.float32(20)
    across = _column(offset[:, 1] * 512) + blade.n * np.float32(90)
    rows, columns = along.astype(np.int32) & 511, across.astype(np.int32) & 511
    return texture.ravel().take(rows * np.int32(512) + columns)


def shading(blade: Blade, side: np.ndarray) -> np.ndarray:
    """Light on the folded blade, about 1: one half faces it (`side`, -1..1), the margins fall off."""
    n = blade.n
    fold = n / (np.abs(n) + np.float32(0.15))
    return 1 + _column(0.13 * side) * fold - np.float32(0.16) * (n * n)


def _chord(
    factors: Mapping[str, np.ndarray], sensor: str, size: int
) -> tuple[np.ndarray, np.ndarray]:
    """Coordinates along and across the chord of the blade: a rotation, so sums of x and y parts."""
    turn = np.deg2rad(factors["angle"] + factors[f"rotation_{sensor}"])
    cos, sin = np.cos(turn), np.sin(turn)
    scale = factors[f"scale_{sensor}"]
    place = (np.arange(size) * 2 + 1) / size - 1
    x = (place - 2 * factors[f"shift_x_{sensor}"][:, None]) / scale[:, None]
    y = (place - 2 * factors[f"shift_y_{sensor}"][:, None]) / scale[:, None]
    x, y, cos, sin = x[:, None, :], y[:, :, None], cos[:, None, None], sin[:, None, None]
    t = _single(cos * x) + _single(sin * y)
    return t, _single(cos * y) - _single(sin * x)


def _waves(phase: np.ndarray) -> np.ndarray:
    """1 at whole numbers, falling to 0 halfway: (2 f - 1)^4 of the fraction f."""
    f = phase - np.floor(phase)
    f = 2 * f - 1
    f *= f
    return f * f


def _visible(cycles_per_pixel: np.ndarray) -> np.ndarray:
    """1 for coarse patterns, 0 from half a cycle per pixel on."""
    return np.clip(np.float32(1.5) - 3 * cycles_per_pixel, 0, 1)


def _column(values: np.ndarray) -> np.ndarray:
    """One number per plant, to meet its pixels."""
    return _single(values)[:, None, None]


def _single(values: np.ndarray) -> np.ndarray:
    return np.asarray(values, dtype=np.float64).astype(np.float32)
