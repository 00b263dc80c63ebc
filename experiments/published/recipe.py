"""The published recipe, projected from a measured minute: hours on this device.

    uv run python -m experiments.published.recipe [--seconds 60] [--threads 0] [--json]

res2next50 in SwAV on pairs of 128 px: crops 2 x 128 + 6 x 96, batch 32, 3,000 prototypes, hidden
layer 2,048, 128 dimensions, a queue of 2,048 that is full and in use (the expensive half of the
run), 600 epochs over 2,670 pairs, 83 steps each. A step here is new crops, loss, backward and
update; reading images, probes and checkpoints are left out.

The pixels are random: what a step costs does not depend on them. The published run took about
4 h on a V100, in fp16, with an xresnet34, LAMB and heavier augmentation, and fed the RGB images
alone (its eight crops were of one sensor): the same number of crops, another network.
"""

import argparse
import json
import platform
import statistics
import time
from collections.abc import Callable
from typing import Any

import torch

from plantedu.data.crops import CropSpec, make_crops
from plantedu.errors import require
from plantedu.training.precision import Arithmetic
from plantedu.training.pretrain import best_device, make_objective, make_optimizer
from plantedu.training.recipe import Recipe

EPOCHS, PUBLISHED_HOURS = 600, 4.0
RECIPE = Recipe(
    pairs=2670,
    image_size=128,
    encoder="res2next50",
    crop_size=128,
    small_crops=6,
    small_size=96,
    batch=32,
    queue_length=2048,
    queue_start=0.0,
    prototypes=3000,
    hidden_dim=2048,
    projection_dim=128,
    steps=EPOCHS * (2670 // 32),
)


def make_step(precision: str, device: str) -> Callable[[], None]:
    """One training step as a function without arguments."""
    objective = make_objective(RECIPE).to(device).train()
    fill_queue(objective)
    optimizer = make_optimizer(objective, RECIPE)
    arithmetic = Arithmetic(precision, device)
    generator = torch.Generator().manual_seed(0)
    shape = (RECIPE.batch, 3, RECIPE.image_size, RECIPE.image_size)
    x1, x2 = (torch.randint(0, 256, shape, generator=generator).byte().to(device) for _ in "12")
    spec = CropSpec(
        large_size=RECIPE.crop_size,
        large_scale=(0.25, 1.0),
        small_crops=RECIPE.small_crops,
        small_size=RECIPE.small_size,
        small_scale=(0.05, 0.3),
    )

    def step() -> None:
        crops = make_crops(x1, x2, spec, generator, RECIPE.pairing)
        with arithmetic.forward():
            loss = objective.loss(crops)
        arithmetic.update(loss.total, optimizer)
        if device == "cuda":
            torch.cuda.synchronize()

    return step


def fill_queue(objective: Any) -> None:
    """Random unit embeddings in all places, so that the first step uses the queue."""
    rows = torch.randn_like(objective.queue.embeddings)
    objective.queue.embeddings.copy_(torch.nn.functional.normalize(rows, dim=-1))
    objective.queue.inserted.fill_(objective.queue.length)


def measure(precision: str, device: str, seconds: float) -> dict[str, Any]:
    """Steps of about `seconds`, at least 3, after one of warm-up (10 on a GPU)."""
    step = make_step(precision, device)
    for _ in range(10 if device == "cuda" else 1):
        step()
    taken, began = [], time.perf_counter()
    while len(taken) < 3 or time.perf_counter() - began < seconds:
        start = time.perf_counter()
        step()
        taken.append(time.perf_counter() - start)
    return projected(taken) | {"precision": precision}


def projected(taken: list[float]) -> dict[str, Any]:
    """Pace and hours from the seconds of some steps; the spread is from the 5th to 95th of 100."""
    low, high = (sorted(taken)[round(share * (len(taken) - 1))] for share in (0.05, 0.95))
    middle = statistics.median(taken)
    hours = [seconds * RECIPE.steps / 3600 for seconds in (middle, low, high)]
    return {
        "steps_measured": len(taken),
        "steps_per_second": [1 / middle, 1 / high, 1 / low],
        "hours": hours,
        "times_the_published": hours[0] / PUBLISHED_HOURS,
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=float, default=60.0, help="per precision")
    parser.add_argument("--threads", type=int, default=0, help="0 leaves torch's choice")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    require(options.seconds > 0, f"--seconds must be above 0, got {options.seconds:g}.")
    if options.threads:
        torch.set_num_threads(options.threads)
    device = best_device()
    name = torch.cuda.get_device_name() if device == "cuda" else platform.processor() or "cpu"
    precisions = ("float32", "bfloat16") if device == "cuda" else ("float32",)
    arms = [measure(precision, device, options.seconds) for precision in precisions]
    found = {"device": name, "threads": torch.get_num_threads(), "steps": RECIPE.steps}
    if options.json:
        print(json.dumps(found | {"published_hours": PUBLISHED_HOURS, "arms": arms}))
        return
    print(f"{name}, {found['threads']} threads; {EPOCHS} epochs are {RECIPE.steps:,} steps")
    for arm in arms:
        pace, hours = arm["steps_per_second"], arm["hours"]
        print(
            f"{arm['precision']}: {pace[0]:.3g} steps/s [{pace[1]:.3g}, {pace[2]:.3g}] over "
            f"{arm['steps_measured']} steps; {hours[0]:.1f} h [{hours[1]:.1f}, {hours[2]:.1f}], "
            f"{arm['times_the_published']:.2g} times the published {PUBLISHED_HOURS:g} h on a V100"
        )


if __name__ == "__main__":
    main()
