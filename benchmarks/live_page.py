"""The live page as a learner meets it: click to first point, and what a page run costs.

    uv run python -m benchmarks.live_page [--warm 3] [--runs 20] [--json]

A fresh store, a fresh server and a real Chromium. *Cold*: Train is clicked as soon as the button
shows on a server that has just started, with nothing rendered. *Warm*: New seed is clicked while
the worker waits. Both end when the page says that a step is done, which is when its loss is drawn.
Page runs are timed with Streamlit's AppTest in a process of their own while the worker trains, and
again when it rests.
"""

import argparse
import json
import os
import re
import shutil
import signal
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).parents[1]
MAIN = ROOT / "app" / "main.py"
HOSTED = {"PLANTEDU_HOSTED": "1", "MALLOC_ARENA_MAX": "2"}  # as in the Dockerfile
STEP = re.compile(r"step [1-9]\d* of")

PAGE_RUNS = """
import json, sys, time
from streamlit.testing.v1 import AppTest
app = AppTest.from_file(sys.argv[1], default_timeout=300)
app.query_params["run"] = sys.argv[2]
app.run()
app.switch_page("views/02_training.py").run()
seconds = []
for _ in range(int(sys.argv[3])):
    started = time.perf_counter()
    app.run()
    seconds.append(time.perf_counter() - started)
    assert not app.exception, app.exception
print(json.dumps(seconds))
"""


@contextmanager
def server(home: Path) -> Iterator[str]:
    """A course server of its own on a free port; ended with the block."""
    with started_server(home, {}) as (url, _):
        yield url


@contextmanager
def hosted_server(home: Path) -> Iterator[tuple[str, int]]:
    """The same as the container starts it, with its process id."""
    with started_server(home, HOSTED) as found:
        yield found


@contextmanager
def started_server(home: Path, setting: dict[str, str]) -> Iterator[tuple[str, int]]:
    """Address and process id of a server with more in its environment."""
    port = free_port()
    running = start_server(home, port, setting)
    try:
        wait_for(f"http://127.0.0.1:{port}/_stcore/health")
        yield f"http://127.0.0.1:{port}", running.pid
    finally:
        running.terminate()
        running.wait()
        end_workers(home)


def end_workers(home: Path) -> None:
    """End the workers of a store: they outlive their server, and its runs would go on."""
    with closing(sqlite3.connect(home / "plantedu.sqlite", timeout=30)) as link:
        workers = link.execute("SELECT pid FROM workers WHERE pid > 0").fetchall()
    for (pid,) in workers:
        with suppress(OSError):
            os.kill(pid, signal.SIGTERM)


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def start_server(home: Path, port: int, setting: dict[str, str]) -> subprocess.Popen[bytes]:
    """A course server; the caller ends it."""
    words = {"address": "127.0.0.1", "port": port, "headless": "true", "fileWatcherType": "none"}
    options = [f"--server.{name}={value}" for name, value in words.items()]
    environment = os.environ | {"PLANTEDU_HOME": str(home)} | setting
    command = [sys.executable, "-m", "streamlit", "run", str(MAIN), *options]
    with (home / "server.log").open("a") as log:
        return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)


def wait_for(url: str, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            urllib.request.urlopen(url, timeout=1).read()
            return
        except OSError:
            time.sleep(0.1)
    raise SystemExit("The server did not start.")


@contextmanager
def chromium_page() -> Iterator[Page]:
    """An empty tab in a Chromium of its own, as wide as a desk's."""
    with sync_playwright() as tools:
        browser = tools.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=["--no-sandbox", "--disable-dev-shm-usage"],
        )
        yield browser.new_page(viewport={"width": 1366, "height": 900})
        browser.close()


@contextmanager
def training_page(url: str) -> Iterator[Page]:
    """The page of lesson 02 in a Chromium of its own, once its button shows."""
    with chromium_page() as page:
        page.goto(f"{url}/training")
        page.get_by_role("button", name="Train", exact=True).wait_for(timeout=180_000)
        yield page


def click_to_point(page: Page, button: str) -> float:
    """Seconds from a click to the first step of the new run on the page."""
    before = run_on(page)
    page.get_by_role("button", name=button, exact=True).click()
    started = time.perf_counter()
    while run_on(page) == before:
        page.wait_for_timeout(20)
    page.get_by_text(run_on(page)).first.wait_for(timeout=120_000)
    page.get_by_text(STEP).first.wait_for(timeout=120_000)
    return time.perf_counter() - started


def run_on(page: Page) -> str:
    """Id of the run on the page, from its address; empty if there is none."""
    found = re.search(r"run=(\w+)", page.url)
    return found[1] if found else ""


def cancel(page: Page) -> float:
    """End the run on the page; seconds from the click to the word "cancelled"."""
    page.get_by_role("button", name="Cancel", exact=True).click()
    started = time.perf_counter()
    page.get_by_text("cancelled").first.wait_for(timeout=30_000)
    return time.perf_counter() - started


def page_runs(home: Path, run_id: str, count: int) -> list[float]:
    """Seconds of `count` runs of the page's script on that run."""
    words = [sys.executable, "-c", PAGE_RUNS, str(MAIN), run_id, str(count)]
    environment = os.environ | {"PLANTEDU_HOME": str(home)}
    done = subprocess.run(
        words, cwd=ROOT, env=environment, check=True, text=True, stdout=subprocess.PIPE
    )
    return json.loads(done.stdout.splitlines()[-1])


def measure(home: Path, warm: int, runs: int) -> dict[str, object]:
    """All figures of one fresh start."""
    started = time.perf_counter()
    with server(home) as url, training_page(url) as page:
        shown = time.perf_counter() - started
        cold = click_to_point(page, "Train")
        time.sleep(15)  # the pairs get rendered
        cancel(page)
        again, ends = [], []
        for _ in range(warm):
            again.append(click_to_point(page, "New seed"))
            ends.append(cancel(page))
        click_to_point(page, "New seed")
        training = page_runs(home, run_on(page), runs)
        cancel(page)
        resting = page_runs(home, run_on(page), runs)
    return {
        "server start to Train button, s": shown,
        "click to first point, cold, s": cold,
        "click to first point, warm, s": {"median": statistics.median(again), "all": again},
        "click on Cancel to the word, s": {"median": statistics.median(ends), "all": ends},
        "page run while training, s": spread(training),
        "page run at rest, s": spread(resting),
    }


def spread(seconds: list[float]) -> dict[str, float]:
    """Median, p95 and highest."""
    p95 = statistics.quantiles(seconds, n=20)[-1]
    return {"median": statistics.median(seconds), "p95": p95, "highest": max(seconds)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--warm", type=int, default=3, help="clicks with a warm worker")
    parser.add_argument("--runs", type=int, default=20, help="page runs to time")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        result = measure(Path(folder), options.warm, options.runs)
    print(json.dumps(result) if options.json else "\n".join(f"{k}: {v}" for k, v in result.items()))


if __name__ == "__main__":
    main()
