"""Drawn pictures looked at closely: one of them large, and where a place's samples differ.

What a page shows of `pictures.npz`; numpy and Pillow alone.

Lesson: 05_generation.
"""

import io
import zipfile
from pathlib import Path

import numpy as np
from jaxtyping import UInt8
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from plantedu.errors import PlantEduError, require
from plantedu.whole_files import why_unreadable

LARGE = 512  # pixels a side of one picture looked at closely
WHITE = 64  # standard deviation, in grey levels of 255, from which a pixel is white
GAP, PAPER = 12, 127
Pictures = UInt8[np.ndarray, "place sample channel side side"]  # X1's three bands, then X2's


def close_up(
    pictures: Pictures, sources: UInt8[np.ndarray, "n 3 side side"], *, place: int, sample: int,
    blend: float, made_by: str = "",
) -> bytes:  # fmt: skip
    """The source and one drawn picture beside it, each LARGE pixels a side, as PNG.

    Args:
        pictures, sources, place, sample, blend: As for `halves`.
        made_by: The command that draws it again, kept in the file as the text `made_by`.

    Raises:
        PlantEduError: for a picture that is not there, or a blend outside 0 to 1.
    """
    shown = _shown(pictures, sources, place, sample, blend)
    paper = np.full((LARGE, len(shown) * (LARGE + GAP) - GAP, 3), PAPER, np.uint8)
    for k, picture in enumerate(shown):
        left = k * (LARGE + GAP)
        paper[:, left : left + LARGE] = picture
    return _png(paper, made_by)


def halves(
    pictures: Pictures, sources: UInt8[np.ndarray, "n 3 side side"], *, place: int, sample: int,
    blend: float,
) -> list[bytes]:  # fmt: skip
    """The same as pictures of their own, which stand below each other where a page is narrow.

    Args:
        pictures: What was drawn.
        sources: What was represented: X1, or X1 and X2; none leaves the drawn one alone.
        place, sample: Which picture.
        blend: 0 shows X1, 1 shows X2, between them both shine through.

    Raises:
        PlantEduError: for a picture that is not there, or a blend outside 0 to 1.
    """
    return [_png(picture) for picture in _shown(pictures, sources, place, sample, blend)]


def _shown(
    pictures: Pictures, sources: np.ndarray, place: int, sample: int, blend: float
) -> list[np.ndarray]:
    there = 0 <= place < pictures.shape[0] and 0 <= sample < pictures.shape[1]
    require(there, f"There is no picture {sample} of place {place}.")
    require(0 <= blend <= 1, f"blend is from 0 (X1) to 1 (X2); got {blend}.")
    drawn = pictures[place, sample].reshape(-1, 3, *pictures.shape[3:])
    return [_large(_blended(part, blend)) for part in (sources, drawn) if len(part)]


def deviation_map(pictures: Pictures, place: int = 0) -> dict[str, bytes]:
    """Standard deviation of each pixel over a place's samples, mean over three bands, as PNG.

    Black: all samples agree. White: WHITE levels or more. One for X1, one for X2 where it was
    drawn.

    Raises:
        PlantEduError: for one sample alone.
    """
    require(pictures.shape[1] > 1, "Where samples differ needs two or more of them.")
    bands = pictures[place].astype(np.float64).std(0, ddof=1)
    levels = bands.reshape(-1, 3, *bands.shape[1:]).mean(1)
    grey = (np.minimum(levels / WHITE, 1) * 255).round().astype(np.uint8)
    return {f"x{k + 1}": _png(_large(np.stack([one] * 3))) for k, one in enumerate(grey)}


def read_pictures(path: Path) -> tuple[Pictures, np.ndarray]:
    """Pictures and sources of a run's file; no sources where none were kept.

    Raises:
        PlantEduError: if the file is gone or damaged.
    """
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as kept:
            pictures = kept["pictures"]
            none = np.zeros((0, 3, *pictures.shape[3:]), np.uint8)
            return pictures, kept.get("sources", none)
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise PlantEduError(
            f"The pictures of this run cannot be read ({why_unreadable(error)})."
        ) from error


def _blended(picture: np.ndarray, blend: float) -> np.ndarray:
    """One of a pair's two pictures, or both: "cameras 3 side side" to "3 side side"."""
    first, last = picture[0].astype(np.float64), picture[-1].astype(np.float64)
    return ((1 - blend) * first + blend * last).round().astype(np.uint8)


def _large(picture: np.ndarray) -> np.ndarray:
    """LARGE pixels a side; each pixel of a small picture is a square, with nothing in between."""
    image = Image.fromarray(np.ascontiguousarray(picture.transpose(1, 2, 0)))
    fine = picture.shape[-1] >= LARGE // 4
    how = Image.Resampling.LANCZOS if fine else Image.Resampling.NEAREST
    return np.asarray(image.resize((LARGE, LARGE), how))


def _png(picture: np.ndarray, made_by: str = "") -> bytes:
    file, words = io.BytesIO(), PngInfo()
    if made_by:
        words.add_text("made_by", made_by)
    Image.fromarray(picture).save(file, "PNG", pnginfo=words)
    return file.getvalue()
