"""The five tissues of a planted leaf, and what each sensor's bands make of them.

Each plant has five tissues, made of the plant's own factors: healthy blade, vein, yellow halo, dark
(core of brown spot, rim of blast) and pale (centre of blast). PROSPECT gives each tissue's spectrum
once; a pixel is a linear mixture of the five. That is the approximation: areas mix, pigments do not.

Three liberties, stated because a course on truth should:

- The amounts for diseased tissue are chosen to look right, not fitted to measurements.
- `mesophyll` sets the layers N for wavelengths beyond the red edge alone (in a leaf, visible light is
  absorbed before it reaches the spongy mesophyll). So it moves no band of the RGB camera at all.
- `bloom` adds scattering that fades out at 510 nm; so it moves no band of the RGN camera at all.
"""

from collections.abc import Mapping

import numpy as np

from plantedu.data.factors import factor
from plantedu.data.optics import Tissue, prospect

TISSUES = ("healthy", "vein", "halo", "dark", "pale")
BLAST = factor("disease").levels.index("blast")

_RED_EDGE_NM = (700.0, 760.0)
_BLOOM_NM = (440.0, 510.0)
_BLOOM = 0.10


def reflectance(factors: Mapping[str, np.ndarray], wavelengths_nm: np.ndarray) -> np.ndarray:
    """Reflectance of every plant's tissues.

    Args:
        factors: Columns of draws, "plant" each.
        wavelengths_nm: Whole nm from 400 to 900, "wavelength".

    Returns:
        float64 in [0, 1], "plant tissue wavelength".
    """
    contents = _contents(factors)
    seen, deep = contents.pop("layers"), contents.pop("deep_layers")
    beyond = fade(wavelengths_nm, *_RED_EDGE_NM)
    layers = seen[..., None] + (deep - seen)[..., None] * beyond
    tissue = Tissue(layers=layers, **{name: a[..., None] for name, a in contents.items()})
    blue = 1 - fade(wavelengths_nm, *_BLOOM_NM)
    return prospect(tissue, wavelengths_nm)[0] + _BLOOM * factors["bloom"][:, None, None] * blue


def fade(x: np.ndarray, start: float, stop: float) -> np.ndarray:
    """0 up to `start`, 1 from `stop` on, smooth between: 3 u^2 - 2 u^3."""
    u = np.clip((x - start) / (stop - start), 0, 1)
    return u * u * (3 - 2 * u)


def _contents(factors: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Contents of the five tissues, each "plant tissue"."""
    chlorophyll, severity = factors["chlorophyll"], factors["severity"]
    deep, blast = factors["mesophyll"], factors["disease"] == BLAST
    zero = np.zeros_like(severity)

    def rows(*tissues: np.ndarray | float) -> np.ndarray:
        return np.stack([zero + t for t in tissues], axis=1)

    dark = np.where(blast, 1.8, 1.7 - 0.6 * severity)
    brown = np.where(blast, 2.2, 0.9 + 1.3 * severity)
    pale = 1.7 + 0.9 * severity
    return {
        "layers": rows(1.4, 1.7, 1.4, dark, pale),
        "deep_layers": rows(deep, deep, deep, dark, pale),
        "chlorophyll": rows(
            chlorophyll, 0.45 * chlorophyll, 3 + 0.12 * chlorophyll, 6 - 4 * severity, 1 - severity
        ),
        "carotenoids": rows(2 + 0.16 * chlorophyll, 2 + 0.08 * chlorophyll, 9, 4, 1.5),
        "anthocyanins": rows(1, 1, 1, 3, 0),
        "brown": rows(0, 0, 0.05, brown, 0.45 - 0.33 * severity),
        "water": rows(0.012, 0.012, 0.011, 0.005, 0.0015),
        "dry_matter": rows(0.005, 0.006, 0.005, 0.006, 0.004),
    }
