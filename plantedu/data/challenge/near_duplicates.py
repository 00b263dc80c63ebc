"""Find pictures that are copies of each other, under whatever names they lie.

Equal: the same pixels, compared by hash, so the file format does not matter if it keeps them.
Alike: thumbnails a, b of 16 x 16 pixels (768 numbers, 0..255) that are close,

    sqrt(mean((a - b)^2)) < NEAR_255

which finds copies that were compressed again (JPEG quality 80 moves rendered pictures of 64 pixels
and more by less than 3.5; the closest of 300 different ones are 11 apart). It misses copies that
were cropped, turned or recoloured, and takes two photographs of one unmoved plant for one.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from plantedu.data.challenge.decode import read_image
from plantedu.errors import PlantEduError

THUMBNAIL = 16
NEAR_255 = 4.0
AT_ONCE = 512


@dataclass(frozen=True)
class DecodedImage:
    """What is remembered of one decoded picture: width and height, hash, oddities, thumbnail."""

    file: str
    size: tuple[int, int]
    pixels: str
    converted_from: str
    thumbnail: np.ndarray
    turned: int = 0


def look(
    images: Path, files: Sequence[str], progress: Callable[[Iterable], Iterable] = iter
) -> tuple[dict[str, DecodedImage], dict[str, str]]:
    """Decode every picture once: what was seen, and a sentence for each that cannot be read."""
    seen: dict[str, DecodedImage] = {}
    refused: dict[str, str] = {}
    for file in progress(files):
        try:
            seen[file] = _see(images / file)
        except PlantEduError as error:
            refused[file] = str(error)
    return seen, refused


def equal(seen: Mapping[str, DecodedImage]) -> list[list[str]]:
    """Groups of files with the same pixels."""
    groups: dict[str, list[str]] = {}
    for one in seen.values():
        groups.setdefault(one.pixels, []).append(one.file)
    return [files for files in groups.values() if len(files) > 1]


def alike(seen: Mapping[str, DecodedImage]) -> list[list[str]]:
    """Pairs of files whose pictures are close, without those that are equal.

    |a - b|^2 = |a|^2 + |b|^2 - 2 a.b, a block of rows at a time.
    """
    ones = list(seen.values())
    if not ones:
        return []
    a = np.stack([one.thumbnail for one in ones])
    norms = (a * a).sum(axis=1)
    found = []
    for start in range(0, len(a), AT_ONCE):
        block = slice(start, start + AT_ONCE)
        d2 = norms[block, None] + norms - 2 * a[block] @ a.T
        for row, j in np.argwhere(d2 < a.shape[1] * NEAR_255**2):
            one, other = ones[start + row], ones[j]
            if start + row < j and one.pixels != other.pixels:
                found.append([one.file, other.file])
    return found


def _see(path: Path) -> DecodedImage:
    picture = read_image(path)
    key = hashlib.sha256(f"{picture.size}".encode() + picture.pixels.tobytes()).hexdigest()
    small = Image.fromarray(picture.pixels).resize((THUMBNAIL, THUMBNAIL), Image.Resampling.BOX)
    thumbnail = np.asarray(small, dtype=np.float64).ravel()
    return DecodedImage(
        path.name, picture.size, key, picture.converted_from, thumbnail, picture.turned
    )
