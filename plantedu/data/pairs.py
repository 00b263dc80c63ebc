"""Planted pairs: one leaf seen by two cameras, rendered from known factors, with masks.

    pixel = vignette * (c (shade sum_k w_k L_k + gloss) + (1 - c) ground * shadow)

with c the share of the pixel that the leaf covers, w_k the shares of its five tissues and L_k the
light that a camera records of each. `render(..., do={...})` renders *the same plants* with a factor
changed and every other draw kept: the causal effect of that factor on the picture, and so on
everything that follows from it.

On a healthy plant, `do` on the count, size or severity of lesions changes nothing: there are none.

Lesson: 01_pairs.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, UInt8
from numpy.typing import ArrayLike

from plantedu.data import leaf, lesions
from plantedu.data.cameras import CAMERAS, Camera, developed, exposed, through_jpeg, wavelengths
from plantedu.data.draws import noise_bytes, uniforms
from plantedu.data.texture import octaves
from plantedu.data.tissues import reflectance
from plantedu.data.worlds import World, draw_factors, plant_id, plant_indices, set_factor
from plantedu.errors import require

SMALLEST, LARGEST = 16, 512


@dataclass(frozen=True)
class Pairs:
    """Rendered pairs.

    Attributes:
        x1: RGB pictures.
        x2: RGN pictures of the same plants: red, green, near infrared.
        leaf1, leaf2: Where the leaf is, in each picture.
        lesions1, lesions2: Where tissue is dead; inside the leaf.
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

    def __getitem__(self, rows: slice | ArrayLike) -> "Pairs":
        """The pairs at `rows`: a slice, positions, or one position (a single pair)."""
        kept = np.atleast_1d(np.arange(len(self))[rows])
        pictures = (self.x1, self.x2, self.leaf1, self.leaf2, self.lesions1, self.lesions2)
        factors = {name: column[kept] for name, column in self.factors.items()}
        return Pairs(*(p[kept] for p in pictures), factors, tuple(self.plants[k] for k in kept))


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
    whole = isinstance(size, (int, np.integer)) and SMALLEST <= size <= LARGEST
    require(whole, f"Pictures have {SMALLEST} to {LARGEST} pixels a side; got {size!r}.")
    plants = plant_indices(indices)
    factors = draw_factors(world, plants)
    for name, value in (do or {}).items():
        set_factor(factors, name, value)
    pictures = [_photograph(c, world, plants, factors, int(size)) for c in CAMERAS]
    (x1, leaf1, lesions1), (x2, leaf2, lesions2) = pictures
    ids = tuple(plant_id(world, k) for k in plants)
    return Pairs(x1, x2, leaf1, leaf2, lesions1, lesions2, factors, ids)


def _photograph(
    camera: Camera, world: World, plants: np.ndarray, factors: dict[str, np.ndarray], size: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """One camera's pictures, leaf masks and lesion masks."""
    n = len(plants)
    x = np.empty((n, 3, size, size), dtype=np.uint8)
    leaf_mask = np.empty((n, size, size), dtype=bool)
    lesion_mask = np.empty((n, size, size), dtype=bool)
    for k in range(n):
        one = {name: column[k : k + 1] for name, column in factors.items()}
        x[k], leaf_mask[k], lesion_mask[k] = _one(camera, world, plants[k : k + 1], one, size)
    return x, leaf_mask, lesion_mask


def _one(camera, world, plant, factors, size):
    seed = world.seed
    looks = uniforms(seed, "blade", plant, count=4)
    spots = lesions.place(factors, uniforms(seed, "lesions", plant, count=2 + 4 * lesions.MOST))
    blade = leaf.blade(factors, camera.name, size)
    pixel = float(blade.pixel[0, 0, 0])
    cover = leaf.coverage(blade)[0]
    vein = leaf.veins(blade)[0]
    fibre = leaf.fibres(blade, looks[:, :2])[0]
    shade = leaf.shading(blade, 2 * looks[:, 2] - 1)[0] + np.float32(0.035) * fibre
    D = lesions.depth(spots, blade, 0) + np.float32(0.012) * fibre
    halo, dark, pale = lesions.tissue_shares(D, spots, 0, pixel)
    living = 1 - halo - dark - pale
    nm = wavelengths(camera)
    colours = exposed(camera, reflectance(factors, nm), factors)[0].astype(np.float32)
    soil = _soil(factors[f"soil_{camera.name}"], nm)
    ground = exposed(camera, soil, factors)[0].astype(np.float32)
    white = exposed(camera, np.full((1, 1, len(nm)), 1.0), factors)[0, 0].astype(np.float32)
    vein = vein * living
    living = living - vein
    shadow = 1 - np.float32(0.45) * leaf.coverage(blade, 0.16 / pixel, 0.1)[0]
    grain, patches = _ground(seed, camera.name, plant, size)
    ground_level = (1 - cover) * shadow * np.maximum(1 + np.float32(0.22) * grain, 0.2)
    mix = np.clip(np.float32(0.5) + np.float32(0.25) * patches, 0, 1)
    place = (np.arange(size, dtype=np.float32) * 2 + 1) / size - 1
    vignette = 1 - np.float32(factors[f"vignetting_{camera.name}"][0]) * 0.5 * (
        place[:, None] ** 2 + place[None, :] ** 2
    )
    gloss = np.clip(1 - ((np.abs(blade.n[0]) - 0.5) / 0.3) ** 2, 0, 1) * np.float32(0.012)
    out = np.empty((3, size, size), dtype=np.float32)
    lit = cover * shade * vignette
    ws = [w * lit for w in (living, vein, halo, dark, pale)]
    gw = ground_level * vignette
    g1, g2 = gw * mix, gw * (1 - mix)
    gl = gloss * cover * vignette
    for c in range(3):
        acc = gl * white[c]
        for w, k in zip(ws, range(5)):
            acc = acc + w * colours[k, c]
        out[c] = acc + g1 * ground[0, c] + g2 * ground[1, c]
    if factors["mark"][0]:
        e = max(2, round(size * 0.09))
        o = max(1, round(size * 0.03))
        out[:, size - o - e : size - o, size - o - e : size - o] = white[
            :, None, None
        ] * np.float32(0.8)
    raw = noise_bytes(seed, f"noise {camera.name}", int(plant[0]), 4 * out.size).reshape(
        4, *out.shape
    )
    g = raw[0].astype(np.int16) + raw[1] + raw[2] + raw[3] - 510
    sigma = factors[f"noise_{camera.name}"][0] / 147.8
    image = developed(out, g.astype(np.float32) * np.float32(sigma))
    image = through_jpeg(image, int(factors[f"jpeg_quality_{camera.name}"][0]))
    m = cover >= 0.5
    return image, m, m & (dark + pale >= 0.5)


def _soil(value, nm):
    x = (nm - 400) / 500
    pale = value[:, None] * (0.10 + 0.42 * x) + (1 - value[:, None]) * (0.035 + 0.11 * x)
    return np.stack([pale * 1.15, pale * 0.7], axis=1)


def _ground(seed, sensor, plant, size):
    grain = octaves("soil", 4 * size, 32, 4 * size, 0.95)
    patches = octaves("patches", 4 * size, 8, 32, 0.7)
    u = uniforms(seed, f"ground {sensor}", plant, count=2)[0]
    r, c = (u * 3 * size).astype(int)
    return grain[r : r + size, c : c + size], patches[r : r + size, c : c + size]
