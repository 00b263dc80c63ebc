"""How fast planted pairs are rendered: both sensors with masks, one process, one thread.

    uv run python -m benchmarks.rendering [--json]

Pairs per second is the median over repeats, with the slowest and the fastest; pairs per second of
processor time is what one core gives when nobody else wants it. The ratios say what
the shortcut is worth (PROSPECT once per tissue, pixels mixed from five tissues) against the plain
way, PROSPECT at every pixel: as a loop over pixels, extrapolated from a few, and vectorised over
the pixels of one pair. Both plain ways are charged for optics alone, so the ratios are low.
"""

import argparse
import json
import time
from collections.abc import Callable

import numpy as np

from plantedu.data.renderer.cameras import CAMERAS, wavelengths
from plantedu.data.renderer.optics import Tissue, prospect
from plantedu.data.renderer.pairs import render
from plantedu.data.renderer.worlds import world

PAIRS = {64: 256, 224: 32}  # rendered at each size in one repeat
REPEATS, FEW_PIXELS = 5, 200


def seconds(work: Callable[[], object]) -> tuple[float, float]:
    """Seconds that `work` takes: on the wall clock, and of processor time."""
    wall, processor = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - wall, time.process_time() - processor


def pairs_per_second(size: int) -> tuple[list[float], float]:
    """One figure per repeat, fresh plants each time, after a pair that is not counted; and the
    median of processor time."""
    field, count = world("field"), PAIRS[size]
    render(field, [0], size=size)
    plants = [np.arange(count) + count * repeat for repeat in range(REPEATS)]
    spent = np.array([seconds(lambda p=p: render(field, p, size=size)) for p in plants])
    return sorted((count / spent[:, 0]).tolist()), count / float(np.median(spent[:, 1]))


def pixel_loop_seconds(size: int) -> float:
    """Optics of one pair as a loop over pixels, extrapolated from FEW_PIXELS."""

    def loop() -> None:
        for pixel in range(FEW_PIXELS):
            for camera in CAMERAS:
                prospect(Tissue(chlorophyll=18 + 0.1 * pixel), wavelengths(camera))

    return seconds(loop)[1] * size**2 / FEW_PIXELS


def every_pixel_seconds(size: int) -> float:
    """Optics of one pair, vectorised over its pixels, a row at a time as caches like it."""
    row = Tissue(chlorophyll=np.linspace(18, 55, size)[:, None])

    def rows() -> None:
        for _ in range(size):
            for camera in CAMERAS:
                prospect(row, wavelengths(camera))

    return seconds(rows)[1]


def measured(size: int) -> dict[str, float]:
    """All figures at one size."""
    rates, per_core = pairs_per_second(size)
    return {
        "pairs_per_second": round(float(np.median(rates)), 1),
        "slowest": round(rates[0], 1),
        "fastest": round(rates[-1], 1),
        "pairs_per_processor_second": round(per_core, 1),
        "times_pixel_loop": round(per_core * pixel_loop_seconds(size), 0),
        "times_every_pixel": round(per_core * every_pixel_seconds(size), 1),
    }


def main() -> None:
    """Print the figures at every size; with --json, one object on the last line."""
    parser = argparse.ArgumentParser(description="How fast planted pairs are rendered.")
    parser.add_argument("--json", action="store_true")
    as_json = parser.parse_args().json
    figures = {f"{size}_px": measured(size) for size in PAIRS}
    for size, row in figures.items():
        print(
            f"{size}: {row['pairs_per_second']} pairs/s ({row['slowest']} to {row['fastest']}, "
            f"{REPEATS} repeats), {row['pairs_per_processor_second']} per processor second; "
            f"PROSPECT at every pixel is {row['times_pixel_loop']:.0f} times "
            f"slower as a loop, {row['times_every_pixel']} times vectorised"
        )
    if as_json:
        print(json.dumps(figures))


if __name__ == "__main__":
    main()
