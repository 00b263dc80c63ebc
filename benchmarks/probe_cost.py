"""What watching costs: training with probes and store against training without, in paired runs.

    uv run python -m benchmarks.probe_cost [--pairs 5] [--json]

Both arms run the default recipe on the same pairs, one after the other, in turn; the ratio is of
the seconds that steps 3 to 98 took, start-up left out. In these 96 steps the probes are read twice
(every 48 steps), as often as in a whole default run: 25 times in 1,200 steps, step 0 included.
The arms must end in the same bits, or the figure is not printed. Beside the ratio of seconds stands
that of processor time, which says the same on a machine that does other work.
"""

import argparse
import json
import statistics
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import torch

from plantedu.jobs.heartbeat import Heart
from plantedu.jobs.metric_writer import RowWriter
from plantedu.jobs.recorder import Recorder
from plantedu.store.store import Store
from plantedu.training.fit import Observer, Record, State
from plantedu.training.pretrain import train
from plantedu.training.recipe import Recipe

STEPS, FIRST, LAST = 99, 2, 98  # the clock runs from the end of step FIRST to that of step LAST


class Clock(Observer):
    """Times the steps between, and keeps the final weights, to compare the arms' bits."""

    def on_step(self, state: State, record: Record) -> None:
        if record.step == FIRST:
            self.started, self.began = time.perf_counter(), time.process_time()
        if record.step == LAST:
            self.seconds = time.perf_counter() - self.started
            self.work = time.process_time() - self.began

    def on_end(self, state: State) -> None:
        self.tensors, _ = state.snapshot()


def run(recipe: Recipe, folder: Path, observers: list[Observer]) -> Clock:
    """One run and its clock, which looks last."""
    clock = Clock()
    train(recipe, bank_folder=folder, observers=[*observers, clock])
    return clock


def recorded(recipe: Recipe, folder: Path) -> Clock:
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
    parser.add_argument("--pairs", type=int, default=5, help="paired runs")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    watched = replace(Recipe(), steps=STEPS, probe_every=48)
    alone = replace(watched, probe_factors=())
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        run(watched, folder, [])  # renders the pairs, warms up
        found, work = [], []
        for _ in range(options.pairs):
            watching, resting = recorded(watched, folder), run(alone, folder, [])
            same = all(torch.equal(v, resting.tensors[k]) for k, v in watching.tensors.items())
            if not same:
                raise SystemExit("The probes changed the weights: no figure.")
            found.append((watching.seconds, resting.seconds))
            work.append((watching.work, resting.work))
    ratios, of_work = (sorted(a / b for a, b in pairs) for pairs in (found, work))
    result = {
        "ratio_with_over_without": statistics.median(ratios),
        "lowest": ratios[0],
        "highest": ratios[-1],
        "processor_ratio": statistics.median(of_work),
        "processor_lowest": of_work[0],
        "processor_highest": of_work[-1],
        "paired_runs": options.pairs,
        "steps": LAST - FIRST,
        "factors": len(watched.probe_factors),
        "seconds": found,
        "weights": "bit-identical",
    }
    print(json.dumps(result) if options.json else "\n".join(f"{k}: {v}" for k, v in result.items()))


if __name__ == "__main__":
    main()
