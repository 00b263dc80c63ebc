"""How busy this machine is: workers, queues, memory and disk, for who hosts the course."""

import contextlib
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from plantedu.jobs.lanes import alive
from plantedu.store.retention import Held
from plantedu.store.retention import held as held_in
from plantedu.store.run import LANES
from plantedu.store.store import Store

LATELY = 3600.0  # seconds


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
class Load:
    """All lanes, and the disk of the store.

    Attributes:
        free: Bytes that are free on the disk of the store.
        used: Bytes of the store's database.
        held: All that plantedu holds on it, by kind.
    """

    lanes: tuple[Lane, ...]
    free: int
    used: int
    held: Held

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
        return "\n".join(lines)


def load(store: Store) -> Load:
    """How busy it is now."""
    now = store.clock()
    lanes = tuple(_lane(store, name, now) for name in LANES)
    files = [store.path, *(Path(f"{store.path}{end}") for end in ("-wal", "-shm"))]
    used = sum(path.stat().st_size for path in files if path.exists())
    home = store.path.parent
    return Load(lanes, shutil.disk_usage(home).free, used, held_in(home))


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
