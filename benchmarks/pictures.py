"""How long does it take to read one's own pictures, the first time and from then on?

    python -m benchmarks.pictures [--count 200]

Pictures of 12 megapixels (4000 x 3000, JPEG of quality 90, leaves of the course enlarged, with
noise) are read as squares of 224 pixels by `pe.images`: once decoded, by a process for each core,
and once from what was kept. Stated are wall clock and processor seconds of this process and its
children, and what they make for 2,670 pairs. Written to `lessons/results/12_pictures.json`.
"""

import json
import os
import resource
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import tyro
from PIL import Image

from plantedu.data.renderer.pairs import render
from plantedu.data.renderer.worlds import World
from plantedu.own.decoded_cache import PROCESSES
from plantedu.own.images import images

WIDE, HIGH, SIDE = 4000, 3000, 224
MADE = 4  # different pictures; the others are copies under other names
PAIRS = 2670
OUT = Path(__file__).parents[1] / "lessons" / "results" / "12_pictures.json"


@dataclass(frozen=True)
class Options:
    """What is measured.

    Attributes:
        count: Pictures.
        out: Where the numbers go.
    """

    count: int = 200
    out: Path = OUT


def made(folder: Path, count: int) -> int:
    """Write pictures; bytes of one on average."""
    x = render(World("field", 0), np.arange(MADE), size=512).x1
    rng = np.random.default_rng(0)
    data = []
    for one in x:
        large = Image.fromarray(one.transpose(1, 2, 0)).resize((WIDE, HIGH))
        grain = rng.normal(0, 6, (HIGH, WIDE, 3))
        noisy = np.clip(np.asarray(large) + grain, 0, 255).astype(np.uint8)
        Image.fromarray(noisy).save(folder / "one.jpg", quality=90)
        data.append((folder / "one.jpg").read_bytes())
    (folder / "one.jpg").unlink()
    for k in range(count):
        (folder / f"p{k:05}.jpg").write_bytes(data[k % MADE])
    return sum(map(len, data)) // MADE


def spent() -> float:
    """Processor seconds of this process and of those that have ended."""
    who = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    used = [resource.getrusage(one) for one in who]
    return sum(one.ru_utime + one.ru_stime for one in used)


def timed(folder: Path) -> tuple[float, float]:
    """Wall clock and processor seconds of reading a folder."""
    began, before = time.perf_counter(), spent()
    found = images(f"images:{folder}", size=SIDE)
    int(np.asarray(found.pictures).sum(dtype=np.int64))  # every byte is touched
    return time.perf_counter() - began, spent() - before


def main(asked: Options) -> None:
    """Measure, print, write."""
    with tempfile.TemporaryDirectory() as place:
        os.environ["PLANTEDU_HOME"] = str(Path(place) / "home")
        folder = Path(place) / "pictures"
        folder.mkdir()
        size = made(folder, asked.count)
        first, again = timed(folder), timed(folder)
    more = 2 * PAIRS / asked.count
    found = {
        "command": "python -m benchmarks.pictures",
        "pictures": asked.count,
        "bytes a picture": size,
        "processes": min(PROCESSES, os.cpu_count() or 1),
        "load before": None if not hasattr(os, "getloadavg") else round(os.getloadavg()[0], 1),
        "first": {"seconds": first[0], "processor seconds": first[1]},
        "again": {"seconds": again[0], "processor seconds": again[1]},
        "of 2670 pairs": {
            "first, processor seconds": first[1] * more,
            "first, minutes on two free cores": first[1] * more / 2 / 60,
            "again, processor seconds": again[1] * more,
        },
    }
    asked.out.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main(tyro.cli(Options))
