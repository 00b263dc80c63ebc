"""Thirty learners at one server: how long pages take, what the server holds, what becomes of runs.

    uv run python -m benchmarks.hosted [--learners 30] [--minutes 10] [--browsers 3]
        [--made-up 200] [--uploaders 4] [--addresses 3] [--json]

A fresh store and a fresh server under the limits of a shared host. Each learner is a session at
the websocket (see `learners`): opens pages, looks at them for some seconds, trains, replays, draws,
locks predictions, looks for steps in a table of their own, and at the end cancels what still waits.
Some real Chromiums do the same by their address bar. Two thirds of them sit behind one address, as
a room does, the others each behind one of their own. Beside them are as many made-up learners as
are asked for, and uploaders, behind a few other addresses (see `attackers`). At the end each answer
that a page showed as locked is looked up. The idle figures come from one learner alone on the same
server, first.
"""

import argparse
import asyncio
import json
import random
import re
import sqlite3
import tempfile
import time
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Any

from playwright.async_api import async_playwright

from benchmarks.attackers import GONE, made_up, uploader
from benchmarks.learners import Learner
from benchmarks.live_page import HOSTED, ROOT, started_server
from plantedu.course.lessons import lessons_in
from plantedu.course.predictions import new_token
from plantedu.jobs.host_tools import cancel_runs
from plantedu.jobs.load import held
from plantedu.store.store import Store

PAGES = (
    *("pairs", "training", "bump", "family", "generation", "similarity", "spectrum", "attacks"),
    *("attribution", "neurons", "report"),
)
PRESSES = ("Train", "Replay", "Draw", "New seed")
LOOKS = (3.0, 9.0)  # seconds that a learner looks at a page
SETTLES = 120.0  # seconds until what still runs has ended
PROXIED = HOSTED | {"PLANTEDU_PROXY_HEADER": "X-Real-IP"}  # as behind hosting/nginx.conf
ROOM = "203.0.113.1"  # where learners sit; 203.0.113.0/24 is nobody's (RFC 5737)
HOME = "203.0.113.{}"
ELSEWHERE = "198.51.100.{}"  # where the made-up ones come from
OWN_BOUND = "You have # runs waiting"  # said to who asks for a third; no refusal by others' doing
PLATEAU = "Still at ln K"  # said of a run that has not left it: no refusal at all


async def warm(url: str, learners: int) -> None:
    """Each of some learners sees every page once: caches fill, threads start."""

    async def one() -> None:
        each = Learner(url, address=ROOM)
        await each.open()
        for page in PAGES:
            await each.visit(page)
        await each.close()

    await asyncio.gather(*(one() for _ in range(learners)))


async def learn(url: str, until: float, seed: int, pages: tuple[str, ...]) -> Learner:
    """A learner's time in the course; every third learns at home."""
    dice, token = random.Random(seed), new_token()
    address = HOME.format(10 + seed) if seed % 3 == 2 else ROOM
    one = Learner(url, query=f"learner={token}", token=token, address=address)
    await asyncio.sleep(dice.uniform(0, 5))
    try:
        await one.open()
        while time.monotonic() < until:
            await one.visit(dice.choice(pages))
            await one.stay(dice.uniform(*LOOKS))
            await act(one, dice)
        await one.close()
    except GONE as error:
        one.errors.append(f"turned away: {error!r}"[:200])
    return one


async def act(one: Learner, dice: random.Random) -> None:
    """Sometimes a learner locks a prediction, asks for work, or gives a table of their own."""
    wished = [label for label in PRESSES if label in one.buttons]
    if dice.random() < 0.2 and await one.lock(dice):
        await one.stay(dice.uniform(*LOOKS))
    elif wished and dice.random() < 0.5:
        await one.press(dice.choice(wished))
        await one.stay(dice.uniform(*LOOKS))
    elif dice.random() < 0.5 and await one.choose("Curve", "My file"):
        status = await one.upload("csv", "mine.csv", table(dice))
        if status >= 300:
            one.refused[f"upload: {status}"] += 1
        await one.press("Look for steps")
        await one.stay(dice.uniform(*LOOKS))


def table(dice: random.Random) -> bytes:
    """A loss of 400 rows with a step."""
    rows = (f"{10 * k},{5 - k / 400 - (k > 250) / 2 + dice.gauss(0, 0.02):.5f}" for k in range(400))
    return ("step,loss\n" + "\n".join(rows) + "\n").encode()


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


