"""The two cameras: what becomes of reflectance between the leaf and the file.

    raw_c = level * sum_l S_c(l) R(l) (l / l_0)^warmth        light and band c
    lin   = X raw                                             colour matrix or cross-talk
    out   = round(tone(lin * vignette) + noise)               then JPEG

RGB: Gaussian bands at 610, 540 and 460 nm (FWHM 80), infrared cut at 690 nm, and the colour matrix
with which a camera separates its overlapping bands. RGN: narrow bands at 660, 550 and 850 nm stored
in the slots R, G, B; its X is cross-talk: the filter leaks near infrared into red and green.

Neither is a measured camera: never rely on an absolute NDVI.
"""

import io
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np
from PIL import Image


@dataclass(frozen=True)
class Camera:
    """One sensor.

    Attributes:
        name: "rgb" or "rgn": the ending of its columns.
        centres_nm: Band centres in the order in which they are stored.
        fwhm_nm: Full widths at half maximum.
        step_nm: Distance of the wavelengths at which a band is summed.
        reach_nm: A band is cut this far from its centre, and outside `limits_nm`.
        limits_nm: What the filter in front of the lens lets through.
        matrix: X, "stored band".
        exposure: Gain that puts a leaf in the middle of the range.
    """

    name: str
    centres_nm: tuple[int, int, int]
    fwhm_nm: tuple[int, int, int]
    step_nm: int
    reach_nm: int
    limits_nm: tuple[int, int]
    matrix: tuple[tuple[float, float, float], ...]
    exposure: float


RGB = Camera(
    name="rgb",
    centres_nm=(610, 540, 460),
    fwhm_nm=(80, 80, 80),
    step_nm=20,
    reach_nm=80,
    limits_nm=(400, 690),
    matrix=((1.50, -0.42, -0.08), (-0.22, 1.42, -0.20), (0.0, -0.38, 1.38)),
    exposure=2.0,
)
RGN = Camera(
    name="rgn",
    centres_nm=(660, 550, 850),
    fwhm_nm=(25, 25, 30),
    step_nm=15,
    reach_nm=15,
    limits_nm=(520, 900),
    matrix=((0.86, 0.02, 0.12), (0.02, 0.90, 0.08), (0.0, 0.0, 0.75)),
    exposure=1.5,
)
CAMERAS = (RGB, RGN)

_LEVELS, _TOP = 8192, 2.0  # table of the tone curve


def wavelengths(camera: Camera) -> np.ndarray:
    """Where the camera's bands are summed, nm, "wavelength"."""
    return _bands(camera)[0]


def bands(camera: Camera) -> np.ndarray:
    """S: sensitivity of each band at `wavelengths`, rows summing to 1, "band wavelength"."""
    return _bands(camera)[1]


def exposed(
    camera: Camera, reflectance: np.ndarray, factors: Mapping[str, np.ndarray]
) -> np.ndarray:
    """What the camera records of surfaces under the light of each plant, before vignetting.

    Args:
        camera: The sensor.
        reflectance: At the camera's `wavelengths`, "plant surface wavelength".
        factors: Columns of draws.

    Returns:
        lin, float64, "plant surface 3"; 1 is white at full exposure, negative is out of gamut.
    """
    level, warmth = factors[f"light_{camera.name}"], factors[f"warmth_{camera.name}"]
    nm = wavelengths(camera)
    tint = (nm / nm.mean()) ** warmth[:, None] * level[:, None] * camera.exposure
    seen = np.array(camera.matrix) @ bands(camera)
    lit = reflectance * tint[:, None, :]
    recorded = np.zeros((*reflectance.shape[:-1], 3))
    for place in range(len(nm)):  # in this order on every machine, whatever else is in the batch
        recorded += lit[..., place, None] * seen[:, place]
    return recorded


@cache
def tone() -> np.ndarray:
    """Display value 0..255 of linear light 0.._TOP: sRGB gamma, a soft shoulder from 0.7 on."""
    x = np.linspace(0, _TOP, _LEVELS)
    soft = np.where(x < 0.7, x, 1 - 0.3 * np.exp(-(x - 0.7) / 0.3))
    srgb = np.where(soft < 0.0031308, 12.92 * soft, 1.055 * soft ** (1 / 2.4) - 0.055)
    return (255 * srgb).astype(np.float32)


def developed(linear: np.ndarray, noise: np.ndarray) -> np.ndarray:
    """uint8 of linear light and noise in 1/255, float32 of one shape; overwrites `linear`."""
    linear *= np.float32((_LEVELS - 1) / _TOP)
    value = tone().take(linear.astype(np.int32), mode="clip")
    value += noise
    value += np.float32(0.5)
    return np.clip(value, 0, 255, out=value).astype(np.uint8)


def sensor_noise(noise_255: float, raw: np.ndarray) -> np.ndarray:
    """Noise of standard deviation `noise_255`, float32: the sum of four random bytes each.

    Args:
        noise_255: Standard deviation, 1/255.
        raw: Random bytes, "4 ...".
    """
    total = raw[0].astype(np.int16)
    for part in raw[1:]:
        total += part
    total -= 510
    return total * np.float32(noise_255 / np.sqrt((256**2 - 1) / 3))


def through_jpeg(image: np.ndarray, quality: int) -> np.ndarray:
    """`image`, uint8 "3 height width", written as JPEG and read back; 100 leaves it alone."""
    if quality >= 100:
        return image
    file = io.BytesIO()
    picture = Image.fromarray(np.ascontiguousarray(image.transpose(1, 2, 0)))
    picture.save(file, "JPEG", quality=quality, subsampling=0)
    return np.asarray(Image.open(file, formats=("JPEG",))).transpose(2, 0, 1)


@cache
def _bands(camera: Camera) -> tuple[np.ndarray, np.ndarray]:
    low, high = camera.limits_nm
    reach = np.arange(-camera.reach_nm, camera.reach_nm + 1, camera.step_nm)
    nm = np.unique([c + d for c in camera.centres_nm for d in reach if low <= c + d <= high])
    centres, widths = np.array(camera.centres_nm), np.array(camera.fwhm_nm)
    away = np.abs(nm - centres[:, None])
    weight = np.exp(-4 * np.log(2) * (away / widths[:, None]) ** 2) * (away <= camera.reach_nm)
    return nm, weight / weight.sum(axis=1, keepdims=True)
