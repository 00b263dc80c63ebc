"""The live page: how long a run of its script takes, and what an open page costs the training.

A fresh store, a fresh server, a real Chromium on the same machine (as on a learner's laptop). The
training goes on in its worker. *Cost*: the page is open on the run, then away from it, in turns;
steps are counted from the store. *Page runs* are timed in a process of their own while the run
trains, and again when it rests; a part of the page that is drawn again as the run goes (the
fragment) is timed as the browser sees it, from one drawn step to the next.
"""

import argparse
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Page

from benchmarks.live_page import cancel, click_to_point, page_runs, run_on, server, training_page
from benchmarks.measuring import Found, Row, Spread, ratio_of, spread
from plantedu.store.store import Store

LOOK, SETTLE = 15.0, 2.0  # seconds of a turn, and before it


def pace(store: Store, run_id: str, seconds: float) -> float:
    """Steps a second that the worker makes meanwhile, from the times of the steps themselves."""
    first = store.run(run_id).step
    time.sleep(seconds)
    found = store.metrics(run_id, ["loss"], after_step=first)["loss"]
    return (len(found) - 1) / float(found.seconds[-1] - found.seconds[0])


def turns(page: Page, store: Store, repeats: int, look: float) -> dict[str, list[float]]:
    """Steps a second with the page open and away; its address holds the run and the learner."""
    run_id, address, paces = run_on(page), page.url, {"open": list[float](), "away": list[float]()}
    for turn in range(repeats):
        for side in ("open", "away") if turn % 2 == 0 else ("away", "open"):
            page.goto(address if side == "open" else "about:blank")
            if side == "open":
                page.get_by_role("button", name="Cancel", exact=True).wait_for(timeout=180_000)
            time.sleep(SETTLE)
            paces[side].append(pace(store, run_id, look))
    page.goto(address)
    page.get_by_role("button", name="Cancel", exact=True).wait_for(timeout=180_000)
    return paces


def p95(seconds: list[float]) -> Spread:
    """The 95th percentile as the median, between the fastest and the slowest."""
    ordered = sorted(seconds)
    value = ordered[min(len(ordered) - 1, round(0.95 * (len(ordered) - 1)))]
    return Spread(value, ordered[0], ordered[-1], len(ordered))


def measure(options: argparse.Namespace) -> Found:
    found, count = Found(), 8 if options.quick else 40
    look = 4.0 if options.quick else LOOK
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name,
        server(Path(name)) as url,
        training_page(url) as page,
    ):
        first = click_to_point(page, "Train")
        store = Store(Path(name) / "plantedu.sqlite")
        deadline = time.monotonic() + (20 if options.quick else 60)
        while time.monotonic() < deadline and store.run(run_on(page)).step < 60:
            time.sleep(0.5)  # the pairs get rendered
        paces = turns(page, store, options.repeats, look)
        training = page_runs(Path(name), run_on(page), count)
        cancel(page)
        resting = page_runs(Path(name), run_on(page), count)
        store.close()
    for side, taken in paces.items():
        found.figure(f"page {side}", spread(taken), "steps/s")
    found.figure("page run while training", spread(training), "s")
    found.figure("page run at rest", spread(resting), "s")
    found.ratio("page run while training, 95th percentile, s", p95(training), at_most=0.3)
    found.ratio("page run at rest, 95th percentile, s", p95(resting), at_most=0.3)
    kept = ratio_of(paces["open"], paces["away"])
    found.ratio("steps/s, page open / away", kept, at_least=0.97)
    found.more["click to first point, nothing rendered, s"] = first
    return found


ROW = Row(
    name="live",
    title="the live page, seconds a run of its script; steps/s while it is open",
    against="the page at rest; no page",
    measure=measure,
    measures=(
        "app",
        "plantedu/store",
        "plantedu/jobs",
        "plantedu/charts",
        "benchmarks/live_page.py",
    ),
    packages=("streamlit", "altair"),
    repeats=5,
)

if __name__ == "__main__":
    ROW.run()
