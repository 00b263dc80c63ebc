"""Lesions: where they lie on the blade, their shapes, and the tissue at every pixel.

Brown spot: many small, round to oval spots, a dark core in a yellow halo.
Blast: spindles along the vein, a pale centre in a dark brown rim, a narrow halo.

With (dt, ds) from the lesion's middle and its half axes a (along) and b (across),

    brown   r = sqrt((dt/a)^2 + (ds/b)^2)          an ellipse
    blast   r = (dt/a)^2 + |ds/b|                  a spindle, pointed at both ends
    D       = max over lesions of (1 - r) b        depth below a lesion's edge, scene units

and the tissue follows from D: halo, then dark, then (blast) pale. Lesion number l lies at
frac(u + l (1/g, 1/g^2)), g = 1.3247, of the blade: a sequence that spreads any number of points
evenly, so that `do(lesion_count=5)` keeps the first five where they were.

Source: the sequence, Roberts 2018, extremelearning.com.au [roberts2018]. Lesson: 01_pairs.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32

from plantedu.data.renderer.factors import factor
from plantedu.data.renderer.leaf import FRAME_MM, Blade
from plantedu.data.renderer.tissues import BLAST, HEALTHY

MOST = int(factor("lesion_count").high)
DRAWS = 2 + 4 * MOST  # uniform numbers that one plant's lesions need
_STEP = (0.7548776662466927, 0.5698402909980532)

Pixels = Float32[np.ndarray, "height width"]


@dataclass(frozen=True)
class Lesions:
    """The lesions of one plant; scene units.

    Attributes:
        places: (t, n, a, b) of each: middle in leaf coordinates, half axes along and across.
        blast: Spindles, or spots.
        size: Typical half width.
        halo: Width of the halo.
        rim: Width of the dark rim round the pale centre (blast).
    """

    places: tuple[tuple[float, float, float, float], ...]
    blast: bool
    size: float
    halo: float
    rim: float


def place(factors: Mapping[str, float], draws: np.ndarray) -> Lesions:
    """The lesions of one plant, from its factors and its own DRAWS uniform numbers."""
    blast, gone = factors["disease"] == BLAST, factors["severity"]
    count = 0 if factors["disease"] == HEALTHY else int(factors["lesion_count"])
    typical = factors["lesion_size"] / FRAME_MM * (0.52 if blast else 0.68)
    own = draws[2:].reshape(MOST, 4)
    spot = (draws[:2] + np.arange(MOST)[:, None] * np.array(_STEP) + 0.12 * own[:, :2]) % 1
    t, n = 0.92 * (2 * spot[:, 0] - 1), 0.8 * (2 * spot[:, 1] - 1)
    b = typical * (0.75 + 0.5 * own[:, 2])
    a = b * (3.3 + 1.5 * own[:, 3] if blast else 0.95 + 0.45 * own[:, 3])
    places = tuple(zip(t.tolist(), n.tolist(), a.tolist(), b.tolist(), strict=True))[:count]
    halo = typical * (0.25 + 0.15 * gone if blast else 0.35 + 0.3 * gone)
    return Lesions(places, blast, typical, halo, typical * (0.62 - 0.34 * gone))


def depth(lesions: Lesions, blade: Blade) -> Pixels:
    """D at every pixel; -1 where the leaf has no lesion at all."""
    D = np.full_like(blade.t, -1)
    for t, n, a, b in lesions.places:
        along = (blade.t - np.float32(t)) * np.float32(1 / a)
        along *= along
        across = (blade.n - np.float32(n)) * blade.half
        across *= np.float32(1 / b)
        r = along + np.abs(across) if lesions.blast else np.sqrt(along + across * across)
        r -= 1
        r *= np.float32(-b)
        np.maximum(D, r, out=D)
    return D


def tissue_shares(D: Pixels, lesions: Lesions, pixel: float) -> tuple[Pixels, Pixels, Pixels]:
    """Shares of halo, dark and pale tissue at every pixel; what is left is alive and green."""
    edge = max(1.5 * pixel, 0.2 * lesions.size)
    dead = _above(D, 0, edge)
    halo = _above(D, -lesions.halo / 2, lesions.halo) * (1 - dead)
    if not lesions.blast:
        return halo, dead, np.zeros_like(dead)
    pale = _above(D, lesions.rim, max(edge, 0.4 * lesions.rim))
    return halo, dead - np.minimum(pale, dead), np.minimum(pale, dead)


def _above(D: Pixels, level: float, softness: float) -> Pixels:
    """0 below `level`, 1 above it, over a width of `softness`."""
    step = D * np.float32(1 / softness)
    step += np.float32(0.5 - level / softness)
    return np.clip(step, 0, 1, out=step)
