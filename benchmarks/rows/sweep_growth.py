"""A sweep of 1,000 runs on 100 GPUs, simulated, with what it writes into the store counted.

The sweep's own code prices and orders the rows, claims them and takes finished ones into the store;
only the training is left out: its length is drawn (log-normal about half an hour, a spread of two),
and what it would have recorded is the shipped recording of the default run. Every row is really
taken in; how long each took is what the simulated process that collects them needs. Nodes take the
next row when they have put theirs into the results folder. Ray's own dispatch is not in it.

The second way to run many, all trainings of one machine writing into one store, is counted from
what a transaction of a training costs here: four a second each, and two and a half heartbeats.
"""

import argparse
import heapq
import json
import shutil
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.measuring import Found, Row, spread
from plantedu.store.recording import recording, recordings
from plantedu.store.run import Metric
from plantedu.store.store import Store
from plantedu.sweeps.cost import longest_first
from plantedu.sweeps.grid import Grid, GridRow, rows_of
from plantedu.sweeps.ray_engine import RECORD, take_in

RUNS, GPUS = 1000, 100
MINUTES, SIGMA = 30.0, 0.7
SHIPPED = "cross-0"
WRITES, BEATS = 4.0, 2.5  # a second, of one training


@dataclass(frozen=True)
class Played:
    """What a simulated sweep came to, in seconds."""

    makespan: float
    ideal: float
    wait: float
    longest_line: int


def play(durations: np.ndarray, services: np.ndarray, gpus: int) -> Played:
    """Runs in order on free GPUs; finished ones stand in line before one collector.

    Args:
        durations: Seconds of each run, in the order in which they are handed out.
        services: Seconds that the collector needs for each.
        gpus: How many run at once.
    """
    free = [0.0] * min(gpus, len(durations))
    ends = []
    for length in durations:
        end = heapq.heappop(free) + float(length)
        heapq.heappush(free, end)
        ends.append(end)
    clock, waits, line, busy = 0.0, [], 0, []
    for k in np.argsort(ends):
        busy = [done for done in busy if done > ends[k]]
        began = max(clock, ends[k])
        clock = began + float(services[k])
        busy.append(clock)
        waits.append(began - ends[k])
        line = max(line, len(busy))
    ideal = max(float(durations.sum()) / gpus, float(durations.max()))
    return Played(clock, ideal, max(waits), line)


def grid(runs: int) -> list[GridRow]:
    """As many rows as wanted, of two encoders."""
    values = {"epsilon": [0.02, 0.03, 0.04, 0.05], "encoder": ["res2next_tiny", "res2next_small"]}
    seeds = list(range(-(-runs // 8)))
    return rows_of(Grid(name="simulated", grid=values, seeds=seeds))[:runs]


def finish(row: GridRow, folder: Path) -> None:
    """What a node leaves in the results folder: a recording, and how it ended."""
    place = folder / row.key[:16]
    shutil.copytree(recordings()[SHIPPED], place / "recording")
    known = recording(SHIPPED)
    record = {"state": "done", "error": "", "step": known.steps, "steps": known.steps}
    record |= {"result": known.result or {}, "packages": known.packages}
    (place / RECORD).write_text(json.dumps(record), encoding="utf-8")


def transactions(folder: Path, count: int) -> list[float]:
    """Seconds of a training's transactions: 60 rows each, committed."""
    store = Store(folder / "one.sqlite")
    run_id = store.submit("train", {}, lane="training", worker="benchmark")
    took = []
    for step in range(count):
        rows = [Metric(step, f"name {n}", 0.5, None, None, 1.0) for n in range(60)]
        began = time.perf_counter()
        store.log(run_id, rows, step=step)
        took.append(time.perf_counter() - began)
    store.close()
    return took


def measure(options: argparse.Namespace) -> Found:
    found, runs = Found(), 24 if options.quick else RUNS
    with tempfile.TemporaryDirectory() as name:
        folder, results = Path(name), Path(name) / "results"
        store = Store(folder / "plantedu.sqlite")
        began = time.perf_counter()
        rows = [row for row, _ in longest_first(grid(runs))]
        found.figure("checking and ordering all rows", spread([time.perf_counter() - began]), "s")
        services = []
        for row in rows:
            finish(row, results)
            began = time.perf_counter()
            take_in(store, row, results)
            services.append(time.perf_counter() - began)
            shutil.rmtree(results / row.key[:16])
        done = len(store.runs(state="done", limit=10_000))
        found.check("rows that are not in the store at the end", runs - done, 0)
        found.more["gigabytes"] = round(store.path.stat().st_size / 1e9, 2)
        store.close()
        commits = transactions(folder, 200)
    dice = np.random.default_rng(0)
    durations = 60 * MINUTES * np.exp(SIGMA * dice.standard_normal(runs) - SIGMA**2 / 2)
    each = recording(SHIPPED).rows
    found.more |= {"runs": runs, "gpus": GPUS, "rows a run": each, "rows": each * runs}
    found.figure("taking a finished run into the store", spread(services), "s")
    for gpus in (10, GPUS, 1000):
        played = play(durations, np.array(services), gpus)
        alone = play(durations, np.zeros(runs), gpus).makespan
        found.more[f"{gpus} GPUs"] = vars(played)
        found.ratio(
            f"{gpus} GPUs: hours, over runs / GPUs", spread([played.makespan / played.ideal])
        )
        found.ratio(
            f"{gpus} GPUs: hours, over a store that costs nothing",
            spread([played.makespan / alone]),
        )
    share = GPUS * sum(services) / durations.sum()
    found.ratio(f"{GPUS} GPUs: share of the time in which the store is written", spread([share]))
    middle = spread([GPUS * (WRITES + BEATS) * seconds for seconds in commits])
    found.ratio(f"{GPUS} trainings into one store: share of its time that they ask for", middle)
    return found


ROW = Row(
    name="sweep_growth",
    title="a sweep of 1,000 runs on 100 GPUs, simulated; the store's write load",
    against="runs / GPUs (the ideal)",
    measure=measure,
    measures=("plantedu/sweeps", "plantedu/jobs", "plantedu/store"),
    packages=("ray",),
    repeats=1,
)

if __name__ == "__main__":
    ROW.run()
