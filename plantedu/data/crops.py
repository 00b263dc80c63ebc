"""Crops of pairs: batched on the device, every crop with its own window, pose and light.

    source of target pixel u = (x, y) in [-1, 1]^2:   c + r R(theta) diag(f, 1) u
    colour of band k:                                 clip(gain_k p_k^gamma_k + offset_k, 0, 1)

with window side r = sqrt(scale), centre c uniform where the unrotated window stays inside the
image, flip f = +-1. What a turned window sees beyond the border is the image reflected.

All large crops of a batch are one call of `grid_sample`, all small crops another. Hue and
saturation mean nothing for a red-green-infrared image, so colour changes band by band.

Which crops become which view is the pairing: `cross` shows X1 and X2 of one plant, `within_both`
two crops of each sensor, `rgb_only` and `nir_only` two crops of one sensor.
"""

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Generator, Tensor

from plantedu.errors import require

# Sensors of the large crops; small crops take these in turn.
PAIRINGS: dict[str, tuple[int, ...]] = {
    "cross": (1, 2),
    "within_both": (1, 1, 2, 2),
    "rgb_only": (1, 1),
    "nir_only": (2, 2),
}


@dataclass(frozen=True, kw_only=True)
class CropSpec:
    """How crops are drawn; 0 switches a jitter off.

    Attributes:
        large_size: Side of the large crops, in pixels.
        large_scale: Lowest and highest share of the image's area that a large crop shows.
        small_crops: How many small crops per plant.
        small_size: Side of the small crops, in pixels.
        small_scale: The same share for small crops.
        rotation_deg: Largest turn to either side; 180 is any direction.
        flip: Mirror every second crop.
        gain: Each band is multiplied by exp(u), u uniform in +-gain.
        gamma: Each band is raised to exp(u), u uniform in +-gamma.
        offset: Each band is shifted by u, uniform in +-offset, in [0, 1] units.
        blur: Largest sigma of a Gaussian blur, in pixels of the crop.
        shared_window: All large crops of a plant show the same window in the same pose, whatever
            the sensor; colour still differs.
    """

    large_size: int = 40
    large_scale: tuple[float, float] = (0.4, 1.0)
    small_crops: int = 0
    small_size: int = 24
    small_scale: tuple[float, float] = (0.1, 0.4)
    rotation_deg: float = 180.0
    flip: bool = True
    gain: float = 0.2
    gamma: float = 0.0
    offset: float = 0.05
    blur: float = 0.0
    shared_window: bool = False

    def __post_init__(self) -> None:
        for name in ("large_size", "small_size"):
            side = getattr(self, name)
            require(side >= 4, f"{name} must be at least 4 pixels, got {side}.")
        for name in ("large_scale", "small_scale"):
            low, high = getattr(self, name)
            require(
                0 < low <= high <= 1,
                f"{name} must be shares of the area 0 < low <= high <= 1, got ({low}, {high}).",
            )
        require(self.small_crops >= 0, f"small_crops must be 0 or more, got {self.small_crops}.")
        for name, most in (("gain", 2), ("gamma", 2), ("offset", 1), ("blur", 8)):
            value = getattr(self, name)
            require(0 <= value <= most, f"{name} must be from 0 to {most}, got {value}.")
        require(
            0 <= self.rotation_deg <= 180,
            f"rotation_deg must be from 0 to 180 degrees, got {self.rotation_deg}.",
        )


@dataclass(frozen=True)
class CropBatch:
    """Crops of one batch of plants, in [0, 1], with the sensor (1 or 2) that each view shows."""

    large: Float[Tensor, "views batch 3 side side"]
    large_sensors: tuple[int, ...]
    small: Float[Tensor, "small_views batch 3 small_side small_side"] | None = None
    small_sensors: tuple[int, ...] = ()


def make_crops(
    x1: Tensor,
    x2: Tensor,
    spec: CropSpec,
    generator: Generator,
    pairing: str = "cross",
) -> CropBatch:
    """Draw the crops of a batch of pairs.

    Args:
        x1: RGB images, uint8, "batch 3 side side", on the device where the crops are wanted.
        x2: RGN images of the same plants, same type, shape and device.
        spec: How crops are drawn.
        generator: Draws windows, poses and colours; may stay on the CPU.
        pairing: One of PAIRINGS.

    Returns:
        CropBatch on the images' device, "views batch 3 side side", in [0, 1].

    Raises:
        PlantEduError: for an unknown pairing, or images that do not pair up.

    Source: Caron et al. 2020, arXiv:2006.09882 (multi-crop) [caron2020]. Lesson: 02_training.
    """
    check_pairing(pairing)
    require(
        x1.ndim == 4 and x1.shape == x2.shape and x1.dtype == x2.dtype == torch.uint8,
        f"Pairs must be two uint8 tensors of one shape (batch, 3, side, side); got "
        f"{tuple(x1.shape)} {x1.dtype} and {tuple(x2.shape)} {x2.dtype}.",
    )
    large_sensors = PAIRINGS[pairing]
    turns = sorted(set(large_sensors))
    small_sensors = tuple(turns[i % len(turns)] for i in range(spec.small_crops))
    images = {1: x1, 2: x2}
    large = _views(images, large_sensors, spec, generator, small=False)
    small = _views(images, small_sensors, spec, generator, small=True) if small_sensors else None
    return CropBatch(large, large_sensors, small, small_sensors)


