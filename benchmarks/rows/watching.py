"""What watching costs: training with probes and store, beside training without, in turns.

Both sides run the default recipe on the same pairs, one after the other. 48 steps are timed, in
which the probes are read once, as often as in a whole default run (25 times in 1,200 steps).
Start-up is left out. The two must end in the same bits.
"""

import argparse
import tempfile
from dataclasses import replace
from pathlib import Path

import torch

from benchmarks import probe_cost
from benchmarks.measuring import Found, Row, ratio_of, spread, use_threads
from plantedu.training.recipe import Recipe

FIRST, LAST = 2, 50  # the clock runs from the end of one to the end of the other
EVERY = 48


def recipe(*, quick: bool) -> Recipe:
    """The default run, cut short after one reading of the probes."""
    small = {"pairs": 512, "probe_plants": 256} if quick else {}
    return replace(Recipe(), steps=LAST + 1, probe_every=EVERY, **small)


def measure(options: argparse.Namespace) -> Found:
    found, watched = Found(), recipe(quick=options.quick)
    found.more |= {"threads": use_threads(options.threads), "steps": LAST - FIRST}
    found.more["factors"] = len(watched.probe_factors)
    probe_cost.FIRST, probe_cost.LAST = FIRST, LAST
    alone = replace(watched, probe_factors=())
    seconds: dict[str, list[float]] = {"with": [], "without": []}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        probe_cost.run(watched, folder, [])  # renders the pairs, warms up
        for turn in range(options.repeats):
            if turn % 2:
                resting = probe_cost.run(alone, folder, [])
                watching = probe_cost.recorded(watched, folder)
            else:
                watching = probe_cost.recorded(watched, folder)
                resting = probe_cost.run(alone, folder, [])
            same = [torch.equal(v, resting.tensors[k]) for k, v in watching.tensors.items()]
            if not all(same):
                raise SystemExit("The probes changed the weights: no figure.")
            seconds["with"].append(watching.seconds)
            seconds["without"].append(resting.seconds)
    found.check("weights that differ in any bit", 0.0, 0.0)
    for side, taken in seconds.items():
        found.figure(f"{side} probes and store", spread(taken).inverse(LAST - FIRST), "steps/s")
    ratio = ratio_of(seconds["with"], seconds["without"])
    found.ratio("with / without, time", ratio, at_most=1.05)
    return found


ROW = Row(
    name="watching",
    title="training with probes and store, steps/s",
    against="the same training without them",
    measure=measure,
    measures=(
        *("plantedu/training", "plantedu/jobs", "plantedu/store", "plantedu/models"),
        "benchmarks/probe_cost.py",
    ),
    repeats=7,
)

if __name__ == "__main__":
    ROW.run()
