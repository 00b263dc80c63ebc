"""Things that are planted in one place of a photograph: a mark, lesions, an occlusion.

    x' = x + strength a (thing - x),      a the thing's share of each pixel, 0 outside its mask

A mark is the renderer's: a white square with a dark edge. Lesions are the renderer's too, brown
spots on the largest green region: at every pixel the picture's own light is multiplied by what the
tissue reflects over what a green leaf does, band by band, so that camera, light and shading stay.

Source: the lesions' look: `data/renderer/lesions.py`. Lesson: 09_attribution.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
from scipy import ndimage

from plantedu.data.renderer import lesions
from plantedu.data.renderer.cameras import RGB
from plantedu.data.renderer.leaf import FRAME_MM, Blade
from plantedu.data.renderer.picture import palettes
from plantedu.data.renderer.tissues import BROWN, TISSUES
from plantedu.data.renderer.worlds import World, draw_factors

CORNERS = ("top left", "top right", "bottom left", "bottom right")
MARK, EDGE, COVER = 0.12, 0.015, 0.35  # sides of mark, its edge and the occlusion, of the picture
SPOTS, RADIUS = 6, 0.16  # lesions on a region, and their half width in half widths of the region
GREEN, ENOUGH = 12, 0.02  # grey levels that green leads by, and the least share of the picture

Found = tuple[np.ndarray, np.ndarray]
Place = np.ndarray | str | None


def mark(x: np.ndarray, strength: float, rng: np.random.Generator, where: Place) -> Found:
    """A white square with a dark edge, up to a twentieth of the picture away from its corner."""
    height, width = x.shape[1:]
    side, edge = max(4, round(min(height, width) * MARK)), max(1, round(min(height, width) * EDGE))
    place = CORNERS[-1] if where is None else where
    box = box_of(place, (height, width), side + 2 * edge, rng)
    thing = x.astype(np.float64).copy()
    for inset, level in ((0, 0.02), (edge, 0.9)):
        rows, columns = (slice(s.start + inset, max(s.stop - inset, s.start + 1)) for s in box)
        thing[:, rows, columns] = 255 * level
    return _blended(x, thing, _inside(box, (height, width), where), strength)


def occlusion(x: np.ndarray, strength: float, rng: np.random.Generator, where: Place) -> Found:
    """A grey square over a place that is drawn, of the picture's mean grey."""
    size = x.shape[1:]
    side = max(2, round(min(size) * COVER))
    if where is None:
        row, column = (int(rng.integers(0, s - side + 1)) for s in size)
        box = slice(row, row + side), slice(column, column + side)
    else:
        box = box_of(where, size, side, rng)
    grey = np.full(x.shape, float(x.mean()))
    return _blended(x, grey, _inside(box, size, where), strength)


def lesion(x: np.ndarray, strength: float, rng: np.random.Generator, where: Place) -> Found:
    """Brown spots on the largest green region, or on a mask."""
    if isinstance(where, str):
        raise LookupError("lesions stand on a leaf; give a mask, or none, in place of a corner.")
    region = green_region(x) if where is None else where
    blade, long = _blade(region)
    draws = rng.random(lesions.DRAWS)
    factors = _factors() | {
        "lesion_count": float(SPOTS),
        "lesion_size": RADIUS * blade.width * FRAME_MM / 0.68,
    }
    spots = lesions.place(factors, draws)
    spots = replace(spots, places=tuple((t * long, 0.85 * n, a, b) for t, n, a, b in spots.places))
    depth = lesions.depth(spots, blade) + 0.12 * spots.size * _mottle(region.shape, rng)
    shares = np.stack(lesions.tissue_shares(depth.astype(np.float32), spots, blade.pixel))
    shares = shares * region
    if not (shares.sum(0) > 0).any():
        raise LookupError("no spot fell on the region; it is too small or too ragged for lesions.")
    light = (x / 255.0) ** 2.2
    ratios = _ratios()  # halo, dark, pale over green, "3 bands"
    gain = 1 + np.einsum("khw,kb->bhw", shares, ratios - 1)
    thing = 255 * np.clip(light * gain, 0, 1) ** (1 / 2.2)
    return _blended(x, thing, shares.sum(0) > 0, strength)


