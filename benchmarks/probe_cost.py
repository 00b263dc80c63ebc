"""What watching costs: training with probes and store against training without, in paired runs.

    uv run python -m benchmarks.probe_cost [--pairs 3] [--steps 160] [--json]

Both arms run the default recipe on the same pairs, one after the other, in turn; the ratio is of
wall seconds per pair of runs. The arms must end in the same bits, or the figure is not printed.
"""

import argparse
import json
import statistics
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import torch

from plantedu.runs.heart import Heart
from plantedu.runs.recorder import Recorder
from plantedu.runs.store import Store
from plantedu.runs.writer import RowWriter
from plantedu.training.fit import Observer, State
from plantedu.training.pretrain import train
from plantedu.training.recipe import Recipe


class Weights(Observer):
    """Keeps the final weights, to compare the arms' bits."""

    def on_end(self, state: State) -> None:
        self.tensors, _ = state.snapshot()


def run(recipe: Recipe, folder: Path, observers: list[Observer]) -> tuple[float, dict]:
    """Seconds of one run without its start-up, and its final weights."""
    weights = Weights()
    started = time.perf_counter()
    train(recipe, bank_folder=folder, observers=[*observers, weights])
    return time.perf_counter() - started, weights.tensors


def recorded(recipe: Recipe, folder: Path) -> tuple[float, dict]:
    """One run with its probes, written into a store as the worker does."""
    store = Store(folder / "plantedu.sqlite")
    run_id = store.submit(
        "train", recipe.as_json(), lane="training", worker="benchmark", fresh=True
    )
    with RowWriter(store, run_id) as writer, Heart(store, "benchmark") as heart:
        heart.hold(run_id)
        every = recipe.checkpoint_every
        watch = Recorder(store, run_id, writer=writer, wishes=heart, checkpoint_every=every)
        return run(recipe, folder, [watch])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=3, help="paired runs")
    parser.add_argument("--steps", type=int, default=160)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    watched = replace(Recipe(), steps=options.steps)
    alone = replace(watched, probe_factors=())
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        run(replace(watched, steps=40), folder, [])  # renders the pairs, warms up
        found = []
        for _ in range(options.pairs):
            with_seconds, with_weights = recorded(watched, folder)
            without_seconds, without_weights = run(alone, folder, [])
            same = all(torch.equal(v, without_weights[k]) for k, v in with_weights.items())
            if not same:
                raise SystemExit("The probes changed the weights: no figure.")
            found.append((with_seconds, without_seconds))
    ratios = sorted(a / b for a, b in found)
    result = {
        "ratio_with_over_without": statistics.median(ratios),
        "lowest": ratios[0],
        "highest": ratios[-1],
        "paired_runs": options.pairs,
        "steps": options.steps,
        "factors": len(watched.probe_factors),
        "seconds": found,
        "weights": "bit-identical",
    }
    print(json.dumps(result) if options.json else "\n".join(f"{k}: {v}" for k, v in result.items()))


if __name__ == "__main__":
    main()
