"""Challenge folders as pairs in memory: read any, real or rendered.

What cannot be read is left out and listed with its reason, never silently: a model must not train
on fewer plants than its user believes.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import UInt8

from plantedu.data.decode import read_image, square
from plantedu.data.layout import LABELS, Layout, Row, Side, read_layout
from plantedu.errors import PlantEduError, require

SMALLEST, LARGEST = 16, 1024

Progress = Callable[[Iterable], Iterable]


@dataclass(frozen=True)
class LeftOut:
    """A plant that was not read, and why, in one sentence."""

    id: str
    reason: str


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
    pictures = layout.pictures()
    read: list[tuple[str, str, np.ndarray, np.ndarray]] = []
    left_out: list[LeftOut] = []
    for plant, rows in progress(layout.rows_of(side).items()):
        try:
            label = _label(plant, rows)
            _require_files(layout, rows, pictures[plant])
            read.append((plant, label, *_pair(layout, pictures[plant], size)))
        except PlantEduError as error:
            left_out.append(LeftOut(plant, str(error)))
    require(bool(read), _nothing(path, side, left_out))
    plants, labels, x1, x2 = zip(*read, strict=True)
    return FolderPairs(np.stack(x1), np.stack(x2), labels, plants, tuple(left_out))


def _label(plant: str, rows: list[Row]) -> str:
    """The one known label of a plant's rows; "" on the test side."""
    labels = sorted({row.label for row in rows})
    require(len(labels) == 1, f"{plant} is labelled {' and '.join(labels)}.")
    known = rows[0].side == "test" or labels[0] in LABELS
    require(known, f"{plant} has the label {labels[0]!r}; known are {', '.join(LABELS)}.")
    return labels[0]


def _require_files(layout: Layout, rows: list[Row], files: tuple[str, str]) -> None:
    """Both pictures lie there, and every row names one of them."""
    for file, kind in zip(files, ("RGB", "RGN"), strict=True):
        said = f"{rows[0].plant} has no {kind} picture in {layout.images.name}/."
        require(bool(file), said)
    for row in rows:
        said = f"{row.file} has a row, but {' and '.join(files)} lie in {layout.images.name}/."
        require(row.file in files, said)


def _pair(layout: Layout, files: tuple[str, str], size: int) -> tuple[np.ndarray, np.ndarray]:
    """Both pictures of a plant, "3 size size"."""
    pixels = [square(read_image(layout.images / file).pixels, size) for file in files]
    return pixels[0].transpose(2, 0, 1), pixels[1].transpose(2, 0, 1)


def _nothing(path: Path, side: Side, left_out: list[LeftOut]) -> str:
    """Why there is no pair."""
    if not left_out:
        return f"{path} has no pair: its {side} table has no rows."
    first = left_out[0].reason
    return f"{path} has no pair that can be read; {len(left_out)} were left out. First: {first}"
