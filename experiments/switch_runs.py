"""Train the arms of the switch experiment; what is recorded already is kept.

    OMP_NUM_THREADS=1 python -m experiments.switch_runs [SEEDS ...]
    OMP_NUM_THREADS=1 python -m experiments.switch_runs fresh    # seeds that the rule never saw

Writes lessons/results/03_switch.csv.gz, a row a step: arm, seed, step, loss, entropy, and the two
rulers where they were read; `fresh` writes 03_switch_fresh.csv.gz: seeds 5 to 9 of the arms that
test how a drop is found (topics/bump/drops.py), which was settled on seeds 0 to 2. A killed
benchmark goes on with the next run that is missing.
"""

import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from plantedu.jobs.threads import share_cores
from plantedu.store.paths import bank_folder
from plantedu.topics.bump.loss_observer import watched
from plantedu.topics.bump.results.switch import CURVES, MOVED
from plantedu.topics.bump.results.switch_arms import arm_recipe

FIRST = ("0.5", "never", "0.25", "0.75", "always", "matched", "matched_switch")
LATER = (("queue_512", (0, 1)), ("queue_2048", (0, 1)), ("published", (0, 1, 2)))

FRESH_SEEDS = range(5, 10)
FRESH = CURVES.with_name("03_switch_fresh.csv.gz")


def fresh(there: set[tuple[str, int]]) -> Iterator[tuple[str, int]]:
    """Runs to do of seeds that no rule was settled on, seed by seed."""
    wanted = [(arm, seed) for seed in FRESH_SEEDS for arm in (*MOVED, "never")]
    return (pair for pair in wanted if pair not in there)


def missing(seeds: tuple[int, ...], there: set[tuple[str, int]]) -> Iterator[tuple[str, int]]:
    """Runs to do, those that the question needs first."""
    wanted = [(arm, seed) for seed in seeds for arm in FIRST]
    wanted += [(arm, seed) for arm, few in LATER for seed in few]
    return (pair for pair in wanted if pair not in there)


def one(arm: str, seed: int) -> pd.DataFrame:
    """Train an arm; its curve."""
    rows = watched(arm_recipe(arm, seed), bank_folder=bank_folder()).reset_index()
    rows.insert(0, "arm", arm)
    rows.insert(1, "seed", seed)
    return rows


def recorded(path: Path) -> tuple[pd.DataFrame, set[tuple[str, int]]]:
    """Curves that are there, and of which arms and seeds."""
    curves = pd.read_csv(path, dtype={"arm": str}) if path.is_file() else pd.DataFrame()
    there = set(zip(curves["arm"], curves["seed"], strict=True)) if len(curves) else set()
    return curves, there


def main(words: list[str]) -> None:
    share_cores()
    path = FRESH if words == ["fresh"] else CURVES
    curves, there = recorded(path)
    seeds = tuple(int(word) for word in words if word != "fresh") or (0, 1, 2)
    for arm, seed in fresh(there) if path == FRESH else missing(seeds, there):
        began = time.perf_counter()
        curves = pd.concat([curves, one(arm, seed)], ignore_index=True)
        part = path.with_suffix(".part")
        curves.to_csv(
            part, index=False, float_format="%.4f", compression={"method": "gzip", "mtime": 0}
        )
        part.replace(path)
        print(arm, seed, f"{time.perf_counter() - began:.0f} s", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
