"""Candidate cues: places at the border of pictures, and their light, that could name the class.

    cell    an eighth of the side            28 at the border, 36 inside
    block   a quarter of the side            12 at the border, 4 inside
    strip   an eighth deep, a side long      4 at the border, 6 inside
    ring    all border cells at once         beside it a square in the middle, of equal area
    light   brightness, contrast, colour, saturation, fine detail, read in the four corners

A place is described by its colours on a coarse grid and their spread; a statistic by its one or
two numbers. What stands inside is never a candidate: the object is most likely there, and its
places are what a candidate is compared with.

Lesson: 08_attacks.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

CELLS = 8  # of a side
Box = tuple[int, int, int, int]  # first row, last row + 1, first column, last column + 1; cells


@dataclass(frozen=True)
class Region:
    """A place of the picture.

    Attributes:
        name: In words.
        shape: What it is compared with: cell, block, row, column, ring.
        boxes: Its rectangles, in eighths of the side.
        border: Whether it touches the border: a candidate.
    """

    name: str
    shape: str
    boxes: tuple[Box, ...]
    border: bool

    def mask(self, size: tuple[int, int]) -> np.ndarray:
        """Its pixels, bool, "height width"."""
        found = np.zeros(size, dtype=bool)
        for box in self.boxes:
            found[_pixels(box, size)] = True
        return found

    def described(self, pictures: np.ndarray) -> np.ndarray:
        """Colours of up to 4 x 4 parts of each rectangle, and their spread, "pictures numbers"."""
        size = (pictures.shape[2], pictures.shape[3])
        parts = []
        for box in self.boxes:
            x = pictures[:, :, *_pixels(box, size)].astype(np.float32)
            rows, columns = (min(n, 4 if len(self.boxes) == 1 else 1) for n in x.shape[2:])
            split = [
                part.mean((2, 3))
                for band in np.array_split(x, rows, axis=2)
                for part in np.array_split(band, columns, axis=3)
            ]
            parts += [*split, x.std((2, 3))]
        return np.concatenate(parts, 1).astype(np.float64)


def _pixels(box: Box, size: tuple[int, int]) -> tuple[slice, slice]:
    top, bottom, left, right = box
    height, width = size
    rows = slice(round(top * height / CELLS), round(bottom * height / CELLS))
    return rows, slice(round(left * width / CELLS), round(right * width / CELLS))


def regions() -> tuple[Region, ...]:
    """All places, candidates and those that they are compared with."""
    found = [_square(r, c, 1, "cell") for r in range(CELLS) for c in range(CELLS)]
    found += [_square(r, c, 2, "block") for r in range(0, CELLS, 2) for c in range(0, CELLS, 2)]
    ends = {0: ("top", "left"), CELLS - 1: ("bottom", "right")}
    for k in range(CELLS):
        row, column = ends.get(k, (f"row {k + 1}", f"column {k + 1}"))
        at = k in ends
        found.append(Region(f"{row} strip", "row", ((k, k + 1, 0, CELLS),), at))
        found.append(Region(f"{column} strip", "column", ((0, CELLS, k, k + 1),), at))
    ring = tuple(one.boxes[0] for one in found if one.shape == "cell" and one.border)
    found.append(Region("the whole border", "ring", ring, True))
    found.append(Region("the middle", "ring", ((1, 6, 1, 7),), False))
    return tuple(found)


def _square(row: int, column: int, side: int, shape: str) -> Region:
    last = CELLS - side
    border = row in (0, last) or column in (0, last)
    down = {0: "top", last: "bottom"}.get(row, f"row {row // side + 1}")
    across = {0: "left", last: "right"}.get(column, f"column {column // side + 1}")
    name = f"{shape} {down}, {across}"
    return Region(name, shape, ((row, row + side, column, column + side),), border)


@dataclass(frozen=True)
class Statistic:
    """A number of the whole picture's light.

    Attributes:
        name: In words.
        of: Of pictures as floats 0..255, "pictures 3 height width": "pictures numbers".
        given: One picture, its numbers, wanted numbers: the picture with the wanted ones.
    """

    name: str
    of: Callable[[np.ndarray], np.ndarray]
    given: Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]

    def described(self, pictures: np.ndarray) -> np.ndarray:
        """Its numbers in the four corners, where the object is least likely."""
        x = pictures.astype(np.float64)
        size = (x.shape[2], x.shape[3])
        ends = ((0, 2), (CELLS - 2, CELLS))
        corners = [x[:, :, *_pixels((*r, *c), size)] for r in ends for c in ends]
        return np.mean([self.of(corner) for corner in corners], axis=0)

    def exchanged(self, pictures: np.ndarray, donors: np.ndarray) -> np.ndarray:
        """Pictures whose statistic is that of their donors, uint8; the content stays."""
        own, wanted = self.described(pictures), self.described(donors)
        rows = zip(pictures.astype(np.float64), own, wanted, strict=True)
        found = np.stack([self.given(x, a, b) for x, a, b in rows])
        return np.clip(np.rint(found), 0, 255).astype(np.uint8)


def _grey(x: np.ndarray) -> np.ndarray:
    return x.mean(-3)


def _log_ratios(x: np.ndarray) -> np.ndarray:
    means = x.mean((2, 3)) + 1
    return np.log(means[:, [0, 2]] / means[:, [1]])


def _coloured(x: np.ndarray, own: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Red and blue times what is missing to the wanted ratios to green."""
    gains = np.exp(np.clip(wanted - own, -2, 2))
    return x * np.array([gains[0], 1.0, gains[1]])[:, None, None]


def _spread(x: np.ndarray) -> np.ndarray:
    return np.log(_grey(x).std((1, 2)) + 1)[:, None]


def _contrasted(x: np.ndarray, own: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    middle = x.mean((1, 2), keepdims=True)
    return middle + (x - middle) * np.exp(np.clip(wanted - own, -2, 2))


def _saturation(x: np.ndarray) -> np.ndarray:
    away = (x - _grey(x)[:, None]) ** 2
    return np.log(np.sqrt(away.mean((1, 2, 3))) + 1)[:, None]


def _saturated(x: np.ndarray, own: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    grey = _grey(x)[None]
    return grey + (x - grey) * np.exp(np.clip(wanted - own, -2, 2))


def _detail(x: np.ndarray) -> np.ndarray:
    """Log of the mean step between neighbours' steps: what blur takes and noise adds."""
    grey = _grey(x)
    second = grey[:, 2:, :] - 2 * grey[:, 1:-1, :] + grey[:, :-2, :]
    return np.log(np.abs(second).mean((1, 2)) + 0.1)[:, None]


def _detailed(x: np.ndarray, own: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """The upper half of the frequencies times what is missing."""
    waves = np.fft.rfft2(x)
    rows, columns = np.fft.fftfreq(x.shape[1])[:, None], np.fft.rfftfreq(x.shape[2])[None]
    high = np.hypot(rows, columns) > 0.25
    waves[:, high] *= float(np.exp(np.clip(wanted - own, -2, 2))[0])
    return np.fft.irfft2(waves, s=x.shape[1:])


STATISTICS = (
    Statistic(
        "brightness",
        lambda x: np.log(x.mean((1, 2, 3)) + 1)[:, None],
        lambda x, own, wanted: x * np.exp(np.clip(wanted - own, -2, 2)),
    ),
    Statistic("contrast", _spread, _contrasted),
    Statistic("colour balance", _log_ratios, _coloured),
    Statistic("saturation", _saturation, _saturated),
    Statistic("fine detail", _detail, _detailed),
)
Cue = Region | Statistic
