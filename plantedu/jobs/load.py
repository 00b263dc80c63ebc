"""How busy this machine is: workers, queues, failures, snapshots, memory and disk, for its host."""

import contextlib
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from plantedu.jobs.lanes import alive
from plantedu.jobs.machine import Machine, machine
from plantedu.jobs.snapshot_note import SnapshotNote, last_snapshot
from plantedu.store.retention import Held
from plantedu.store.retention import held as held_in
from plantedu.store.run import LANES
from plantedu.store.store import Store

LATELY, DAY = 3600.0, 86_400.0  # seconds
FAILURES = 10  # of the newest runs that failed, shown with their reason


@dataclass(frozen=True)
class Lane:
    """One lane: its worker, and what became of the runs asked for within an hour.

    Attributes:
        name: training, analysis or replay.
        worker: Its process id; 0 where none lives.
        memory: Bytes that it and its children hold; 0 where that is not known.
        waiting, running: Runs, now.
        done, failed: Runs that ended within the hour.
        learners: Who waits or runs.
        oldest: Seconds that the first in line has waited; 0 where none waits.
    """

    name: str
    worker: int
    memory: int
    waiting: int
    running: int
    done: int
    failed: int
    learners: int
    oldest: float


@dataclass(frozen=True)
class Failure:
    """A run that failed.

    Attributes:
        run: Its id.
        kind: Of the run.
        ago: Seconds since it failed.
        reason: The sentence on its page.
    """

    run: str
    kind: str
    ago: float
    reason: str


@dataclass(frozen=True)
class Load:
    """All lanes, the machine, and the disk of the store.

    Attributes:
        free: Bytes that are free on the disk of the store.
        used: Bytes of the store's database.
        held: All that plantedu holds on it, by kind.
        machine: Cores and memory.
        snapshot: The last try to write a snapshot; None where none was tried.
        failures: The newest failed runs of the last day, the newest first.
        classes, members: Classes, and learners in them.
        seen: Learners who came within the hour; only a shared host notes visits.
    """

    lanes: tuple[Lane, ...]
    free: int
    used: int
    held: Held
    machine: Machine
    snapshot: SnapshotNote | None
    failures: tuple[Failure, ...]
    classes: int
    members: int
    seen: int

    def __str__(self) -> str:
        head = f"{'lane':<10}{'worker':>9}{'MB':>7}{'waiting':>9}{'running':>9}{'done':>7}"
        lines = [f"{head}{'failed':>8}{'learners':>10}{'waits s':>9}"]
        for one in self.lanes:
            worker = str(one.worker) if one.worker else "none"
            lines.append(
                f"{one.name:<10}{worker:>9}{one.memory / 1e6:>7.0f}{one.waiting:>9}"
                f"{one.running:>9}{one.done:>7}{one.failed:>8}{one.learners:>10}{one.oldest:>9.0f}"
            )
        lines.append(f"disk: {self.free / 1e9:.1f} GB free; store: {self.used / 1e6:.1f} MB")
        lines.append(str(self.held))
        lines.append(str(self.machine))
        snapshot = "snapshot: none was tried" if self.snapshot is None else str(self.snapshot)
        lines.append(snapshot)
        lines.append(
            f"classes: {self.classes} with {self.members} learners; {self.seen} learners came "
            "within the hour"
        )
        lines += [
            f"failed: {one.kind} {one.run}, {one.ago / 60:.0f} min ago: {one.reason}"
            for one in self.failures
        ]
        return "\n".join(lines)


def load(store: Store) -> Load:
    """How busy it is now."""
    now = store.clock()
    lanes = tuple(_lane(store, name, now) for name in LANES)
    files = [store.path, *(Path(f"{store.path}{end}") for end in ("-wal", "-shm"))]
    used = sum(path.stat().st_size for path in files if path.exists())
    home = store.path.parent
    classes, members, seen = _people(store, now)
    return Load(
        lanes,
        free=shutil.disk_usage(home).free,
        used=used,
        held=held_in(home),
        machine=machine(),
        snapshot=last_snapshot(home),
        failures=_failures(store, now),
        classes=classes,
        members=members,
        seen=seen,
    )


def _failures(store: Store, now: float) -> tuple[Failure, ...]:
    with store.database.read() as link:
        rows = link.execute(
            "SELECT id, kind, ended, error FROM runs WHERE state = 'failed' AND ended > ? "
            "ORDER BY ended DESC LIMIT ?",
            (now - DAY, FAILURES),
        ).fetchall()
    return tuple(
        Failure(row["id"], row["kind"], max(0.0, now - row["ended"]), row["error"]) for row in rows
    )


def _people(store: Store, now: float) -> tuple[int, int, int]:
    """Classes, their members, and learners who came within the hour."""
    with store.database.read() as link:
        there = {row["name"] for row in link.execute("SELECT name FROM sqlite_master")}
        found = [
            link.execute(f"SELECT count(*) FROM {table}").fetchone()[0] if table in there else 0
            for table in ("classes", "members")
        ]
        seen = "SELECT count(*) FROM visitors WHERE seen > ?"
        return found[0], found[1], link.execute(seen, (now - LATELY,)).fetchone()[0]


def _lane(store: Store, name: str, now: float) -> Lane:
    with store.database.read() as link:
        worker = link.execute("SELECT * FROM workers WHERE lane = ?", (name,)).fetchone()
        states = dict(
            link.execute(
                "SELECT state, count(*) FROM runs WHERE lane = ? AND "
                "(state IN ('queued', 'running') OR ended > ?) GROUP BY state",
                (name, now - LATELY),
            ).fetchall()
        )
        learners, oldest = link.execute(
            "SELECT count(DISTINCT learner), min(CASE state WHEN 'queued' THEN created END) "
            "FROM runs WHERE lane = ? AND state IN ('queued', 'running')",
            (name,),
        ).fetchone()
    pid = worker["pid"] if worker is not None and alive(worker, now) else 0
    return Lane(
        name,
        worker=pid,
        memory=held(pid) + sum(map(held, children(pid))),
        waiting=states.get("queued", 0),
        running=states.get("running", 0),
        done=states.get("done", 0),
        failed=states.get("failed", 0),
        learners=learners,
        oldest=0.0 if oldest is None else max(0.0, now - oldest),
    )


def children(pid: int) -> list[int]:
    """Processes that a process has started; none where the system does not tell."""
    if not pid:
        return []
    found = []
    for path in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(OSError):
            found += [int(word) for word in path.read_text(encoding="ascii").split()]
    return found


def held(pid: int) -> int:
    """Bytes of memory that a process holds; 0 where the system does not tell."""
    if not pid or sys.platform != "linux":
        return 0
    try:
        words = Path(f"/proc/{pid}/status").read_text(encoding="ascii").split("VmRSS:")[1].split()
    except (OSError, IndexError):
        return 0
    return int(words[0]) * 1024
