"""The five tissues of a planted leaf and the ground behind it: what each reflects.

Each plant has five tissues, made of its own factors: healthy blade, vein, yellow halo, dark (core
of a brown spot, rim of blast) and pale (centre of blast). PROSPECT gives each tissue's spectrum
once; a pixel is a linear mixture of the five. That is the approximation: areas mix, pigments do
not.

Three liberties, stated because this is a course on truth:

- The amounts for diseased tissue are chosen to look right, not fitted to measurements.
- `mesophyll` sets the layers N beyond the red edge alone (in a leaf, visible light is absorbed
  before it reaches the spongy mesophyll). So it moves no band of the RGB camera at all.
- `bloom` adds scattering that fades out at 510 nm. So it moves no band of the RGN camera at all.
"""

from collections.abc import Mapping

import numpy as np
from jaxtyping import Float64

from plantedu.data.renderer.factors import factor
from plantedu.data.renderer.optics import Tissue, prospect

TISSUES = ("healthy", "vein", "halo", "dark", "pale")
HEALTHY, BLAST, BROWN = (factor("disease").levels.index(d) for d in ("healthy", "blast", "brown"))

_RED_EDGE_NM = (700.0, 760.0)
_BLOOM_NM = (440.0, 510.0)
_BLOOM = (0.06, 0.06, 0.05, 0.01, 0.02)  # by tissue: dead tissue has lost most of its wax


def reflectance(
    factors: Mapping[str, np.ndarray], wavelengths_nm: np.ndarray
) -> Float64[np.ndarray, "plant tissue wavelength"]:
    """Reflectance of every plant's tissues, in [0, 1].

    Args:
        factors: Columns of draws, "plant" each.
        wavelengths_nm: Whole nm from 400 to 900, "wavelength".
    """
    contents = _contents(factors)
    seen, deep = contents.pop("layers"), contents.pop("deep_layers")
    beyond = _fade(wavelengths_nm, *_RED_EDGE_NM)
    layers = seen[..., None] + (deep - seen)[..., None] * beyond
    tissue = Tissue(layers=layers, **{name: a[..., None] for name, a in contents.items()})
    wax = np.array(_BLOOM)[:, None] * (1 - _fade(wavelengths_nm, *_BLOOM_NM))
    return prospect(tissue, wavelengths_nm)[0] + factors["bloom"][:, None, None] * wax


def soil(
    dryness: np.ndarray, wavelengths_nm: np.ndarray
) -> Float64[np.ndarray, "plant 2 wavelength"]:
    """Reflectance of pale and of dark crumbs of soil; it rises towards the infrared.

    Args:
        dryness: The factor `soil`: 0 dark and wet, 1 pale and dry.
        wavelengths_nm: "wavelength".
    """
    x = (wavelengths_nm - 400) / 500
    dry, wet = 0.13 + 0.36 * x, 0.03 + 0.13 * x
    ground = wet + dryness[:, None] * (dry - wet)
    return np.stack([1.2 * ground, 0.65 * ground * (1 + 0.2 * x)], axis=1)


def _fade(x: np.ndarray, start: float, stop: float) -> np.ndarray:
    """0 up to `start`, 1 from `stop` on, smooth between: 3 u^2 - 2 u^3."""
    u = np.clip((x - start) / (stop - start), 0, 1)
    return u * u * (3 - 2 * u)


def _contents(factors: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Contents of the five tissues, each "plant tissue"."""
    green, gone = factors["chlorophyll"], factors["severity"]
    deep, blast = factors["mesophyll"], factors["disease"] == BLAST
    dark = np.where(blast, 1.6, 1.6 - 0.45 * gone)
    pale = 1.5 + 0.6 * gone
    rows = {
        "layers": (1.4, 2.2, 1.4, dark, pale),
        "deep_layers": (deep, deep, deep, dark, pale),
        "chlorophyll": (green, 0.35 * green, 3 + 0.15 * green, 6 - 4 * gone, 1 - gone),
        "carotenoids": (2 + 0.16 * green, 1.5 + 0.03 * green, 7, 4, 0.5),
        "anthocyanins": (1, 1, 1, 3, 0),
        "brown": (0, 0, 0.08, np.where(blast, 3.2, 1.8 + 1.9 * gone), 0.6 - 0.45 * gone),
        "water": (0.012, 0.012, 0.011, 0.005, 0.0015),
        "dry_matter": (0.005, 0.005, 0.005, 0.006, 0.003),
    }
    table = np.empty((len(green), len(TISSUES)))
    return {name: _filled(table, row) for name, row in rows.items()}


def _filled(table: np.ndarray, row: tuple[np.ndarray | float, ...]) -> np.ndarray:
    """A copy of `table` with one entry of `row` in each column."""
    filled = table.copy()
    for column, value in enumerate(row):
        filled[:, column] = value
    return filled
