"""What the store costs: rows written a second, and how long a chart of a long run takes to read.

    uv run python -m benchmarks.store [--rows 1000000] [--names 50] [--json]

Rows are written as a training writes them: one transaction for each batch of four steps, on a
disk, while another thread reads as the live page does. The chart is the loss in three parts over
the whole run, thinned to 2,000 points; a poll asks for what is new in every series.
"""

import argparse
import json
import statistics
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

from plantedu.jobs.lanes import claim_lane
from plantedu.jobs.launch import ensure_worker
from plantedu.store.run import Metric
from plantedu.store.series import buckets
from plantedu.store.store import Store

CHART = ("loss", "entropy", "divergence")
BATCH = 4  # steps in a transaction


def milliseconds(call: Callable[[], object], *, repeats: int = 15) -> dict[str, float]:
    """Median and worst of some calls."""
    took = []
    for _ in range(repeats):
        began = time.perf_counter()
        call()
        took.append(1000 * (time.perf_counter() - began))
    return {"median": round(statistics.median(took), 2), "worst": round(max(took), 2)}


def write(store: Store, run_id: str, names: list[str], steps: int) -> float:
    """Write `steps` steps of every metric; seconds."""
    began = time.perf_counter()
    for start in range(0, steps, BATCH):
        batch = range(start, min(start + BATCH, steps))
        rows = [Metric(n, name, 1 / (n + 1), 0.0, 1.0, n / 10) for n in batch for name in names]
        store.log(run_id, rows, step=batch[-1])
    return time.perf_counter() - began


def chart(store: Store, run_id: str) -> int:
    """Read and thin what the loss chart needs; how many points."""
    return sum(len(buckets(series)) for series in store.metrics(run_id, CHART).values())


def watch(store: Store, run_id: str, over: threading.Event, polls: list[float]) -> None:
    """Poll as a live page does, twice a second."""
    step = -1
    while not over.wait(0.5):
        began = time.perf_counter()
        found = store.metrics(run_id, after_step=step)
        step = max((int(series.steps[-1]) for series in found.values()), default=step)
        polls.append(1000 * (time.perf_counter() - began))


def measure(folder: Path, rows: int, count: int) -> dict[str, object]:
    """All figures, from a store in `folder`."""
    store = Store(folder / "plantedu.sqlite")
    run_id = store.submit("train", {"rows": rows}, lane="training", worker="benchmark")
    names = [*CHART, *(f"probe/{n:03d}/both" for n in range(count - len(CHART)))]
    over, polls = threading.Event(), []
    page = threading.Thread(target=watch, args=(store, run_id, over, polls))
    page.start()
    seconds = write(store, run_id, names, rows // count)
    over.set()
    page.join()
    claim_lane(store, "training", "benchmark", 0)
    last = rows // count - 1
    result: dict[str, object] = {
        "rows": rows,
        "names": count,
        "rows_per_second": round(rows / seconds),
        "megabytes": round(store.path.stat().st_size / 1e6, 1),
        "chart_ms": milliseconds(lambda: chart(store, run_id)),
        "chart_points": chart(store, run_id),
        "poll_ms": milliseconds(lambda: store.metrics(run_id, after_step=last - 5)),
        "poll_while_writing_ms": round(statistics.median(polls), 2) if polls else None,
        "heartbeat_ms": milliseconds(lambda: store.heartbeat(run_id, "benchmark")),
        "ensure_worker_ms": milliseconds(lambda: ensure_worker("training", store=store)),
        "open_ms": milliseconds(lambda: Store(store.path).close()),
    }
    store.close()
    return result


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--names", type=int, default=50)
    parser.add_argument("--json", action="store_true", help="one JSON object on the last line")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        result = measure(Path(name), options.rows, options.names)
    print(json.dumps(result) if options.json else "\n".join(f"{k}: {v}" for k, v in result.items()))


if __name__ == "__main__":
    main()
