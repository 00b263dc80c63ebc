"""Memory of the course as a learner runs it: server, worker that trains, worker that analyses.

The default course in a real browser: the training page trains its default run while the analysis
worker draws pictures, compares encoders, attacks and attributes, one after the other. Memory is
the proportional set size (pages that several processes share are shared out), read twice a second;
the peak of the sum is what counts. The browser is the learner's own and not in it.
"""

import argparse
import tempfile
import threading
import time
from pathlib import Path

from benchmarks.live_page import click_to_point, started_server, training_page
from benchmarks.measuring import Found, Row, Spread
from plantedu.jobs.launch import ensure_worker
from plantedu.jobs.load import load
from plantedu.store.store import Store

LIMIT_GB = 2.5
ANALYSES = (
    ("generate", {"plant": 3}),
    ("similarity", {}),
    ("attack", {}),
    ("attribute", {}),
)
PATIENCE = 240.0


def proportional(pid: int) -> float:
    """GB that a process holds, its share of what others hold too; 0 where it is gone."""
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
    except OSError:
        return 0.0
    return int(text.split("Pss:")[1].split()[0]) * 1024 / 1e9


class Watch(threading.Thread):
    """Reads all processes twice a second until it is told to end."""

    def __init__(self, store: Store, server: int) -> None:
        super().__init__(daemon=True)
        self.store, self.server, self.over = store, server, threading.Event()
        self.rows: list[dict[str, float]] = []

    def run(self) -> None:
        while not self.over.wait(0.5):
            pids = {lane.name: lane.worker for lane in load(self.store).lanes}
            row = {name: proportional(pid) for name, pid in pids.items() if pid}
            self.rows.append(row | {"server": proportional(self.server)})


def analyse(store: Store, wanted: tuple[tuple[str, dict], ...]) -> dict[str, str]:
    """Ask for analyses one after the other; how each ended."""
    states = {}
    for kind, request in wanted:
        run_id = store.submit(kind, request, lane="analysis")
        ensure_worker("analysis", store=store)
        deadline = time.monotonic() + PATIENCE
        while not store.run(run_id).over and time.monotonic() < deadline:
            time.sleep(0.5)
        states[kind] = store.run(run_id).state
    return states


def measure(options: argparse.Namespace) -> Found:
    found = Found()
    wanted = ANALYSES[:1] if options.quick else ANALYSES
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name,
        started_server(Path(name), {}) as (url, pid),
        training_page(url) as page,
    ):
        store = Store(Path(name) / "plantedu.sqlite")
        watch = Watch(store, pid)
        watch.start()
        click_to_point(page, "Train")
        states = analyse(store, wanted)
        watch.over.set()
        watch.join()
        page.get_by_role("button", name="Cancel", exact=True).click()
        time.sleep(2)
        store.close()
    bad = sum(state != "done" for state in states.values())
    found.check("analyses that did not end well", bad, 0)
    for who in ("server", "training", "analysis"):
        values = sorted(row.get(who, 0.0) for row in watch.rows)
        held = [value for value in values if value]
        middle = Spread(held[len(held) // 2], held[0], held[-1], len(held))
        found.figure(f"{who}: half of the time, least, most", middle, "GB")
    sums = sorted(sum(row.values()) for row in watch.rows)
    together = Spread(sums[-1], sums[0], sums[-1], len(sums))
    found.ratio("peak of all together, GB", together, at_most=LIMIT_GB)
    found.more["analyses"] = states
    return found


ROW = Row(
    name="memory",
    title="memory of server, training worker and analysis worker, GB",
    against="2.5 GB together",
    measure=measure,
    measures=("app", "plantedu"),
    packages=("streamlit", "diffusers", "captum"),
    repeats=1,
)

if __name__ == "__main__":
    ROW.run()
