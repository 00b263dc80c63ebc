"""Planted truth on photographs: one thing is changed by us, by a dial, and the rest is kept.

    x' = do(x, kind, strength),     x' = x to the byte at strength 0, and outside the mask at any

    local    mark, lesion, occlusion      changes its mask alone
    whole    light, white_balance, blur, jpeg, rotation, scale, crop, noise     changes the picture

What is drawn (the place of a mark, the grain of noise) depends on the seed and on the picture's own
bytes, and neither on its place in the batch nor on the strength: the dial turns one and the same
intervention. `null` gives what stands beside it, the same again by another draw, or, where nothing
is drawn, the picture encoded once more.

Source: do(): Pearl 2009 [pearl2009]; corruptions as a dial in the spirit of Hendrycks & Dietterich
2019, arXiv:1903.12261. Lesson: 09_attribution.
"""

from dataclasses import dataclass
from typing import Any
from zlib import crc32

import numpy as np

from plantedu.data.renderer.cameras import through_jpeg
from plantedu.errors import require
from plantedu.own.picture_set import Images
from plantedu.own.plant_local import LOCAL
from plantedu.own.plant_whole import WHOLE
from plantedu.training.seeding import numpy_generator_for

KINDS = (*LOCAL, *WHOLE)
AGAIN = 95  # JPEG quality of a picture that is encoded once more
LEAST = 8  # pixels of a side


@dataclass(frozen=True, eq=False)
class Planted:
    """Pictures with one thing planted.

    Attributes:
        pictures: uint8, "batch 3 height width".
        masks: Where the intervention acts, bool, "batch height width"; nothing differs outside.
        kind: One of KINDS.
        strength: The dial, 0 to 1.
        seed: What was drawn by.
    """

    pictures: np.ndarray
    masks: np.ndarray
    kind: str
    strength: float
    seed: int

    def __len__(self) -> int:
        return len(self.pictures)


def plant(
    pictures: "np.ndarray | Images",
    kind: str,
    strength: float = 1.0,
    *,
    seed: int = 0,
    where: np.ndarray | str | None = None,
) -> Planted:
    """Plant one thing in photographs.

    Args:
        pictures: uint8, "batch 3 height width", or `images`; of two cameras the first.
        kind: One of KINDS: mark (a white square with a dark edge, in a corner), lesion (brown
            spots on the largest green region), occlusion (a grey square), light (up to two stops
            darker), white_balance (warmer), blur, jpeg (quality 95 to 5), rotation (up to 45
            degrees either way), scale (up to half the size), crop (down to half the side), noise
            (standard deviation up to 25 grey levels).
        strength: 0 (byte for byte the same) to 1.
        seed: Draws places, signs and grain.
        where: For mark and occlusion a corner ("top left", "top right", "bottom left", "bottom
            right"); for all local kinds masks, bool, "batch height width", to plant in. None is
            the lower right corner, the largest green region, or a place drawn.

    Raises:
        PlantEduError: for other pictures, a kind or a strength that is not there, masks that do
            not fit or are empty, or a lesion without anything green to stand on.
    """
    pictures = np.asarray(pictures.pictures) if isinstance(pictures, Images) else pictures
    checked(pictures)
    require(kind in KINDS, f"No kind {kind!r} to plant; there are {', '.join(KINDS)}.")
    fine = isinstance(strength, int | float) and 0 <= strength <= 1
    require(fine, f"strength is a dial from 0 to 1; got {strength!r}.")
    require(
        where is None or kind in LOCAL,
        f"{kind} changes the whole picture; `where` is for {', '.join(LOCAL)}.",
    )
    n, _, *size = pictures.shape
    masks = np.zeros((n, *size), dtype=bool)
    if isinstance(where, np.ndarray):
        fits = where.shape == masks.shape and where.dtype == bool
        require(fits, f"Masks are bool, {masks.shape}; got {where.dtype}, {where.shape}.")
        empty = np.flatnonzero(~where.any((1, 2)))
        require(not len(empty), f"The masks of rows {empty[:8].tolist()} are empty.")
    found = pictures.copy()
    if strength == 0:
        return Planted(found, masks, kind, 0.0, seed)
    for k, one in enumerate(pictures):
        rng = numpy_generator_for(seed, f"plant {kind}", crc32(one.tobytes()))
        if kind in WHOLE:
            found[k], masks[k] = WHOLE[kind](one, float(strength), rng), True
            continue
        place = where[k] if isinstance(where, np.ndarray) else where
        try:
            found[k], masks[k] = LOCAL[kind](one, float(strength), rng, place)
        except LookupError as error:
            require(False, f"Picture {k}: {error}")
    return Planted(found, masks, kind, float(strength), seed)


def null(
    pictures: np.ndarray,
    kind: str,
    strength: float,
    *,
    seed: int,
    where: np.ndarray | str | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Two sets of pictures between which nothing that matters differs, uint8.

    Where something is drawn: the intervention twice, by two draws. Elsewhere: the pictures, and the
    pictures encoded once more. What moves an encoder no further than this is not the intervention.

    Args:
        pictures, kind, strength, seed, where: As `plant`.
    """
    if kind in DRAWN:
        first, again = (
            plant(pictures, kind, strength, seed=s, where=where).pictures for s in (seed, seed + 1)
        )
        return first, again
    plant(pictures[:1], kind, strength, seed=seed)
    return pictures, encoded_again(pictures)


DRAWN = ("mark", "lesion", "occlusion", "rotation", "crop", "noise")  # kinds that draw something


def encoded_again(pictures: np.ndarray) -> np.ndarray:
    """The pictures written as JPEG of quality 95, without subsampling, and read back."""
    return np.stack([through_jpeg(one, AGAIN) for one in pictures])


def checked(pictures: np.ndarray) -> None:
    """Refuse what is no batch of photographs.

    Raises:
        PlantEduError: for another type or shape, no picture, or sides below eight pixels.
    """
    shape: Any = tuple(getattr(pictures, "shape", ()))
    fine = getattr(pictures, "dtype", None) == np.uint8 and len(shape) == 4 and shape[1] == 3
    require(
        fine and isinstance(pictures, np.ndarray) and shape[0] > 0 and min(shape[2:]) >= LEAST,
        f'Pictures to plant in are a numpy array, uint8, "batch 3 height width", {LEAST} pixels a '
        f"side or more; got {getattr(pictures, 'dtype', type(pictures).__name__)}, {shape}.",
    )
