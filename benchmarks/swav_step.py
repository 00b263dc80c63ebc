"""What the objective costs: images/s of SwAV steps against the bare encoder on the same crops.

    uv run python -m benchmarks.swav_step [--repeats 7] [--encoder res2next_tiny] [--json]

Three arms take turns inside one run, each a few steps at a time, on the same crops:

    bare        forward and backward of the encoder alone
    objective   loss (projector, Sinkhorn, swapped prediction) and backward
    step        new crops, objective, and AdamW's update: all that training does without pairs

The ratio to the bare arm is taken within a turn; its median, lowest and highest are reported.
"""

import argparse
import json
import statistics
import time
from collections.abc import Callable

import torch

from plantedu.data.crops import PAIRINGS, CropSpec, make_crops
from plantedu.models.encoders import make_encoder
from plantedu.models.swav import SwAV


def make_arms(options: argparse.Namespace, device: str) -> dict[str, Callable[[], None]]:
    """One step of each arm as a function without arguments."""
    spec = CropSpec(
        large_size=options.side, small_crops=options.small_crops, small_size=options.small_side
    )
    generator = torch.Generator().manual_seed(0)
    shape = (options.batch, 3, options.image, options.image)
    x1, x2 = (torch.randint(0, 256, shape, generator=generator).byte().to(device) for _ in "12")
    objective = SwAV(
        make_encoder(options.encoder, seed=0),
        pairing=options.pairing,
        prototypes=options.prototypes,
        queue_length=options.queue,
        seed=0,
    ).to(device)
    optimizer = torch.optim.AdamW(objective.parameters(), lr=1e-3)
    fixed = make_crops(x1, x2, spec, generator, options.pairing)
    autocast = torch.autocast(device, torch.bfloat16, enabled=options.bfloat16)

    def bare() -> None:
        with autocast:
            h = objective.encoder(fixed.large.flatten(0, 1)).sum()
            if fixed.small is not None:
                h = h + objective.encoder(fixed.small.flatten(0, 1)).sum()
        h.backward()
        objective.zero_grad(set_to_none=True)

    def loss_of(crops) -> None:
        with autocast:
            loss = objective.loss(crops)
        loss.total.backward()

    def alone() -> None:
        loss_of(fixed)
        objective.zero_grad(set_to_none=True)

    def step() -> None:
        loss_of(make_crops(x1, x2, spec, generator, options.pairing))
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)

    return {"bare": bare, "objective": alone, "step": step}


def seconds(arm: Callable[[], None], steps: int, device: str, clock: str) -> float:
    """Seconds of some steps of one arm, device included; processor time suits a busy machine."""
    now = time.process_time if clock == "processor" else time.perf_counter
    started = now()
    for _ in range(steps):
        arm()
    if device == "cuda":
        torch.cuda.synchronize()
    return now() - started


def spread(values: list[float]) -> dict[str, float]:
    """Median, lowest and highest."""
    return {"median": statistics.median(values), "lowest": min(values), "highest": max(values)}


def measure(options: argparse.Namespace) -> dict:
    """All arms in turn, `repeats` times after two turns of warm-up."""
    if options.threads:
        torch.set_num_threads(options.threads)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    arms = make_arms(options, device)
    turns = []
    for turn in range(options.repeats + 2):
        taken = {
            name: seconds(arm, options.steps, device, options.clock) for name, arm in arms.items()
        }
        if turn >= 2:
            turns.append(taken)
    views = len(PAIRINGS[options.pairing]) + options.small_crops
    images = views * options.batch * options.steps
    return {
        "images_per_second": {n: spread([images / t[n] for t in turns]) for n in arms},
        "ratio_to_bare": {
            n: spread([t["bare"] / t[n] for t in turns]) for n in arms if n != "bare"
        },
        "device": torch.cuda.get_device_name() if device == "cuda" else "cpu",
        "threads": torch.get_num_threads(),
        "settings": vars(options),
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--encoder", default="res2next_tiny")
    parser.add_argument("--pairing", default="cross", choices=list(PAIRINGS))
    parser.add_argument("--batch", type=int, default=128, help="pairs per step")
    parser.add_argument("--image", type=int, default=64, help="side of the images, in pixels")
    parser.add_argument("--side", type=int, default=40, help="side of the large crops")
    parser.add_argument("--small-crops", type=int, default=0)
    parser.add_argument("--small-side", type=int, default=24)
    parser.add_argument("--prototypes", type=int, default=64)
    parser.add_argument("--queue", type=int, default=0)
    parser.add_argument("--bfloat16", action="store_true")
    parser.add_argument("--threads", type=int, default=0, help="0 leaves torch's choice")
    parser.add_argument("--clock", default="wall", choices=["wall", "processor"])
    parser.add_argument("--steps", type=int, default=5, help="steps per arm and turn")
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    result = measure(options)
    if options.json:
        print(json.dumps(result))
        return
    for title in ("images_per_second", "ratio_to_bare"):
        for name, found in result[title].items():
            print(f"{title} {name}: " + ", ".join(f"{k} {v:.3g}" for k, v in found.items()))
    print(f"{result['device']}, {result['threads']} threads, {options.repeats} turns")


if __name__ == "__main__":
    main()
