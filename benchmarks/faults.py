"""Faults at random while learners work: is anything lost that a learner was told is kept?

    uv run python -m benchmarks.faults [--minutes 60] [--faults 200] [--learners 12] [--json]

A fresh store and server as in `hosted`, with the store on a small disk of its own where we may
mount one. Learners lock predictions and ask for runs; each answer that they were shown is noted
here, outside the store. Faults: a worker killed, a worker frozen for longer than its lease, the
server killed and started again, the database held by another process, the disk filled, a session
cut. At the end every noted row is looked up: it must be there, unchanged.
"""

import argparse
import asyncio
import contextlib
import json
import os
import random
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.live_page import HOSTED, ROOT, start_server, wait_for
from plantedu.course.lessons import Lesson, lessons_in
from plantedu.course.predictions import Predictions, new_token
from plantedu.errors import PlantEduError
from plantedu.jobs.launch import ensure_worker
from plantedu.store.store import FILE, Store

DISK = "2g"  # of the store, where it can be mounted; an hour of fresh replays fills more than 400m
STARTS = 3  # tries to start the server
HELD = (1.0, 8.0)  # seconds that the database is held; the patience of a page is 5
FROZEN = 13.0  # seconds; a lease is lost after 10


@dataclass
class Notes:
    """What learners were told, outside the store.

    Attributes:
        runs: Request and learner of each run by its id.
        predictions: Choice and confidence by learner, lesson and item.
        refused: How often a learner was told that it did not work; they try again later.
    """

    runs: dict[str, tuple[str, str]] = field(default_factory=dict)
    predictions: dict[tuple[str, str, str], tuple[str, float]] = field(default_factory=dict)
    refused: Counter[str] = field(default_factory=Counter)


def lasting_port() -> int:
    """A free port that no outgoing connection gets while the server is down."""
    for port in range(20_000, 30_000):
        with contextlib.suppress(OSError), socket.socket() as probe:
            probe.bind(("127.0.0.1", port))
            return port
    raise SystemExit("No port is free.")


class Host:
    """The server under test, which can be killed and comes back."""

    def __init__(self, home: Path) -> None:
        self.home, self.failed = home, list[str]()
        self.port = lasting_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.process = self.begin()

    def begin(self) -> subprocess.Popen[Any]:
        """Start it and wait until it answers; again, as whoever supervises it does, and noted."""
        for _ in range(STARTS):
            process = start_server(self.home, self.port, HOSTED)
            try:
                wait_for(f"{self.url}/_stcore/health")
            except SystemExit:
                process.kill()
                process.wait()
                self.failed.append((self.home / "server.log").read_text(encoding="utf-8")[-600:])
                print(f"no start: {self.failed[-1]}", file=sys.stderr, flush=True)
                continue
            return process
        raise SystemExit(f"The server did not start, {STARTS} times.")

    def kill(self) -> None:
        """As the power does; then start it again."""
        self.process.kill()
        self.process.wait()
        self.process = self.begin()

    def end(self) -> None:
        """Stop it and its workers."""
        self.process.kill()
        self.process.wait()
        for pid in workers(self.home):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def workers(home: Path) -> list[int]:
    """Process ids of the lanes' workers."""
    with contextlib.closing(sqlite3.connect(home / FILE, timeout=30)) as link:
        found = link.execute("SELECT pid FROM workers WHERE pid > 0").fetchall()
    return [pid for (pid,) in found if Path(f"/proc/{pid}").exists()]


def kill_worker(host: Host, dice: random.Random) -> None:
    """As the memory's killer does."""
    if pids := workers(host.home):
        with contextlib.suppress(ProcessLookupError):
            os.kill(dice.choice(pids), signal.SIGKILL)


def freeze_worker(host: Host, dice: random.Random) -> None:
    """A laptop that sleeps, or a clock that jumps: silence, then it speaks again."""
    if pids := workers(host.home):
        pid = dice.choice(pids)
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGSTOP)
            time.sleep(FROZEN)
            os.kill(pid, signal.SIGCONT)


def kill_server(host: Host, dice: random.Random) -> None:
    """The server dies and is started again."""
    host.kill()


def hold_database(host: Host, dice: random.Random) -> None:
    """Another process keeps the write lock."""
    with contextlib.closing(
        sqlite3.connect(host.home / FILE, timeout=30, isolation_level=None)
    ) as link:
        link.execute("BEGIN IMMEDIATE")
        time.sleep(dice.uniform(*HELD))
        link.execute("ROLLBACK")


def fill_disk(host: Host, dice: random.Random) -> None:
    """No byte is left for some seconds; only where the store has a disk of its own."""
    if not os.path.ismount(host.home):
        return hold_database(host, dice)
    path = host.home / "filler"
    with contextlib.suppress(OSError), path.open("wb") as file:
        while True:
            file.write(bytes(2**20))
            file.flush()
    time.sleep(dice.uniform(2, 6))
    return path.unlink()


FAULTS = (kill_worker, freeze_worker, kill_server, hold_database, fill_disk)


async def learn(host: Host, notes: Notes, lessons: list[Lesson], until: float, seed: int) -> None:
    """Lock predictions and ask for runs by the calls that the pages make; note what was told."""
    dice, token = random.Random(seed), new_token()
    store = Store(host.home / FILE)
    book = Predictions(host.home / FILE)
    while time.monotonic() < until:
        await asyncio.sleep(dice.uniform(0.5, 3.0))
        act = predict if dice.random() < 0.4 else ask
        try:
            await asyncio.to_thread(act, store, book, notes, lessons, token, dice)
        except PlantEduError as error:
            notes.refused[type(error).__name__] += 1
    store.close()