def green_region(x: np.ndarray) -> np.ndarray:
    """The largest connected region in which green leads red and blue, holes filled, bool.

    Raises:
        LookupError: where less than a fiftieth of the picture is green.
    """
    red, green, blue = (ndimage.uniform_filter(band.astype(np.float64), 3) for band in x)
    leads = (2 * green - red - blue > GREEN) & (green > red)  # dry soil is redder than green
    labelled: Any = ndimage.label(leads)
    parts, count = labelled
    sizes = np.bincount(parts.ravel(), minlength=count + 1)[1:]
    if not count or sizes.max() < ENOUGH * parts.size:
        raise LookupError("less than 2 % of it is green; give `where`, a mask for each picture.")
    return ndimage.binary_fill_holes(parts == 1 + int(sizes.argmax()))  # type: ignore[return-value]


def box_of(
    where: np.ndarray | str, size: tuple[int, ...], side: int, rng: np.random.Generator
) -> tuple[slice, slice]:
    """A square near a corner, or in the middle of a mask's box, moved by a little that is drawn.

    Raises:
        LookupError: for another word.
    """
    away = [int(rng.integers(0, max(1, s // 20) + 1)) for s in size]
    if isinstance(where, str):
        if where not in CORNERS:
            raise LookupError(f"a corner is one of {', '.join(CORNERS)}; got {where!r}.")
        top, left = where.startswith("top"), where.endswith("left")
        starts = [
            a if first else s - side - a
            for first, s, a in zip((top, left), size, away, strict=True)
        ]
    else:
        spans = [np.flatnonzero(where.any(axis)) for axis in (1, 0)]
        starts = [round((s[0] + s[-1] + 1 - side) / 2) for s in spans]
    starts = [min(max(a, 0), s - side) for a, s in zip(starts, size, strict=True)]
    return slice(starts[0], starts[0] + side), slice(starts[1], starts[1] + side)


def _inside(box: tuple[slice, slice], size: tuple[int, ...], where: Place) -> np.ndarray:
    """The box, and of it what lies in a mask that was given."""
    found = np.zeros(size, dtype=bool)
    found[box] = True
    return found & where if isinstance(where, np.ndarray) else found


def _blended(x: np.ndarray, thing: np.ndarray, mask: np.ndarray, strength: float) -> Found:
    """x outside the mask to the byte; inside, the way to the thing."""
    mixed = np.clip(np.rint(x + strength * (thing - x)), 0, 255).astype(np.uint8)
    return np.where(mask, mixed, x), mask


def _blade(region: np.ndarray) -> tuple[Blade, float]:
    """Leaf coordinates of a region by its principal axes, and its half length, scene units."""
    rows, columns = np.nonzero(region)
    side = max(region.shape)
    u = np.stack([columns, rows]) * 2.0 / side
    middle = u.mean(1, keepdims=True)
    _, axes = np.linalg.eigh(np.cov(u) + 1e-9 * np.eye(2))
    long, wide = (2 * float((axes[:, k] @ (u - middle)).std()) for k in (1, 0))
    grid = np.stack(np.meshgrid(np.arange(region.shape[1]), np.arange(region.shape[0])))
    away = grid * 2.0 / side - middle[:, :, None]
    t, s = (np.einsum("c,chw->hw", axes[:, k], away).astype(np.float32) for k in (1, 0))
    wide = max(wide, 4 / side)
    half = np.full_like(t, wide)
    return Blade(t, s / np.float32(wide), half, 2 / side, wide), max(long, wide)


def _mottle(size: tuple[int, ...], rng: np.random.Generator) -> np.ndarray:
    """Blotches that make the spots' edges uneven, deviation 1."""
    rough = ndimage.gaussian_filter(rng.standard_normal(size), max(size) / 60)
    return rough / max(float(rough.std()), 1e-9)


@cache
def _factors() -> dict[str, float]:
    """A diseased plant of the course's field."""
    found = {name: float(column[0]) for name, column in draw_factors(World(), [0]).items()}
    return found | {"disease": float(BROWN), "severity": 0.6}


@cache
def _ratios() -> np.ndarray:
    """Light of halo, dark and pale tissue over that of a green leaf, "tissue band"."""
    light = palettes(RGB, {k: np.array([v]) for k, v in _factors().items()})[0]
    light = np.clip(light[: len(TISSUES)], 1e-3, None)
    return (light[2:] / light[0]).astype(np.float64)


LOCAL: dict[str, Callable[[np.ndarray, float, np.random.Generator, Place], Found]] = {
    "mark": mark,
    "lesion": lesion,
    "occlusion": occlusion,
}
