"""Drawn pairs at four times their side, for the eye; numbers are read off what was drawn.

Lesson: 05_generation.
"""

import numpy as np
import torch
from jaxtyping import UInt8

from plantedu.errors import PlantEduError
from plantedu.models.pair_upscaler import BANDS, TIMES, PairUpscaler
from plantedu.topics.generation.upscaler_training import UpscalerRecipe, shipped_upscaler


def upscaler_of(side: int) -> tuple[PairUpscaler | None, tuple[str, ...]]:
    """The upscaler that ships, for pictures of the side that it was trained on; else none.

    Also, where it is gone or damaged, why: pictures are drawn all the same.
    """
    if side != UpscalerRecipe().side:
        return None, ()
    try:
        return shipped_upscaler(), ()
    except PlantEduError as error:
        return None, (f"Pictures are as they were drawn, not enlarged: {error}",)


def enlarged_if(
    upscaler: PairUpscaler | None, pictures: UInt8[np.ndarray, "place sample channel side side"]
) -> UInt8[np.ndarray, "place sample channel _ _"]:
    """Pairs at TIMES their side where there is an upscaler for them; else as they are."""
    if upscaler is None or pictures.shape[2] != BANDS:
        return pictures
    return upscaled(upscaler, pictures)


def upscaled(
    upscaler: PairUpscaler, pictures: UInt8[np.ndarray, "place sample 6 side side"]
) -> UInt8[np.ndarray, "place sample 6 large large"]:
    """Every pair at TIMES its side."""
    flat = torch.from_numpy(pictures.reshape(-1, *pictures.shape[2:])).float() / 255
    large = (upscaler.draw(flat) * 255).round().to(torch.uint8).numpy()
    return large.reshape(*pictures.shape[:2], *large.shape[1:])


def upscaled_cameras(
    upscaler: PairUpscaler, sources: UInt8[np.ndarray, "n 3 side side"]
) -> UInt8[np.ndarray, "n 3 large large"]:
    """What was represented at TIMES its side: X1, then each X2 as the upscaler makes it with X1.

    One camera alone stands in the place of both.
    """
    if not len(sources):
        return np.zeros((0, 3, *(TIMES * side for side in sources.shape[2:])), np.uint8)
    seconds = sources[1:] if len(sources) > 1 else sources
    pairs = np.stack([np.concatenate([sources[0], second]) for second in seconds])[None]
    large = upscaled(upscaler, pairs)[0]
    return np.concatenate([large[:1, :3], large[:, 3:]])[: len(sources)]