async def crowd(
    url: str, minutes: float, learners: int, browsers: int, others: tuple[int, int, int] = (0, 0, 1)
) -> dict[str, Any]:
    """Everybody at once; `others` are made-up learners, uploaders, and addresses of both."""
    until = time.monotonic() + 60 * minutes
    count, uploads, addresses = others
    places = [ELSEWHERE.format(1 + k % addresses) for k in range(max(count, uploads))]
    sessions = [learn(url, until, seed, PAGES) for seed in range(learners)]
    looks = [look(url, until, 1000 + seed, PAGES) for seed in range(browsers)]
    strange = [made_up(url, until, 2000 + k, PAGES, places[k]) for k in range(count)]
    strange += [uploader(url, until, 9000 + k, places[k]) for k in range(uploads)]
    found: list[Any] = await asyncio.gather(*sessions, *looks, *strange)
    people, seen = found[:learners], found[learners : learners + browsers]
    return {
        "seconds": sorted(s for one in people for s in one.seconds[1:]),
        "at home": sorted(s for one in people if one.address != ROOM for s in one.seconds[1:]),
        "in the room": sorted(s for one in people if one.address == ROOM for s in one.seconds[1:]),
        "first": sorted(one.seconds[0] for one in people if one.seconds),
        "fragments": sum(one.fragments for one in people),
        "errors": [error for one in people for error in one.errors],
        "browser": sorted(s for one in seen for s in one),
        "tokens": [one.token for one in people],
        "refused": sum((one.refused for one in people), Counter()),
        "acknowledged": {
            asked: index for one in people for asked, index in one.acknowledged.items()
        },
        "made up": sum(found[learners + browsers :][:count], Counter()),
        "uploads": sum(found[learners + browsers :][count:], Counter()),
    }


def lost(path: Path, acknowledged: dict[tuple[str, str, str], int]) -> int:
    """How many answers that a page showed as locked are not in the store, or are others."""
    keys = {
        (lesson.stem.partition("_")[2], one.id): one.keys
        for lesson in lessons_in(ROOT / "lessons")
        for one in lesson.predictions
    }
    with closing(sqlite3.connect(path, timeout=30)) as link:
        rows = link.execute("SELECT learner, lesson, item, choice FROM predictions").fetchall()
    kept = {(who, stem.partition("_")[2], item): choice for who, stem, item, choice in rows}
    return sum(kept.get(asked) != keys[asked[1:]][index] for asked, index in acknowledged.items())


def ended(store: Store, tokens: list[str]) -> dict[str, int]:
    """States of all runs, after learners have cancelled what waits and the rest has ended."""
    for token in tokens:
        for run in store.runs(learner=token):
            if run.state in ("queued", "running", "paused"):
                store.cancel(run.id, learner=token)
    cancel_runs(store, ("queued", "paused", "running"), "", False)  # of the made-up ones
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


def measure(
    minutes: float, learners: int, browsers: int, others: tuple[int, int, int]
) -> dict[str, Any]:
    """All figures."""
    with (
        tempfile.TemporaryDirectory() as folder,
        started_server(Path(folder), PROXIED) as (url, pid),
    ):
        idle = asyncio.run(crowd(url, 0.5, 1, 0))
        asyncio.run(warm(url, max(2, learners // 3)))
        before = held(pid)
        busy = asyncio.run(crowd(url, minutes, learners, browsers, others))
        after = held(pid)
        refused = dict(busy["refused"])
        store = Store(Path(folder) / "plantedu.sqlite")
        states = ended(store, idle["tokens"] + busy["tokens"])
        asked = len(store.runs(limit=10_000))
        failed = Counter(
            f"{run.kind}: {str(run.error)[:160]}" for run in store.runs("failed", limit=10_000)
        )
        shares = sum(len(store.runs(learner=token)) for token in busy["tokens"])
        store.close()
        time.sleep(5)
        log = (Path(folder) / "server.log").read_text(encoding="utf-8")
        return {
            "learners": learners,
            "browsers": browsers,
            "minutes": minutes,
            "made up": dict(busy["made up"]),
            "uploads": dict(busy["uploads"]),
            "refused": {k: v for k, v in refused.items() if not k.startswith((OWN_BOUND, PLATEAU))},
            "own bound": sum(v for k, v in refused.items() if k.startswith(OWN_BOUND)),
            "acknowledged": len(busy["acknowledged"]),
            "acknowledged and lost": lost(Path(folder) / "plantedu.sqlite", busy["acknowledged"]),
            "page runs": len(busy["seconds"]),
            "page p50": quantile(busy["seconds"], 0.5),
            "page p95": quantile(busy["seconds"], 0.95),
            "page max": quantile(busy["seconds"], 1.0),
            "home p95": quantile(busy["at home"], 0.95),
            "room p95": quantile(busy["in the room"], 0.95),
            "idle p50": quantile(idle["seconds"], 0.5),
            "idle p95": quantile(idle["seconds"], 0.95),
            "first page p95": quantile(busy["first"], 0.95),
            "browser p95": quantile(busy["browser"], 0.95),
            "fragment runs": busy["fragments"],
            "errors": busy["errors"],
            "tracebacks": len(re.findall(r"^Traceback", log, re.MULTILINE)),
            "runs": asked,
            "shares": shares,
            "states": states,
            "failed": dict(failed),
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
    parser.add_argument("--made-up", type=int, default=200)
    parser.add_argument("--uploaders", type=int, default=4)
    parser.add_argument("--addresses", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    others = (chosen.made_up, chosen.uploaders, chosen.addresses)
    found = measure(chosen.minutes, chosen.learners, chosen.browsers, others)
    if chosen.json:
        print(json.dumps(found))
        return
    for name, value in found.items():
        print(f"{name:<16}{f'{value:.2f}' if isinstance(value, float) else value}")


if __name__ == "__main__":
    main()
