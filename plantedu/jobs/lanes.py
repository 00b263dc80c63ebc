"""One worker a lane: a row says who it is, that it lives, and whether it should leave.

A row instead of a lock file or a process id: it works on Linux, macOS and Windows alike, and a
process id may belong to somebody else by now.
"""

import time
from sqlite3 import Row

from plantedu.store.store import Store
from plantedu.store.version import code_version

FREE_AFTER = 6.0  # seconds without a heartbeat until another worker may have the lane
START_TAKES = 20.0  # seconds that a started worker has until another one is started
LOOKING = 0.5  # seconds that a look at a page may wait for another process
BORN = time.monotonic()  # when this process began, about


def claim_lane(store: Store, lane: str, worker: str, pid: int) -> bool:
    """Make `worker` the one worker of the lane, unless another one lives."""
    now = store.clock()
    with store.database.write() as link:
        row = link.execute("SELECT * FROM workers WHERE lane = ?", (lane,)).fetchone()
        if row is not None and row["worker"] != worker and alive(row, now):
            return False
        link.execute(
            "INSERT OR REPLACE INTO workers (lane, worker, pid, code_version, started, heartbeat) "
            "VALUES (?, ?, ?, ?, ?, ?)",
            (lane, worker, pid, code_version(), now, now),
        )
    return True


def beat_lane(store: Store, lane: str, worker: str) -> str:
    """Say that the lane's worker lives: "stay", "leave" (newer code waits) or "lost"."""
    with store.database.write(lasting=False) as link:
        row = link.execute("SELECT worker, wish FROM workers WHERE lane = ?", (lane,)).fetchone()
        if row is None or row["worker"] != worker:
            return "lost"
        link.execute("UPDATE workers SET heartbeat = ? WHERE lane = ?", (store.clock(), lane))
        return row["wish"] or "stay"


def free_lane(store: Store, lane: str, worker: str) -> None:
    """Let another worker have the lane at once."""
    with store.database.write() as link:
        link.execute("DELETE FROM workers WHERE lane = ? AND worker = ?", (lane, worker))


def lane_worker(store: Store, lane: str) -> Row | None:
    """The row of the lane's living worker; None where there is none."""
    with store.database.read() as link:
        row = link.execute("SELECT * FROM workers WHERE lane = ?", (lane,)).fetchone()
    return row if row is not None and alive(row, store.clock()) else None


def alive(row: Row, now: float) -> bool:
    """Whether the worker of this row has spoken lately."""
    return bool(row["worker"]) and abs(now - row["heartbeat"]) <= FREE_AFTER


def outdated(row: Row, now: float) -> bool:
    """Whether the worker of this row runs other code, read before this process began."""
    born = now - (time.monotonic() - BORN)
    return row["code_version"] != code_version() and row["started"] < born


def want_worker(store: Store, lane: str) -> bool:
    """Whether a worker must be started now; remembers that one is, for `START_TAKES` seconds.

    A living worker with older code than this process is asked to leave after its present run. A
    worker that began after this process read the sources later, so its code is not older.
    """
    living, now = lane_worker(store, lane), store.clock()
    if living is not None and not outdated(living, now):
        return False
    with store.database.write(lasting=False, patience=LOOKING) as link:
        if living is not None:
            link.execute(
                "UPDATE workers SET wish = 'leave' WHERE lane = ? AND worker = ?",
                (lane, living["worker"]),
            )
        row = link.execute("SELECT starting FROM workers WHERE lane = ?", (lane,)).fetchone()
        if row is not None and abs(now - row["starting"]) < START_TAKES:
            return False
        link.execute(
            "INSERT INTO workers (lane, starting) VALUES (?, ?) "
            "ON CONFLICT (lane) DO UPDATE SET starting = excluded.starting",
            (lane, now),
        )
    return True
