"""Challenge folders as pairs in memory: read any, real or rendered.

What cannot be read is left out and listed with its reason, never silently: a model must not train
on fewer plants than its user believes.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import UInt8

from plantedu.data.challenge.decode import read_image, square
from plantedu.data.challenge.layout import Side, read_layout
from plantedu.data.challenge.pairing import LeftOut, pairs_of, why_no_pair
from plantedu.errors import PlantEduError, require

SMALLEST, LARGEST = 16, 1024

Progress = Callable[[Iterable], Iterable]


@dataclass(frozen=True)
class FolderPairs:
    """The pairs of one table of a challenge folder.

    Attributes:
        x1: RGB pictures.
        x2: RGN pictures of the same plants.
        labels: Disease of each plant; "" for plants of Test.
        ids: Plant of each pair.
        left_out: Plants that have rows but could not be read.
    """

    x1: UInt8[np.ndarray, "pair 3 size size"]
    x2: UInt8[np.ndarray, "pair 3 size size"]
    labels: tuple[str, ...]
    ids: tuple[str, ...]
    left_out: tuple[LeftOut, ...]

    def __len__(self) -> int:
        return len(self.ids)


def read_folder(
    path: Path, size: int, *, side: Side = "train", progress: Progress = iter
) -> FolderPairs:
    """Read the pairs of a challenge folder, each picture's central square at `size` pixels.

    Args:
        path: The folder that holds Train.csv and images/.
        size: Pixels a side, 16 to 1024; pictures of a pair may differ in size on disk.
        side: Which table.
        progress: Wraps the plants while they are read, such as tqdm.

    Raises:
        PlantEduError: for a folder or table that cannot be read, or one without a readable pair.
    """
    whole = isinstance(size, int) and SMALLEST <= size <= LARGEST
    require(whole, f"Pictures have {SMALLEST} to {LARGEST} pixels a side; got {size!r}.")
    layout = read_layout(path)
    pairs, left_out = pairs_of(layout, side)
    read: list[tuple[str, str, np.ndarray, np.ndarray]] = []
    for pair in progress(pairs):
        try:
            one, other = (read_image(layout.images / file) for file in (pair.rgb, pair.rgn))
            if why := why_no_pair(pair, one, other):
                raise PlantEduError(why)
            x1, x2 = (square(picture.pixels, size).transpose(2, 0, 1) for picture in (one, other))
            read.append((pair.plant, pair.label, x1, x2))
        except PlantEduError as error:
            left_out.append(LeftOut(pair.plant, str(error)))
    require(bool(read), _nothing(path, side, left_out))
    plants, labels, x1, x2 = zip(*read, strict=True)
    return FolderPairs(np.stack(x1), np.stack(x2), labels, plants, tuple(left_out))


def _nothing(path: Path, side: Side, left_out: list[LeftOut]) -> str:
    """Why there is no pair."""
    if not left_out:
        return f"{path} has no pair: its {side} table has no rows."
    first = left_out[0].reason
    return f"{path} has no pair that can be read; {len(left_out)} were left out. First: {first}"
