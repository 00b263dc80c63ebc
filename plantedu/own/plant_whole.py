"""Things that change a whole photograph: its light, its lens, its file, its frame.

    light           linear light times 2^(-2 s)             two stops darker at 1
    white_balance   red times 2^(s / 2), blue times 2^(-s / 2), in linear light
    blur            Gaussian, standard deviation s / 32 of the side
    jpeg            quality 95 - 90 s, without subsampling
    rotation        45 s degrees, to a side that is drawn
    scale           the picture at 1 / (1 + s) of its size
    crop            a window of (1 - s / 2) of the side, its place drawn, at the old size
    noise           standard deviation 25 s grey levels, independent in every value

What turns or shrinks a picture fills its surroundings with its mirror image. Resampling is
torchvision's, encoding Pillow's. Linear light is (x / 255)^2.2.

Lesson: 09_attribution.
"""

from collections.abc import Callable

import numpy as np
import torch
from torchvision.transforms import InterpolationMode
from torchvision.transforms.v2 import functional as F

from plantedu.data.renderer.cameras import through_jpeg

GAMMA = 2.2
SMOOTH = {"interpolation": InterpolationMode.BILINEAR, "antialias": True}


def light(x: np.ndarray, strength: float, rng: np.random.Generator) -> np.ndarray:
    """Darker, by up to two stops."""
    return gained(x, np.full(3, 2.0 ** (-2 * strength)))


def white_balance(x: np.ndarray, strength: float, rng: np.random.Generator) -> np.ndarray:
    """Warmer."""
    return gained(x, 2.0 ** (strength * np.array([0.5, 0.0, -0.5])))


def blur(x: np.ndarray, strength: float, rng: np.random.Generator) -> np.ndarray:
    """Out of focus."""
    sigma = max(strength * x.shape[-1] / 32, 1e-3)
    size = 2 * min(max(1, round(3 * sigma)), (min(x.shape[1:]) - 1) // 2) + 1
    return _bytes(F.gaussian_blur(_tensor(x), [size, size], [sigma, sigma]))


def jpeg(x: np.ndarray, strength: float, rng: np.random.Generator) -> np.ndarray:
    """Encoded with a lower quality."""
    return through_jpeg(x, round(95 - 90 * strength))


def rotation(x: np.ndarray, strength: float, rng: np.random.Generator) -> np.ndarray:
    """Turned about its middle."""
    angle = 45 * strength * (1 if rng.random() < 0.5 else -1)
    height, width = x.shape[1:]
    turned = F.rotate(_mirrored(x), angle, interpolation=InterpolationMode.BILINEAR)
    return _bytes(F.center_crop(turned, [height, width]))


def scale(x: np.ndarray, strength: float, rng: np.random.Generator) -> np.ndarray:
    """Seen from further away."""
    height, width = x.shape[1:]
    around = _mirrored(x)
    size = [max(round(s / (1 + strength)), 1) for s in around.shape[1:]]
    small = F.resize(around, size, **SMOOTH)
    return _bytes(F.center_crop(small, [height, width]))


def crop(x: np.ndarray, strength: float, rng: np.random.Generator) -> np.ndarray:
    """A part of it, enlarged."""
    place = rng.random(2)
    height, width = x.shape[1:]
    h, w = (max(round(s * (1 - strength / 2)), 1) for s in (height, width))
    top, left = (
        int(p * (s - part + 1)) for p, s, part in zip(place, (height, width), (h, w), strict=False)
    )
    return _bytes(F.resized_crop(_tensor(x), top, left, h, w, [height, width], **SMOOTH))


def noise(x: np.ndarray, strength: float, rng: np.random.Generator) -> np.ndarray:
    """Grain."""
    grain = 25 * strength * rng.standard_normal(x.shape)
    return np.clip(np.rint(x + grain), 0, 255).astype(np.uint8)


def gained(x: np.ndarray, gains: np.ndarray) -> np.ndarray:
    """Linear light times a gain for each band; what grows past white stays white.

    Args:
        x: uint8, "3 height width".
        gains: > 0, "3".
    """
    levels = 255 * np.clip((np.arange(256) / 255) ** GAMMA * gains[:, None], 0, 1) ** (1 / GAMMA)
    table = np.rint(levels).astype(np.uint8)
    return np.stack([row[band] for row, band in zip(table, x, strict=True)])


def _mirrored(x: np.ndarray) -> torch.Tensor:
    """The picture with its mirror images round it, half a side each way."""
    height, width = x.shape[1:]
    pad = ((0, 0), (height // 2, height // 2), (width // 2, width // 2))
    return _tensor(np.pad(x, pad, mode="symmetric"))


def _tensor(x: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(np.ascontiguousarray(x)).float()


def _bytes(x: torch.Tensor) -> np.ndarray:
    return x.round().clamp(0, 255).byte().numpy()


WHOLE: dict[str, Callable[[np.ndarray, float, np.random.Generator], np.ndarray]] = {
    "light": light,
    "white_balance": white_balance,
    "blur": blur,
    "jpeg": jpeg,
    "rotation": rotation,
    "scale": scale,
    "crop": crop,
    "noise": noise,
}
