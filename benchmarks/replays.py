"""Sixty replays at once: is a worker taken for lost that lives, does a run fail for it?

    uv run python -m benchmarks.replays [--count 60] [--json]

A fresh store, the worker of the replay lane, and another lane's, which takes runs back from workers
that fall silent. All replay the default run, sixty times as fast as it was recorded.
"""

import argparse
import json
import os
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

from plantedu.jobs.launch import start
from plantedu.store.store import FILE, Store

PATIENCE = 180.0  # seconds until they are counted as they are
REQUEST = {"recording": "cross-0", "speed": 60}


def measure(home: Path, count: int) -> dict[str, Any]:
    """States, false losses and reasons of failures once all are over."""
    os.environ["PLANTEDU_HOME"] = str(home)
    store = Store(home / FILE, patience=30)
    runs = [store.submit("replay", REQUEST, lane="replay", fresh=True) for _ in range(count)]
    workers = [start(lane, home, 60.0) for lane in ("replay", "analysis")]
    began = time.monotonic()
    try:
        while time.monotonic() - began < PATIENCE:
            if all(store.run(run_id).over for run_id in runs):
                break
            time.sleep(1)
        found = [store.run(run_id) for run_id in runs]
        lost = sum(e.name == "worker lost" for run_id in runs for e in store.events(run_id))
        return {
            "seconds": time.monotonic() - began,
            "states": dict(Counter(run.state for run in found)),
            "workers lost": lost,
            "failed": dict(Counter(run.error for run in found if run.error)),
        }
    finally:
        store.close()
        for worker in workers:
            worker.kill()
            worker.wait()


def main() -> None:
    """Print what came of them."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--count", type=int, default=60)
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        found = measure(Path(folder), chosen.count)
    print(json.dumps(found) if chosen.json else "\n".join(f"{k}: {v}" for k, v in found.items()))


if __name__ == "__main__":
    main()
