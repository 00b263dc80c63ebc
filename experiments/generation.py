"""Grid and headline numbers of lesson 05.

    uv run python -m experiments.generation grid       # -> lessons/figures/05_grid.png
    uv run python -m experiments.generation speed      # -> lessons/results/05_speed.json
    uv run python -m experiments.generation guidance   # -> lessons/results/05_guidance.json
    uv run python -m experiments.generation numbers    # -> lessons/results/05_generation.json
    uv run python -m experiments.generation seeds      # -> lessons/results/05_seeds.json
    uv run python -m experiments.refresh 05_generation        # -> the numbers in 05_generation.md

What is counted (kept, faithful, matching, rivals) is measured by experiments.invariances;
`numbers` reads its results. Without a word, all of them.
"""

import io
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image, ImageDraw, ImageFont

from experiments.generation_numbers import numbers, seeds
from experiments.parts import run, write
from plantedu.statistics.evidence import mean_over_plants
from plantedu.store.paths import bank_folder
from plantedu.topics.generation.denoisers import draw, shipped_denoiser
from plantedu.topics.generation.drawn_numbers import spread
from plantedu.topics.generation.image_grid import sheet
from plantedu.topics.generation.reference_set import representations_by_slot
from plantedu.topics.generation.results.generate import Settings
from plantedu.topics.generation.session import drawing, encoders, generation_session
from plantedu.training.seeding import generator_for

LESSONS = Path(__file__).parents[1] / "lessons"
FIGURES = LESSONS / "figures"
PLANTS = (0, 2, 3, 5)
SAMPLES = 3
GUIDED, GUIDED_SEEDS = range(12), 3  # plants and seeds of the exercise on guidance
GROUPS = {
    "backbone h": ("cross-0", "h"),
    "projector z": ("cross-0", "z"),
    "random weights, h": ("random-cross-0", "h"),
    "supervised h, RGB only": ("supervised_rgb-0", "h"),
    "unconditional": ("", ""),
}
SPACE, HEADER = 24, 36  # pixels
COLD = """
import sys, time
from pathlib import Path
from plantedu.topics.generation.generate import generate
from plantedu.topics.generation.results.generate import Settings

looks = []
generate(
    Settings(plant=3),
    bank_folder=Path(sys.argv[1]),
    show=lambda *_: looks.append(time.process_time()),
)
print(looks[0])
"""


def grid() -> None:
    """Four plants by row; the source, then samples of every group, conditioned on X1 alone, drawn
    with detail, in 50 steps."""
    around = generation_session(shipped_denoiser(), bank_folder(), detail=True)
    rows = np.array(PLANTS)
    x1 = around.held_out.x1[rows]
    blocks = {"source": x1[:, None]}
    for title, (name, layer) in GROUPS.items():
        given = representations_by_slot(encoders(name), x1=x1, layers=layer) if name else {}
        how: dict[str, Any] = {"steps": 50, "generator": generator_for(0, "grid"), "shared": True}
        drawn = draw(around.stages, given, samples=SAMPLES, **how)[:, :, :3]
        drawn = (drawn * 255).round().to(torch.uint8).numpy()
        blocks[title] = np.broadcast_to(drawn, (len(rows), *drawn.shape[1:]))
    labelled(blocks).save(FIGURES / "05_grid.png")


def labelled(blocks: dict[str, np.ndarray]) -> Image.Image:
    """Blocks of pictures beside each other, each under its name."""
    sheets = {
        name: Image.open(io.BytesIO(sheet(block, columns=block.shape[1])))
        for name, block in blocks.items()
    }
    width = sum(one.width + SPACE for one in sheets.values()) - SPACE
    height = max(one.height for one in sheets.values())
    paper, left = Image.new("RGB", (width, height + HEADER), "white"), 0
    pen, font = ImageDraw.Draw(paper), ImageFont.load_default(size=22)
    for name, one in sheets.items():
        pen.text((left, 4), name, fill="#101A15", font=font)
        paper.paste(one, (left, HEADER))
        left += one.width + SPACE
    return paper


def speed() -> None:
    """Sixteen pairs at the shipped size: the first look and all of them, median of three.

    As the page draws them, with detail and UniPC, and as the tables are drawn. Warm, and the first
    look of a new process (`cold_cpu`), in which imports take most of the time. Wall time counts
    where nothing else runs; processor time counts anywhere.
    """
    found: dict[str, Any] = sixteen(detail=True, sampler="unipc")
    found |= {"without_detail": sixteen(detail=False, sampler="euler"), "runs": 3}
    found["cold_cpu"] = statistics.median(float(cold_start()) for _ in range(3))
    found["threads"] = torch.get_num_threads()
    write("05_speed", found, "experiments.generation speed")


def sixteen(*, detail: bool, sampler: str) -> dict[str, float]:
    """Seconds of the first look and of all, median of three after one that is not counted."""
    around = generation_session(shipped_denoiser(), bank_folder(), detail=detail)
    encoder, found = encoders("cross-0"), dict[str, list[float]]()
    for seed in range(4):
        began, looked = time.process_time(), []
        wall = time.perf_counter()
        given = representations_by_slot(encoder, x1=around.held_out.pair(3)[0][None])
        noise = generator_for(seed, "speed")
        how: dict[str, Any] = {"steps": 8, "sampler": sampler, "generator": noise}
        draw(
            around.stages,
            given,
            samples=16,
            watch=lambda *_, looked=looked: looked.append(time.process_time()),
            **how,
        )
        times = {"first_cpu": looked[0] - began, "cpu": time.process_time() - began}
        for name, value in (times | {"wall": time.perf_counter() - wall}).items():
            found.setdefault(name, []).append(value)
    return {name: statistics.median(values[1:]) for name, values in found.items()}


def cold_start() -> str:
    """Processor seconds of a new process, from its start to its first look at sixteen pairs."""
    command = [sys.executable, "-c", COLD, str(bank_folder())]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def guidance() -> None:
    """Whether w = 3 narrows what is drawn, at the settings of the page, for several plants."""
    around, encoder = generation_session(shipped_denoiser(), bank_folder()), encoders("cross-0")
    given = representations_by_slot(encoder, x1=around.held_out.x1[: len(GUIDED)])
    found: dict[str, dict[str, list[float]]] = {}
    for seed in range(GUIDED_SEEDS):
        for w in (1.0, 3.0):
            asked = Settings(seed=seed, guidance=w, sampler="euler")
            drawn = drawing(asked, around, given, lambda: None, None)
            spreads = [spread(drawn[k : k + 1]) for k in GUIDED]
            found.setdefault(str(seed), {})[f"{w:g}"] = spreads
    smaller = np.array([np.less(one["3"], one["1"]) for one in found.values()], dtype=float)
    share = mean_over_plants(
        "For which share of plants is the spread smaller at w = 3 than at w = 1?",
        smaller.mean(0),
        0.5,
        "a coin",
        seeds=GUIDED_SEEDS,
    )
    counts = {seed: int(row.sum()) for seed, row in zip(found, smaller, strict=True)}
    guidance = {
        "smaller": share.as_json(),
        "plants": len(GUIDED),
        "counts": counts,
        "spread": found,
    }
    write("05_guidance", guidance, "experiments.generation guidance")


PARTS: dict[str, Callable[[], None]] = {
    "grid": grid,
    "speed": speed,
    "guidance": guidance,
    "numbers": numbers,
    "seeds": seeds,
}


if __name__ == "__main__":
    run(PARTS, sys.argv[1:])
