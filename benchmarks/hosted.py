"""Thirty learners at one server: how long pages take, what the server holds, what becomes of runs.

    uv run python -m benchmarks.hosted [--learners 30] [--minutes 10] [--browsers 3] [--json]

A fresh store and a fresh server under the limits of a shared host. Each learner is a session at
the websocket (see `learners`): opens pages, looks at them for some seconds, trains, replays, draws,
and at the end cancels what still waits. Some real Chromiums do the same by their address bar. The
idle figures come from one learner alone on the same server, first.
"""

import argparse
import asyncio
import json
import random
import re
import statistics
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

from playwright.async_api import async_playwright

from benchmarks.learners import Learner
from benchmarks.live_page import hosted_server
from plantedu.course.predictions import new_token
from plantedu.jobs.load import held
from plantedu.store.store import Store

PAGES = (
    *("pairs", "training", "bump", "family", "generation", "similarity", "spectrum", "attacks"),
    *("attribution", "neurons", "report"),
)
PRESSES = ("Train", "Replay", "Draw", "New seed")
LOOKS = (3.0, 9.0)  # seconds that a learner looks at a page
SETTLES = 600.0  # seconds until what still runs has ended


async def warm(url: str, learners: int) -> None:
    """Each of some learners sees every page once: caches fill, threads start."""

    async def one() -> None:
        each = Learner(url)
        await each.open()
        for page in PAGES:
            await each.visit(page)
        await each.close()

    await asyncio.gather(*(one() for _ in range(learners)))


async def learn(url: str, until: float, seed: int, pages: tuple[str, ...]) -> Learner:
    """A learner's time in the course."""
    dice, token = random.Random(seed), new_token()
    one = Learner(url, query=f"learner={token}", token=token)
    await asyncio.sleep(dice.uniform(0, 5))
    await one.open()
    while time.monotonic() < until:
        await one.visit(dice.choice(pages))
        await one.stay(dice.uniform(*LOOKS))
        wished = [label for label in PRESSES if label in one.buttons]
        if wished and dice.random() < 0.5:
            await one.press(dice.choice(wished))
            await one.stay(dice.uniform(*LOOKS))
    await one.close()
    return one


async def look(url: str, until: float, seed: int, pages: tuple[str, ...]) -> list[float]:
    """A real browser at the same server; seconds until each page stood."""
    dice, seconds = random.Random(seed), []
    async with async_playwright() as play:
        browser = await play.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        page = await browser.new_page()
        while time.monotonic() < until:
            began = time.perf_counter()
            await page.goto(f"{url}/{dice.choice(pages)}", wait_until="domcontentloaded")
            await page.get_by_role("heading", level=1).first.wait_for(timeout=60_000)
            seconds.append(time.perf_counter() - began)
            await page.wait_for_timeout(1000 * dice.uniform(*LOOKS))
        await browser.close()
    return seconds


async def crowd(url: str, minutes: float, learners: int, browsers: int) -> dict[str, Any]:
    """Everybody at once."""
    until = time.monotonic() + 60 * minutes
    sessions = [learn(url, until, seed, PAGES) for seed in range(learners)]
    looks = [look(url, until, 1000 + seed, PAGES) for seed in range(browsers)]
    found = await asyncio.gather(*sessions, *looks)
    people, seen = found[:learners], found[learners:]
    return {
        "seconds": sorted(s for one in people for s in one.seconds[1:]),
        "first": sorted(one.seconds[0] for one in people),
        "fragments": sum(one.fragments for one in people),
        "errors": [error for one in people for error in one.errors],
        "browser": sorted(s for one in seen for s in one),
        "tokens": [one.token for one in people],
    }


def ended(store: Store, tokens: list[str]) -> dict[str, int]:
    """States of all runs, after learners have cancelled what waits and the rest has ended."""
    for token in tokens:
        for run in store.runs(learner=token):
            if run.state in ("queued", "running", "paused"):
                store.cancel(run.id, learner=token)
    deadline = time.monotonic() + SETTLES
    while time.monotonic() < deadline:
        states = Counter(run.state for run in store.runs(limit=10_000))
        if not states["running"] + states["queued"]:
            break
        time.sleep(1)
    return dict(Counter(run.state for run in store.runs(limit=10_000)))


def quantile(values: list[float], share: float) -> float:
    """A quantile by the next value above."""
    return values[min(len(values) - 1, int(share * len(values)))] if values else float("nan")


def measure(minutes: float, learners: int, browsers: int) -> dict[str, Any]:
    """All figures."""
    with tempfile.TemporaryDirectory() as folder, hosted_server(Path(folder)) as (url, pid):
        idle = asyncio.run(crowd(url, 0.5, 1, 0))
        asyncio.run(warm(url, max(2, learners // 3)))
        before = held(pid)
        busy = asyncio.run(crowd(url, minutes, learners, browsers))
        after = held(pid)
        store = Store(Path(folder) / "plantedu.sqlite")
        states = ended(store, idle["tokens"] + busy["tokens"])
        asked = len(store.runs(limit=10_000))
        shares = sum(len(store.runs(learner=token)) for token in busy["tokens"])
        store.close()
        time.sleep(5)
        log = (Path(folder) / "server.log").read_text(encoding="utf-8")
        return {
            "learners": learners,
            "browsers": browsers,
            "minutes": minutes,
            "page runs": len(busy["seconds"]),
            "page p50": statistics.median(busy["seconds"]),
            "page p95": quantile(busy["seconds"], 0.95),
            "page max": busy["seconds"][-1],
            "idle p50": statistics.median(idle["seconds"]),
            "idle p95": quantile(idle["seconds"], 0.95),
            "first page p95": quantile(busy["first"], 0.95),
            "browser p95": quantile(busy["browser"], 0.95),
            "fragment runs": busy["fragments"],
            "errors": busy["errors"],
            "tracebacks": len(re.findall(r"^Traceback", log, re.MULTILINE)),
            "runs": asked,
            "shares": shares,
            "states": states,
            "server MB": {
                name: round(size / 1e6)
                for name, size in (("warm", before), ("end", after), ("left", held(pid)))
            },
        }


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--learners", type=int, default=30)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--browsers", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    found = measure(chosen.minutes, chosen.learners, chosen.browsers)
    if chosen.json:
        print(json.dumps(found))
        return
    for name, value in found.items():
        print(f"{name:<16}{f'{value:.2f}' if isinstance(value, float) else value}")


if __name__ == "__main__":
    main()
