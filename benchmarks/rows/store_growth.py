"""The store at ten million metric rows: rows written a second, and what a page waits for.

Half of the rows are in many runs of the default's length (1,200 steps, 52 names), half in one run
of 100,000 steps. A chart is the loss in its three parts, thinned to 2,000 points; a poll asks for
what is new in every series of a run; the list of runs is what every page reads. Rows are first
written as a training writes them, a transaction of four steps at a time, then filled up in larger
ones; all of it on a disk.
"""

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.measuring import Found, Row, Spread, spread
from plantedu.store.run import Metric
from plantedu.store.store import Store

CHART = ("loss", "entropy", "divergence")
NAMES = (*CHART, *(f"probe/{n:02d}/both" for n in range(49)))
SHORT, LONG = 1200, 100_000  # steps of a run
AS_TRAINED = 4  # steps in a transaction of a training
FILL = 400


def begin(store: Store, name: str) -> str:
    return store.submit("train", {"name": name}, lane="training", worker="benchmark", fresh=True)


def write(store: Store, run_id: str, steps: range, together: int) -> float:
    """Write every name at these steps; seconds."""
    began = time.perf_counter()
    for start in range(steps.start, steps.stop, together):
        batch = range(start, min(start + together, steps.stop))
        rows = [Metric(n, name, 1 / (n + 1), 0.0, 1.0, n / 10) for n in batch for name in NAMES]
        store.log(run_id, rows, step=batch[-1])
    return time.perf_counter() - began


def milliseconds(call: Callable[[], object], repeats: int) -> Spread:
    """Of some calls, after one that is not counted."""
    call()
    took = []
    for _ in range(repeats):
        began = time.perf_counter()
        call()
        took.append(1000 * (time.perf_counter() - began))
    return spread(took)


def chart(store: Store, run_id: str) -> int:
    """Read what the loss chart draws; how many points."""
    return sum(len(series) for series in store.thinned(run_id, CHART).values())


def filled(store: Store, rows: int) -> tuple[str, str, list[float]]:
    """A short and a long run among `rows` rows; rows a second of those written as trained."""
    paces, half = [], rows // 2
    for k in range(max(1, half // (SHORT * len(NAMES)))):
        short = begin(store, f"short {k}")
        if k < 3:
            paces.append(SHORT * len(NAMES) / write(store, short, range(SHORT), AS_TRAINED))
        else:
            write(store, short, range(SHORT), FILL)
        store.finish(short, {})
    long = begin(store, "long")
    steps = min(LONG, max(SHORT, half // len(NAMES)))
    write(store, long, range(steps), FILL)
    return short, long, paces


def measure(options: argparse.Namespace) -> Found:
    found, rows = Found(), 200_000 if options.quick else 10_000_000
    with tempfile.TemporaryDirectory() as folder:
        store = Store(Path(folder) / "plantedu.sqlite")
        short, long, paces = filled(store, rows)
        found.more["rows"] = rows
        found.more["gigabytes"] = round(store.path.stat().st_size / 1e9, 2)
        found.figure("written as a training writes", spread(paces), "rows/s")
        for name, run_id in (("short", short), ("long", long)):
            points = chart(store, run_id)
            found.more[f"points of the chart, {name} run"] = points
            drawn = milliseconds(lambda r=run_id: chart(store, r), options.repeats)
            found.ratio(f"chart of the {name} run, ms", drawn, at_most=100)
            last = store.run(run_id).step
            new = milliseconds(lambda r=run_id, s=last: store.metrics(r, after_step=s - 5), 15)
            found.ratio(f"poll of the {name} run, ms", new, at_most=100)
        listed = milliseconds(lambda: store.runs(limit=50), options.repeats)
        found.ratio("list of runs, ms", listed, at_most=100)
        store.close()
    return found


ROW = Row(
    name="store_growth",
    title="the store at 10^7 metric rows, milliseconds a read",
    against="100 ms for a chart",
    measure=measure,
    measures=("plantedu/store/store.py", "plantedu/store/metrics.py", "plantedu/store/database.py"),
    repeats=15,
)

if __name__ == "__main__":
    ROW.run()
