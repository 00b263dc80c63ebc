"""Faults at random while learners work: is anything lost that was acknowledged?

    uv run python -m benchmarks.faults [--minutes 60] [--faults 200] [--learners 12] [--json]

A fresh store and server as in `hosted`, with the store on a small disk of its own where we may
mount one, and a keeper that copies it to a mount every five seconds. Learners lock predictions and
ask for runs, and twice sixty of them ask for a replay at once; each answer that they were shown is
noted here, outside the store (`acknowledged`). Faults: a worker killed, a worker frozen for longer
than its lease, the server killed and started again, the database held by another process, the disk
filled, the mount of the snapshots gone for some seconds. At the end every noted row is looked up,
in the store and in one that is brought back from the mount: it must be there, unchanged. Runs that
failed are counted by their reason, beside the faults that came in their time.
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
from pathlib import Path
from typing import Any

from benchmarks.acknowledged import Notes, ask_for_replays, failures, learn, lost
from benchmarks.live_page import HOSTED, ROOT, start_server, wait_for
from benchmarks.mounts import Mount, brought_back, kept
from plantedu.course.lessons import lessons_in
from plantedu.errors import PlantEduError
from plantedu.jobs.launch import ensure_worker
from plantedu.store.store import FILE, Store

DISK = "2g"  # of the store, where it can be mounted; an hour of fresh replays fills more than 400m
STARTS = 3  # tries to start the server
HELD = (1.0, 8.0)  # seconds that the database is held; the patience of a page is 5
FROZEN = 13.0  # seconds; a lease is lost after 10
REPLAYS = 60  # at once
Fault = tuple[str, float, float]  # its name, when it began and ended


def lasting_port() -> int:
    """A free port that no outgoing connection gets while the server is down."""
    for port in range(20_000, 30_000):
        with contextlib.suppress(OSError), socket.socket() as probe:
            probe.bind(("127.0.0.1", port))
            return port
    raise SystemExit("No port is free.")


class Host:
    """The server under test, which can be killed and comes back."""

    def __init__(
        self, home: Path, mount: Mount | None = None, setting: dict[str, str] = HOSTED
    ) -> None:
        self.home, self.mount, self.failed = home, mount, list[str]()
        self.setting = setting
        self.port = lasting_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.process = self.begin()

    def begin(self) -> subprocess.Popen[Any]:
        """Start it and wait until it answers; again, as whoever supervises it does, and noted."""
        for _ in range(STARTS):
            process = start_server(self.home, self.port, self.setting)
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


def lose_mount(host: Host, dice: random.Random) -> None:
    """The disk of the snapshots vanishes, and comes late."""
    if host.mount is not None:
        host.mount.lose(dice)


FAULTS = (kill_worker, freeze_worker, kill_server, hold_database, fill_disk, lose_mount)


async def trouble(host: Host, until: float, count: int, seed: int) -> list[Fault]:
    """So many faults, evenly at random over the time; each kind comes in turn."""
    dice, done = random.Random(seed), list[Fault]()
    began = time.monotonic()
    kinds = [FAULTS[k % len(FAULTS)] for k in range(count)]
    dice.shuffle(kinds)
    whens = sorted(dice.uniform(began, until) for _ in range(count))
    for at, fault in zip(whens, kinds, strict=True):
        await asyncio.sleep(max(0.0, at - time.monotonic()))  # one that lasts delays the next
        since = time.time()
        await asyncio.to_thread(fault, host, dice)
        done.append((fault.__name__, since, time.time()))
        print(f"{time.monotonic() - began:.0f} s: {fault.__name__}", file=sys.stderr, flush=True)
    return done


async def rush(home: Path, notes: Notes, minutes: float) -> None:
    """Sixty replays at once, after a quarter and after three quarters of the time."""
    for part in (0.25, 0.5):
        await asyncio.sleep(60 * minutes * part)
        await asyncio.to_thread(ask_for_replays, home, notes, REPLAYS)


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
    notes = Notes()
    lessons = [one for one in lessons_in(ROOT / "lessons") if one.predictions]
    Store(home / FILE).close()  # the keeper finds one
    with kept(home) as mount, tempfile.TemporaryDirectory() as back:
        host = Host(home, mount)
        until = time.monotonic() + 60 * minutes
        try:
            sessions = [learn(home, notes, lessons, until, seed) for seed in range(learners)]
            sessions.append(rush(home, notes, minutes))
            done = (await asyncio.gather(trouble(host, until, faults, 1), *sessions))[0]
            assert done is not None
            states = settle(home, 60 + 60 * minutes)
        finally:
            host.end()
        again = brought_back(home, mount, Path(back))
        return {
            "faults": dict(Counter(name for name, _, _ in done)),
            "acknowledged": len(notes.runs) + len(notes.predictions),
            "runs": len(notes.runs),
            "predictions": len(notes.predictions),
            "refused": dict(notes.refused),
            "starts that failed": len(host.failed),
            "states": states,
            "failed": failures(home, done),
            "lost": lost(home, notes),
            **again,
            "lost in the restored store": lost(Path(back), notes),
        }


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
