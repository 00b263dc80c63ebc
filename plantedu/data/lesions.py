"""Lesions: where they lie on the blade, their shapes, and the tissue at every pixel.

Brown spot: many small, round to oval spots; a dark core in a yellow halo.
Blast: spindles along the vein; a pale centre in a dark brown rim, a narrow halo.

With (dt, ds) from the lesion's middle and half axes a (along) and b (across),

    brown   r = sqrt((dt/a)^2 + (ds/b)^2)          an ellipse
    blast   r = (dt/a)^2 + |ds/b|                  a spindle, pointed at both ends
    D       = max over lesions of (1 - r) b        depth below the lesion's edge, scene units

and the tissue follows from D alone: halo, then dark, then (blast) pale. Lesion number l lies at
frac(u + l (0.7549, 0.5698)) of the blade, a sequence that spreads any number of points evenly; so
`do(lesion_count=5)` keeps the first five where they were.

Source: Roberts 2018, "The unreasonable effectiveness of quasirandom sequences" [roberts2018];
shapes: libraries of field pathology; amounts are chosen to look right, not fitted.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from plantedu.data.factors import factor
from plantedu.data.leaf import FRAME_MM, Blade
from plantedu.data.tissues import BLAST

MOST = int(factor("lesion_count").high)
HEALTHY = factor("disease").levels.index("healthy")
_STEP = np.array([0.7548776662466927, 0.5698402909980532])


@dataclass(frozen=True)
class Lesions:
    """The lesions of every plant, float64.

    Attributes:
        t, n: Middles in leaf coordinates, "plant lesion".
        a, b: Half axes along and across, scene units, "plant lesion"; 0 where there is none.
        blast: Plants with spindles, bool "plant".
        halo, rim: Widths of halo and (blast) rim, scene units, "plant".
    """

    t: np.ndarray
    n: np.ndarray
    a: np.ndarray
    b: np.ndarray
    blast: np.ndarray
    halo: np.ndarray
    rim: np.ndarray


def place(factors: Mapping[str, np.ndarray], draws: np.ndarray) -> Lesions:
    """Lesions of each plant from its factors and from its own uniform numbers.

    Args:
        factors: Columns of draws.
        draws: In [0, 1), "plant 2 + 4 MOST": the start of the sequence, then four per lesion.
    """
    start, own = draws[:, :2], draws[:, 2:].reshape(len(draws), MOST, 4)
    spot = (start[:, None] + np.arange(MOST)[:, None] * _STEP + 0.12 * own[..., :2]) % 1
    blast, severity = factors["disease"] == BLAST, factors["severity"]
    there = np.arange(MOST) < factors["lesion_count"][:, None]
    there &= (factors["disease"] != HEALTHY)[:, None]
    size = (factors["lesion_size"] / FRAME_MM)[:, None] * (0.75 + 0.5 * own[..., 2]) * there
    b = size * np.where(blast, 0.62, 0.80)[:, None]
    a = size * np.where(blast[:, None], 2.3 + 0.8 * own[..., 3], 0.85 + 0.4 * own[..., 3])
    typical = factors["lesion_size"] / FRAME_MM
    halo = typical * np.where(blast, 0.16 + 0.10 * severity, 0.30 + 0.25 * severity)
    rim = typical * 0.62 * (0.62 - 0.34 * severity)
    return Lesions(
        t=(2 * spot[..., 0] - 1) * 0.92,
        n=(2 * spot[..., 1] - 1) * np.where(blast, 0.80, 0.78)[:, None],
        a=a,
        b=b,
        blast=blast,
        halo=halo,
        rim=rim,
    )


def depth(lesions: Lesions, blade: Blade, plant: int) -> np.ndarray:
    """D of one plant's pixels, "height width" float32; far below 0 away from every lesion."""
    D = np.full(blade.t.shape[1:], -1, dtype=np.float32)
    t, n, half = blade.t[plant], blade.n[plant], blade.half[plant]
    for l in np.flatnonzero(lesions.b[plant]):
        a, b = lesions.a[plant, l], lesions.b[plant, l]
        along = (t - np.float32(lesions.t[plant, l])) * np.float32(1 / a)
        across = (n - np.float32(lesions.n[plant, l])) * half * np.float32(1 / b)
        along *= along
        if lesions.blast[plant]:
            r = along + np.abs(across)
        else:
            across *= across
            r = np.sqrt(along + across)
        np.maximum(D, (1 - r) * np.float32(b), out=D)
    return D


def tissue_shares(
    D: np.ndarray, lesions: Lesions, plant: int, pixel: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Shares of halo, dark and pale tissue: each covers what lies outside it."""
    soft = np.float32(1 / (1.5 * pixel))
    halo_width = np.float32(lesions.halo[plant])
    halo = np.clip((D + halo_width) / halo_width, 0, 1)
    dark = np.clip(D * soft + np.float32(0.5), 0, 1)
    if not lesions.blast[plant]:
        return halo * (1 - dark), dark, np.zeros_like(dark)
    pale = np.clip((D - np.float32(lesions.rim[plant])) * soft + np.float32(0.5), 0, 1)
    return halo * (1 - dark), dark - pale, pale
