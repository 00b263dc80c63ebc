"""Results and figures of lesson 03: rulers, fork, and the moved switch.

    uv run python -m experiments.switch_runs                  # trains the arms, resumable
    uv run python -m experiments.bump rulers           # -> lessons/results/03_rulers.json
    uv run python -m experiments.bump fork             # -> 03_fork.json, 03_fork.csv.gz
    uv run python -m experiments.bump switch           # -> 03_switch.json
    uv run python -m experiments.bump fresh            # -> 03_switch_fresh.json
    uv run python -m experiments.bump bumps            # -> 03_switch_bumps.json
    uv run python -m experiments.bump figures          # -> lessons/figures/03_*.svg

Without a word, all of them. Run with OMP_NUM_THREADS=1: another number of threads adds up in
another order, and after hundreds of steps that is another run.
"""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from experiments.figures import save
from experiments.parts import run, write
from experiments.switch_runs import FRESH
from plantedu.statistics.evidence import Evidence
from plantedu.store.paths import bank_folder
from plantedu.topics.bump import fork as forks
from plantedu.topics.bump import objectives
from plantedu.topics.bump import switch as switching
from plantedu.topics.bump.changepoints.curve import tidy
from plantedu.topics.bump.changepoints.finding import find_bumps
from plantedu.topics.bump.results import fork as fork_of
from plantedu.topics.bump.results import switch as switch_of
from plantedu.topics.bump.results.objectives import ObjectivesResult, Settings
from plantedu.topics.bump.results.switch import MOVED, WITHOUT
from plantedu.topics.bump.switch_summary import DEALS, by_run
from plantedu.training.checkpoints import load_checkpoint
from plantedu.zoo.checkpoint_pairs import shipped_file

LESSONS = Path(__file__).parents[1] / "lessons"
RESULTS = LESSONS / "results"
SEEDS = range(3)
SETTLED = range(3)  # seeds whose runs the rule of the drop was settled on
TWIN = ("bump-0", "bump/never-0450", "bump/never-0800")


def rulers() -> None:
    """The bump run's checkpoints under four rulers, and those of its twin that never switched."""
    own, twin = (
        objectives.rulers(
            [(name, shipped_file(name)) for name in names],
            Settings(),
            bank_folder=bank_folder(),
        )
        for names in (objectives.NAMES, TWIN)
    )
    rest = tuple(reading for reading in twin.readings if reading.checkpoint != TWIN[0])
    both = ObjectivesResult(own.readings + rest, own.differences + twin.differences)
    write("03_rulers", both.as_json(), "experiments.bump rulers")


def fork() -> None:
    """The shipped plateau, forked with three seeds of continuing draws."""
    path = shipped_file("bump-0")
    snapshot, settings = load_checkpoint(path), fork_of.Settings()
    runs = {}
    for seed in SEEDS:
        runs[seed] = forks.run_fork(snapshot, settings, seed=seed, bank_folder=bank_folder())
        print("fork, seed", seed, flush=True)
    meta = snapshot[1]
    found = forks.summarised(path.stem, meta["recipe"], int(meta["step"]), settings, runs)
    fork_of.write_recorded(found, "uv run python -m experiments.bump fork")


def switch() -> None:
    """What the recorded curves of the arms say."""
    write(
        "03_switch",
        switching.summarised(switch_of.read_curves()).as_json(),
        "experiments.bump switch",
    )


def fresh() -> None:
    """The same arms of seeds that the rule of the drop was not settled on: a test of it."""
    known = switch_of.read_curves()
    held_out = ~known["seed"].isin(SETTLED) & known["arm"].isin((*MOVED, *WITHOUT))
    found = [known[held_out]]
    if FRESH.is_file():
        found.append(switch_of.read_curves(FRESH))
    curves: Any = pd.concat(found, ignore_index=True)
    result = switching.summarised(curves)
    plain = {"off": off(result).as_json(), **result.as_json()}
    write("03_switch_fresh", plain, "experiments.bump fresh")


def off(result: switch_of.SwitchResult) -> Evidence:
    """How far the farthest drop lies from its switch, beside drops shuffled among the runs."""
    runs = [run for run in result.runs if run.arm in MOVED and run.drop is not None]
    switches, drops = (np.array([getattr(run, k) for run in runs]) for k in ("switch", "drop"))
    generator = np.random.default_rng(0)
    shuffled = [np.abs(generator.permutation(drops) - switches).max() for _ in range(DEALS)]
    return Evidence(
        question="How many steps lie between a switch and its drop, in the worst run?",
        value=float(np.abs(drops - switches).max()),
        null=float(np.mean(shuffled)),
        control="the same drops, shuffled among the runs",
        n=len(runs),
        seeds=len({run.seed for run in runs}),
    )


def bumps() -> None:
    """The same curves, seen by the detector of `bump detect`: a second opinion."""
    found: dict[str, dict[str, Any]] = {}
    for arm, seed, own in by_run(switch_of.read_curves()):
        loss = own["loss"].dropna()
        seen = find_bumps(tidy(loss.index.to_numpy(), loss.to_numpy()))
        switches = [
            {"step": b.step, "interval": b.interval, "size": b.size, "p": b.p} for b in seen.bumps
        ]
        found.setdefault(arm, {})[str(seed)] = switches
        print(arm, seed, [round(b.step) for b in seen.bumps], flush=True)
    write("03_switch_bumps", {"bumps": found}, "experiments.bump bumps")


def figures() -> None:
    """The charts as pictures for readers of the markdown."""
    save("03_fork", fork_of.recorded().chart())
    save("03_switch", switch_of.recorded().chart())
    save("03_arms", switch_of.curves_chart(switch_of.read_curves()))
    found = json.loads((RESULTS / "03_rulers.json").read_text(encoding="utf-8"))
    found.pop("command")
    save("03_rulers", ObjectivesResult.from_json(found).chart())


PARTS: dict[str, Callable[[], None]] = {
    "rulers": rulers,
    "fork": fork,
    "switch": switch,
    "fresh": fresh,
    "bumps": bumps,
    "figures": figures,
}


if __name__ == "__main__":
    run(PARTS, sys.argv[1:])
