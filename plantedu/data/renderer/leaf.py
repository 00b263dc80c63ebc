"""The blade: where each pixel lies on it, its edge, its veins, its shading.

Scene units: 1 is half the frame, FRAME_MM / 2 millimetres. A pixel (x, y) of a camera with roll,
shift and magnification, on a blade with direction `angle`, has the leaf coordinates

    (t, v) = rotate(((x, y) - 2 shift) / scale, roll + angle)      along and across the chord
    s      = v - c bend t^2                                        across the curved blade

The half width narrows towards the tip, w(t) = w (1 - taper t), and n = s / w(t) runs from -1 to 1
between the margins: the parallel veins are lines of equal n.

Pixels are float32 and made of +, -, *, / and comparisons alone, which IEEE 754 fixes to the last
bit on every platform; angles and the like are worked out once per plant in float64.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32

from plantedu.data.renderer.texture import SIDE, at, octaves

FRAME_MM = 18.0
_BEND = 0.13  # c, scene units at t = 1
_TAPER = 0.10
_MIDRIB = 0.06  # half width of the midrib, in n
_VEINS = 9.0  # major veins on each half
_MINOR = 4.0  # minor veins from one major vein to the next

Pixels = Float32[np.ndarray, "height width"]


@dataclass(frozen=True)
class Blade:
    """Leaf coordinates of one picture's pixels.

    Attributes:
        t: Along the blade, scene units.
        n: Across it, -1 and 1 at the margins.
        half: Half width at this t, scene units.
        pixel: Size of a pixel, scene units.
        width: Half width at t = 0, scene units.
    """

    t: Pixels
    n: Pixels
    half: Pixels
    pixel: float
    width: float


def lay(factors: Mapping[str, float], sensor: str, size: int) -> Blade:
    """Where the pixels of `sensor` lie on the blade of one plant."""
    t, s = _chord(factors, sensor, size)
    s -= (t * t) * np.float32(_BEND * factors["bend"])
    width = factors["width"] / FRAME_MM
    half = np.float32(width) - t * np.float32(_TAPER * width)
    s /= half
    return Blade(t, s, half, 2 / size / factors[f"scale_{sensor}"], width)


def coverage(blade: Blade, *, edge: float, aside: float = 0.0) -> Pixels:
    """Share of each pixel that the blade covers, 0..1.

    Args:
        blade: Leaf coordinates.
        edge: Width of the soft margin, scene units; a pixel for the blade, more for its shadow.
        aside: Moves the blade across, in n.
    """
    away = np.abs(blade.n - np.float32(aside)) if aside else np.abs(blade.n)
    inside = (1 - away) * blade.half
    inside *= np.float32(1 / edge)
    inside += np.float32(0.5)
    return _unit(inside)


def veins(blade: Blade) -> Pixels:
    """How much of a pixel is vein, 0..1: the midrib and the parallel veins.

    A pattern finer than two pixels fades out, as it does in a camera.
    """
    away = np.abs(blade.n)
    rib = _unit(np.float32(1.5) - away * np.float32(1.5 / _MIDRIB)) * np.float32(0.75)
    finest = blade.pixel / blade.width
    for count, strength in ((_VEINS, 0.26), (_VEINS * _MINOR, 0.11)):
        visible = min(max(1.5 - 3 * finest * count, 0.0), 1.0)
        if visible:
            rib = np.maximum(rib, _waves(away * np.float32(count)) * np.float32(strength * visible))
    return rib


def fibres(blade: Blade, along: float, across: float) -> Pixels:
    """Streaks along the veins, mean 0 and deviation 1; (`along`, `across`) in [0, 1): which."""
    texture = octaves("fibres", SIDE, first=8, last=64, fall=0.7)
    rows = blade.t * np.float32(20) + np.float32(SIDE * (1 + along))
    return at(texture, rows, blade.n * np.float32(90) + np.float32(SIDE * (1 + across)))


def mottle(blade: Blade, along: float, across: float) -> Pixels:
    """Blotches of about a millimetre, mean 0 and deviation 1; (`along`, `across`): which."""
    texture = octaves("mottle", SIDE, first=16, last=64, fall=0.6)
    rows = blade.t * np.float32(90) + np.float32(SIDE * (1 + along))
    return at(texture, rows, blade.n * np.float32(70) + np.float32(SIDE * (1 + across)))


def shading(blade: Blade, side: float) -> Pixels:
    """Light on the folded blade, about 1: `side` (-1..1) is the half that faces it."""
    n = blade.n
    fold = n / (np.abs(n) + np.float32(0.15))
    fold *= np.float32(0.14 * side)
    fold -= n * n * np.float32(0.18)
    fold += 1
    return fold


def gloss(blade: Blade, side: float) -> Pixels:
    """Sheen along the blade on the half that faces the light, 0..1."""
    away = (blade.n - np.float32(0.5 if side > 0 else -0.5)) * np.float32(1 / 0.35)
    away *= away
    return _unit(1 - away)


def _chord(factors: Mapping[str, float], sensor: str, size: int) -> tuple[Pixels, Pixels]:
    """Coordinates along and across the chord: a rotation, so a sum of an x part and a y part."""
    turn = np.deg2rad(factors["angle"] + factors[f"rotation_{sensor}"])
    grid, scale = (np.arange(size) * 2 + 1) / size - 1, factors[f"scale_{sensor}"]
    x = (grid - 2 * factors[f"shift_x_{sensor}"]) / scale
    y = ((grid - 2 * factors[f"shift_y_{sensor}"]) / scale)[:, None]
    cos, sin = np.cos(turn), np.sin(turn)
    parts = (cos * x, sin * y, -sin * x, cos * y)
    along_x, along_y, across_x, across_y = (p.astype(np.float32) for p in parts)
    return along_x + along_y, across_x + across_y


def _waves(phase: Pixels) -> Pixels:
    """1 at whole numbers, falling to 0 halfway: (2 f - 1)^4 of the fraction f."""
    f = phase - np.floor(phase)
    f *= 2
    f -= 1
    f *= f
    f *= f
    return f


def _unit(values: Pixels) -> Pixels:
    """`values`, clipped to 0..1 in place."""
    return np.clip(values, 0, 1, out=values)