def crop_each(images: Tensor, spec: CropSpec, generator: Generator) -> Tensor:
    """One large crop of every image, for classifiers, which look at a plant once a step.

    Args:
        images: Of any sensor, uint8, "batch 3 side side".
        spec: How crops are drawn; only what it says of large crops counts.
        generator: Draws windows, poses and colours; may stay on the CPU.

    Returns:
        Crops on the images' device, "batch 3 large_size large_size", in [0, 1].
    """
    return _views({1: images}, (1,), spec, generator, small=False)[0]


def check_pairing(pairing: str) -> None:
    """Raise PlantEduError unless `pairing` is known."""
    require(pairing in PAIRINGS, f"pairing must be one of {', '.join(PAIRINGS)}; got {pairing!r}.")


def _views(
    images: dict[int, Tensor],
    sensors: tuple[int, ...],
    spec: CropSpec,
    generator: Generator,
    *,
    small: bool,
) -> Tensor:
    """Crops of every view, "views batch 3 size size", from one sampling call."""
    size, scale = (
        (spec.small_size, spec.small_scale) if small else (spec.large_size, spec.large_scale)
    )
    source = torch.cat([images[sensor] for sensor in sensors]).float().div_(255)
    source = _shrink(source, math.sqrt(scale[0]), size)
    views, batch = len(sensors), len(images[1])
    shared = spec.shared_window and not small
    drawn = batch if shared else views * batch
    theta = _windows(drawn, scale, spec, generator).to(source.device)
    if shared:
        theta = theta.repeat(views, 1, 1)
    crops = F.grid_sample(
        source, _grid(theta, size), padding_mode="reflection", align_corners=False
    )
    crops = _colour(crops, spec, generator)
    return crops.view(views, batch, *crops.shape[1:])


def _shrink(source: Tensor, narrowest: float, size: int) -> Tensor:
    """Halve the images while even the narrowest window keeps a pixel for each of its crop."""
    while source.shape[-1] * narrowest >= 2 * size:
        source = F.avg_pool2d(source, 2)
    return source


def _uniform(shape: tuple[int, ...], low: float, high: float, generator: Generator) -> Tensor:
    return torch.rand(shape, generator=generator, device=generator.device) * (high - low) + low


def _windows(
    count: int, scale: tuple[float, float], spec: CropSpec, generator: Generator
) -> Tensor:
    """Affine maps from crop to image coordinates, "count 2 3"."""
    r = _uniform((count,), *scale, generator).sqrt_()
    c = _uniform((2, count), -1, 1, generator) * (1 - r)
    limit = math.radians(spec.rotation_deg)
    theta = _uniform((count,), -limit, limit, generator)
    f = 1 - 2.0 * (_uniform((count,), 0, 1, generator) < 0.5 * spec.flip)
    cos, sin = r * theta.cos(), r * theta.sin()
    rows = torch.stack([cos * f, -sin, c[0], sin * f, cos, c[1]], 1)
    return rows.view(count, 2, 3)


def _grid(theta: Tensor, size: int) -> Tensor:
    """Where each crop pixel looks, "count size size 2" (affine_grid, five times as fast)."""
    u = (torch.arange(size, device=theta.device) * 2 + 1) / size - 1
    across, down, middle = theta[:, None, None, :].unbind(-1)
    return across * u[:, None] + (down * u[:, None, None] + middle)


def _colour(crops: Tensor, spec: CropSpec, generator: Generator) -> Tensor:
    """Blur, then gamma, gain and offset per crop and band, in place; clipped to [0, 1]."""
    if spec.blur:
        crops = _blur(crops, _uniform((len(crops),), 0.05, spec.blur + 0.05, generator))

    def drawn(most: float) -> Tensor:
        values = _uniform((*crops.shape[:2], 1, 1), -most, most, generator)
        return values.to(crops.device)

    if spec.gamma:
        crops = crops.clamp_(1e-4, 1).pow_(drawn(spec.gamma).exp_())
    if spec.gain:
        crops = crops.mul_(drawn(spec.gain).exp_())
    if spec.offset:
        crops = crops.add_(drawn(spec.offset))
    return crops.clamp_(0, 1)


def _blur(crops: Tensor, sigma: Tensor) -> Tensor:
    """Gaussian blur with a sigma per crop, first along rows, then along columns."""
    count, bands, _, width = crops.shape
    reach = max(1, math.ceil(2.5 * float(sigma.max())))
    steps = torch.arange(-reach, reach + 1, device=sigma.device)
    kernel = torch.exp(-0.5 * (steps / sigma[:, None]) ** 2)
    kernel = (kernel / kernel.sum(1, keepdim=True)).repeat_interleave(bands, 0).to(crops.device)
    padded = F.pad(crops, (reach,) * 4, mode="replicate").view(
        1, count * bands, -1, width + 2 * reach
    )
    rows = F.conv2d(padded, kernel[:, None, None, :], groups=count * bands)
    return F.conv2d(rows, kernel[:, None, :, None], groups=count * bands).view_as(crops)
