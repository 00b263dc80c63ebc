"""One plant in one camera: leaf, lesions, ground, light, lens, noise and file.

    lin = vignette (c shade (sum_k w_k L_k) + c gloss L_white + (1 - c) shadow (g_1 L_1 + g_2 L_2))

c is the share of the pixel that the leaf covers, w_k the shares of its five tissues, g_1 and g_2
those of pale and dark crumbs of soil, and L what the camera records of each (the palette).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np
from jaxtyping import Bool, Float32, UInt8

from plantedu.data.renderer import leaf, lesions
from plantedu.data.renderer.cameras import Camera, developed, exposed, sensor_noise, through_jpeg
from plantedu.data.renderer.cameras import wavelengths as wavelengths_of
from plantedu.data.renderer.texture import crumbs, octaves
from plantedu.data.renderer.tissues import TISSUES, reflectance, soil

LOOKS = 5  # uniform numbers: the fibres' place (2), the mottle's (2), the half that faces the light
_SHADOW = 0.5
_GLOSS = 0.02
_MARK = 0.10  # side of the corner mark, share of the frame

Pixels = Float32[np.ndarray, "height width"]


@dataclass(frozen=True)
class Sight:
    """What one camera has in front of it.

    Attributes:
        factors: The plant's columns of draws.
        lesions: Its lesions.
        looks: LOOKS numbers in [0, 1), the same for both cameras.
        ground: Two numbers in [0, 1): which piece of ground lies behind.
        palette: Light recorded of the five tissues, two soils and white.
    """

    factors: Mapping[str, float]
    lesions: lesions.Lesions
    looks: list[float]
    ground: list[float]
    palette: Float32[np.ndarray, "8 3"]


@dataclass(frozen=True)
class Picture:
    """What comes out: the image, and where leaf and dead tissue are in it."""

    image: UInt8[np.ndarray, "3 size size"]
    leaf: Bool[np.ndarray, "size size"]
    lesions: Bool[np.ndarray, "size size"]


def palettes(camera: Camera, factors: Mapping[str, np.ndarray]) -> Float32[np.ndarray, "plant 8 3"]:
    """What `camera` records of each plant's tissues, its soil and of white, in linear light."""
    nm = wavelengths_of(camera)
    ground = soil(factors[f"soil_{camera.name}"], nm)
    surfaces = (reflectance(factors, nm), ground, np.ones_like(ground[:, :1]))
    return exposed(camera, np.concatenate(surfaces, axis=1), factors).astype(np.float32)


def take(camera: Camera, sight: Sight, size: int, noise: np.ndarray) -> Picture:
    """The picture, `size` pixels a side, with `noise`: random bytes, "4 3 size size"."""
    blade = leaf.lay(sight.factors, camera.name, size)
    cover = leaf.coverage(blade, edge=blade.pixel)
    shares, dead = _leaf_shares(blade, sight)
    lens = _lens(size, sight.factors[f"vignetting_{camera.name}"])
    cover_lit, bare_lit = cover * lens, (1 - cover) * lens
    shade = leaf.shading(blade, 2 * sight.looks[4] - 1) * cover_lit
    sheen = leaf.gloss(blade, sight.looks[4] - 0.5) * cover_lit * np.float32(_GLOSS)
    shares = [share * shade for share in shares]
    linear = _mixed([*shares, *_ground_shares(blade, sight, size, bare_lit), sheen], sight.palette)
    if sight.factors["mark"]:
        _draw_mark(linear, sight.palette[-1])
    grain = sensor_noise(sight.factors[f"noise_{camera.name}"], noise)
    image = developed(linear, grain)
    image = through_jpeg(image, int(sight.factors[f"jpeg_quality_{camera.name}"]))
    on_leaf = cover >= 0.5
    return Picture(image, on_leaf, on_leaf & dead)


def _leaf_shares(blade: leaf.Blade, sight: Sight) -> tuple[list[Pixels], np.ndarray]:
    """Shares of the five tissues at every pixel, and where the leaf's tissue is dead."""
    looks, spots = sight.looks, sight.lesions
    vein = leaf.veins(blade)
    grain = 1 + np.float32(0.045) * leaf.fibres(blade, looks[0], looks[1])
    if not spots.places:
        return [(1 - vein) * grain, vein * grain], np.zeros(vein.shape, dtype=bool)
    blotch = leaf.mottle(blade, looks[2], looks[3])
    D = lesions.depth(spots, blade) + blotch * np.float32(0.012)
    halo, dark, pale = lesions.tissue_shares(D, spots, blade.pixel)
    dead = dark + pale
    living = 1 - dead - halo
    vein = vein * living
    worn = 2 * grain - 1 + blotch * np.float32(0.10)
    dark *= worn - np.clip(D * np.float32(0.3 / spots.size), 0, np.float32(0.3))
    shares = [(living - vein) * grain, vein * grain, halo * grain, dark, pale * worn]
    return shares, dead >= 0.5


def _ground_shares(
    blade: leaf.Blade, sight: Sight, size: int, bare_lit: Pixels
) -> tuple[Pixels, Pixels]:
    """Shares of pale and dark crumbs, in the shadow of the blade."""
    row, column = (int(3 * size * u) for u in sight.ground)
    window = (slice(row, row + size), slice(column, column + size))
    patch = octaves("soil", 4 * size, first=8, last=256, fall=0.8)[window]
    pale = np.clip(patch * np.float32(0.3) + np.float32(0.5), 0, 1)
    level = np.maximum(crumbs(size)[window] * np.float32(0.26) + 1, np.float32(0.25))
    shadow = leaf.coverage(blade, edge=0.22, aside=0.14)
    level *= (1 - shadow * np.float32(_SHADOW)) * bare_lit
    return level * pale, level * (1 - pale)


def _mixed(shares: list[Pixels], palette: np.ndarray) -> np.ndarray:
    """sum_k shares_k palette_k, "3 height width", in this order on every machine."""
    rows = [*range(len(shares) - 3), *range(len(TISSUES), len(TISSUES) + 3)]
    linear = np.empty((3, *shares[0].shape), dtype=np.float32)
    for band in range(3):
        plane = linear[band]
        np.multiply(shares[0], palette[0, band], out=plane)
        for share, row in zip(shares[1:], rows[1:], strict=True):
            plane += share * palette[row, band]
    return linear


def _draw_mark(linear: np.ndarray, white: np.ndarray) -> None:
    """A white square with a dark edge in the lower right corner, like a sticker on the bench."""
    size = linear.shape[-1]
    side, edge = max(4, round(size * _MARK)), max(1, round(size * 0.015))
    for inset, level in ((edge, 0.02), (2 * edge, 0.8)):
        place = slice(size - 2 * edge - side + inset, size - inset)
        linear[:, place, place] = (white * np.float32(level))[:, None, None]


def _lens(size: int, vignetting: float) -> Pixels:
    """1 in the middle, 1 - vignetting in the corners."""
    return 1 - _corner(size) * np.float32(vignetting)


@cache
def _corner(size: int) -> Pixels:
    """Squared distance from the middle of the picture, 1 in its corners."""
    grid = ((np.arange(size) * 2 + 1) / size - 1) ** 2
    return ((grid[:, None] + grid) / 2).astype(np.float32)
