"""Rendered pairs beside the plain way: PROSPECT at every pixel, in a loop.

Our renderer works out PROSPECT once for each of a plant's five tissues and mixes their colours by
each pixel's shares. The plain loop works out, pixel by pixel, the reflectance of the tissues in it
and what the camera records of them; everything else (leaf, lesions, noise, file) is the same code,
so the two must agree in every grey level. PROSPECT vectorised over the pixels of a pair, optics
alone, is timed as well: it is what a careful programmer would write first.
"""

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

import numpy as np

from benchmarks.measuring import Found, Row, in_turns, ratio_of, spread, use_threads
from plantedu.data.renderer import picture
from plantedu.data.renderer.cameras import CAMERAS, Camera, wavelengths
from plantedu.data.renderer.optics import Tissue, prospect
from plantedu.data.renderer.pairs import Pairs, render
from plantedu.data.renderer.tissues import TISSUES
from plantedu.data.renderer.worlds import draw_factors, world

FIELD, SIZE = world("field"), 48
MANY = 24  # pairs in a turn of ours


@contextmanager
def pixel_by_pixel(plant: int) -> Iterator[None]:
    """Inside, `render` of this one plant works out optics at every pixel."""
    factors = draw_factors(FIELD, np.array([plant]))
    cameras = iter(CAMERAS)

    def mixed(shares: list[np.ndarray], palette: np.ndarray) -> np.ndarray:
        camera: Camera = next(cameras)
        rows = [*range(len(shares) - 3), *range(len(TISSUES), len(TISSUES) + 3)]
        height, width = shares[0].shape
        linear = np.empty((3, height, width), dtype=np.float32)
        for y in range(height):
            for x in range(width):
                lit = picture.palettes(camera, factors)[0]
                linear[:, y, x] = sum(s[y, x] * lit[r] for s, r in zip(shares, rows, strict=True))
        return linear

    with patch.object(picture, "_mixed", mixed):
        yield


def plain(plant: int, size: int) -> Pairs:
    """One pair, the plain way."""
    with pixel_by_pixel(plant):
        return render(FIELD, [plant], size=size)


def vectorised(size: int) -> None:
    """Optics of one pair, vectorised over its pixels, a row at a time as caches like it."""
    row = Tissue(chlorophyll=np.linspace(18, 55, size)[:, None])
    for _ in range(size):
        for camera in CAMERAS:
            prospect(row, wavelengths(camera))


def measure(options: argparse.Namespace) -> Found:
    found = Found()
    found.more |= {"threads": use_threads(1), "side": SIZE}
    size = 16 if options.quick else SIZE
    for plant in (0, 1) if options.quick else (0, 1, 2):
        slow, fast = plain(plant, size), render(FIELD, [plant], size=size)
        off = max(
            int(np.abs(a.astype(int) - b).max())
            for a, b in ((slow.x1, fast.x1), (slow.x2, fast.x2))
        )
        found.check(f"plant {plant}: largest difference, grey levels", off, 1)
    seconds = in_turns(
        {
            "ours": lambda: render(FIELD, range(MANY), size=size),
            "pixel by pixel": lambda: plain(3, size),
            "optics vectorised over pixels": lambda: vectorised(size),
        },
        options.repeats,
    )
    each = [t / MANY for t in seconds["ours"]]
    found.figure("ours", spread(each).inverse(), "pairs/s")
    for name in list(seconds)[1:]:
        found.figure(name, spread(seconds[name]).inverse(), "pairs/s")
    loop, rows = seconds["pixel by pixel"], seconds["optics vectorised over pixels"]
    found.ratio("ours / pixel by pixel", ratio_of(loop, each), at_least=100)
    found.ratio("ours / optics alone, vectorised over pixels", ratio_of(rows, each))
    return found


ROW = Row(
    name="rendering",
    title="pairs rendered a second, 48 px, one thread",
    against="PROSPECT at every pixel, in a loop",
    measure=measure,
    measures=("plantedu/data",),
    packages=("scipy", "pillow"),
    repeats=5,
)

if __name__ == "__main__":
    ROW.run()
