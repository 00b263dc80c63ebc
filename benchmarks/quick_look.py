"""Whether the quick look of lesson 02 learns: when each seed's loss leaves ln K, and what it reads.

    uv run python -m benchmarks.quick_look [--seeds 10] [--set steps=120 ...] [--json]

A run has left at the first step from which the mean of WINDOW losses stays more than NEAR nats
below ln K to the end. Beside it stand the disease probe at the end with the highest of its shuffled
probes, and the processor seconds of the run, its pictures rendered before.
"""

import argparse
import json
import math
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from app.recipe_form import PRESETS, SIZES
from plantedu.store.ln_k import NEAR
from plantedu.training.fit import Observer, Record, State
from plantedu.training.pretrain import train
from plantedu.training.recipe import Recipe

WINDOW = 10  # losses


class Losses(Observer):
    """Keeps the loss of every step."""

    def __init__(self) -> None:
        self.values: list[float] = []

    def on_step(self, state: State, record: Record) -> None:
        if isinstance(loss := record.values.get("loss"), float):
            self.values.append(loss)


def quick(seed: int, changed: dict[str, Any]) -> Recipe:
    """The recipe that the page's preset Quick look makes."""
    preset = {k: v for k, v in PRESETS["Quick look"].items() if k != "size"}
    return Recipe.from_json({**SIZES["quick"], **preset, **changed, "seed": seed})


def left_at(losses: Sequence[float], prototypes: int) -> int | None:
    """The step at which a run's loss left ln K for good; None if it has not.

    Args:
        losses: Of the steps 1, 2, ..., in nats.
        prototypes: K.
    """
    if len(losses) < WINDOW:
        return None
    means = np.convolve(losses, np.ones(WINDOW) / WINDOW, "valid")
    above = np.flatnonzero(means > math.log(prototypes) - NEAR)
    first = 0 if not len(above) else int(above[-1]) + 1
    return None if first == len(means) else first + WINDOW


def worked() -> float:
    """Processor seconds of this process and of those that it waited for."""
    return sum(os.times()[:4])


def look(recipe: Recipe, bank: Path) -> dict[str, Any]:
    """One run in figures."""
    losses, before = Losses(), worked()
    last = train(recipe, bank_folder=bank, observers=[losses])["last"]
    probe, shuffled = last["probe/disease/both"], last["null/disease/both"]
    return {
        "seed": recipe.seed,
        "left": left_at(losses.values, recipe.prototypes),
        "loss": float(np.mean(losses.values[-WINDOW:])),
        "probe": probe[0],
        "shuffled": shuffled[2],
        "seconds": worked() - before,
    }


def main() -> None:
    """Print a line a seed, and how many left."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--set", nargs="*", default=[], metavar="KNOB=VALUE")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    changed = {name: json.loads(value) for name, value in (one.split("=") for one in options.set)}
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        train(quick(0, changed | {"steps": 1}), bank_folder=Path(folder))  # renders the pictures
        for seed in range(options.seeds):
            rows.append(one := look(quick(seed, changed), Path(folder)))
            print(
                "seed {seed}: left ln K at step {left}; loss {loss:.2f}; disease {probe:.2f} "
                "(shuffled, highest {shuffled:.2f}); {seconds:.0f} processor s".format(**one),
                flush=True,
            )
    left = sum(one["left"] is not None for one in rows)
    print(json.dumps(rows) if options.json else f"{left} of {len(rows)} left ln K")


if __name__ == "__main__":
    main()