def predict(
    store: Store,
    book: Predictions,
    notes: Notes,
    lessons: list[Lesson],
    token: str,
    dice: random.Random,
) -> None:
    """Lock one prediction that is still open."""
    lesson = dice.choice(lessons)
    one = dice.choice(lesson.predictions)
    choice, sure = dice.choice(one.keys), round(dice.uniform(0.35, 1.0), 2)
    if (token, lesson.stem, one.id) in notes.predictions:
        return
    made = book.commit(token, lesson.stem, one, choice, sure)
    notes.predictions[token, lesson.stem, one.id] = (made.choice, made.confidence)


def ask(
    store: Store,
    book: Predictions,
    notes: Notes,
    lessons: list[Lesson],
    token: str,
    dice: random.Random,
) -> None:
    """Ask for a replay or a short training; now and then cancel one."""
    if dice.random() < 0.7:
        request: dict[str, Any] = {"recording": "cross-0", "speed": dice.choice([60, "instant"])}
        run_id = store.submit("replay", request, lane="replay", learner=token, fresh=True)
        lane = "replay"
    else:
        request = {"steps": 40, "pairs": 128, "probe_plants": 32, "seed": dice.randint(0, 20)}
        run_id = store.submit("train", request, lane="training", learner=token)
        lane = "training"
    notes.runs.setdefault(run_id, (json.dumps(request, sort_keys=True), token))
    with contextlib.suppress(PlantEduError):
        ensure_worker(lane, store=store)


async def trouble(host: Host, until: float, count: int, seed: int) -> Counter[str]:
    """So many faults, evenly at random over the time."""
    dice, done = random.Random(seed), Counter[str]()
    began = time.monotonic()
    for at in sorted(dice.uniform(began, until) for _ in range(count)):
        await asyncio.sleep(max(0.0, at - time.monotonic()))  # one that lasts delays the next
        fault = dice.choice(FAULTS)
        await asyncio.to_thread(fault, host, dice)
        done[fault.__name__] += 1
        print(f"{time.monotonic() - began:.0f} s: {fault.__name__}", file=sys.stderr, flush=True)
    return done


def lost(home: Path, notes: Notes) -> list[str]:
    """Every noted row that is not there, or is not what was noted."""
    found = []
    with contextlib.closing(sqlite3.connect(home / FILE, timeout=30)) as link:
        (whole,) = link.execute("PRAGMA integrity_check").fetchone()
        if whole != "ok":
            found.append(f"the database: {whole}")
        for run_id, (request, _) in notes.runs.items():
            row = link.execute("SELECT request FROM runs WHERE id = ?", (run_id,)).fetchone()
            if row is None or json.dumps(json.loads(row[0]), sort_keys=True) != request:
                found.append(f"run {run_id}")
        for (learner, lesson, item), told in notes.predictions.items():
            row = link.execute(
                "SELECT choice, confidence FROM predictions "
                "WHERE learner = ? AND lesson = ? AND item = ?",
                (learner, lesson, item),
            ).fetchone()
            if row != told:
                found.append(f"prediction {learner} {lesson} {item}")
    return found


def failures(home: Path) -> dict[str, int]:
    """Why runs failed, and how many."""
    with contextlib.closing(sqlite3.connect(home / FILE, timeout=30)) as link:
        rows = link.execute("SELECT error FROM runs WHERE state = 'failed'").fetchall()
    return dict(Counter(error[:80] for (error,) in rows))


def settle(home: Path, seconds: float) -> dict[str, int]:
    """States of all runs after the faults have ended and workers had time to finish."""
    store = Store(home / FILE)
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        states = Counter(run.state for run in store.runs(limit=100_000))
        if not states["running"] + states["queued"]:
            break
        for lane in ("replay", "training"):
            with contextlib.suppress(PlantEduError):  # rows are counted on a full disk, too
                ensure_worker(lane, store=store)
        time.sleep(1)
    states = Counter(run.state for run in store.runs(limit=100_000))
    store.close()
    return dict(states)


@contextlib.contextmanager
def disk(folder: Path) -> Iterator[Path]:
    """A small disk in a folder where we may mount one, else the folder."""
    words = ["mount", "-t", "tmpfs", "-o", f"size={DISK}", "tmpfs", str(folder)]
    mounted = os.geteuid() == 0 and subprocess.run(words, check=False).returncode == 0
    try:
        yield folder
    finally:
        if mounted:
            subprocess.run(["umount", "-l", str(folder)], check=False)


async def measure(home: Path, minutes: float, faults: int, learners: int) -> dict[str, Any]:
    """Learners and faults at once, then the count."""
    host, notes = Host(home), Notes()
    lessons = [one for one in lessons_in(ROOT / "lessons") if one.predictions]
    until = time.monotonic() + 60 * minutes
    try:
        sessions = [learn(host, notes, lessons, until, seed) for seed in range(learners)]
        done, *_ = await asyncio.gather(trouble(host, until, faults, 1), *sessions)
        states = settle(home, 60 + 60 * minutes)
        return {
            "faults": dict(done),
            "told kept": len(notes.runs) + len(notes.predictions),
            "runs": len(notes.runs),
            "predictions": len(notes.predictions),
            "refused": dict(notes.refused),
            "starts that failed": len(host.failed),
            "states": states,
            "failed": failures(home),
            "lost": lost(home, notes),
        }
    finally:
        host.end()


def main() -> None:
    """Print what was lost."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--faults", type=int, default=200)
    parser.add_argument("--learners", type=int, default=12)
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, disk(Path(folder)) as home:
        found = asyncio.run(measure(home, chosen.minutes, chosen.faults, chosen.learners))
    print(json.dumps(found) if chosen.json else "\n".join(f"{k}: {v}" for k, v in found.items()))


if __name__ == "__main__":
    main()
