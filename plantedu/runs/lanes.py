"""One worker a lane: a row says who it is, that it lives, and whether it should leave.

A row instead of a lock file or a process id: it works on Linux, macOS and Windows alike, and a
process id may belong to somebody else by now.
"""

import sqlite3

LANE_FREE_AFTER = 6.0  # seconds without a heartbeat until another worker may have the lane
START_TAKES = 20.0  # seconds that a started worker has until another one is started


def claim_lane(
    link: sqlite3.Connection, lane: str, worker: str, pid: int, code: str, now: float
) -> bool:
    """Make `worker` the one worker of the lane, unless another one lives."""
    found = link.execute("SELECT * FROM workers WHERE lane = ?", (lane,)).fetchone()
    if found is not None and found["worker"] not in ("", worker) and lane_alive(found, now):
        return False
    link.execute(
        "INSERT OR REPLACE INTO workers (lane, worker, pid, code_version, wish, heartbeat, "
        "starting) VALUES (?, ?, ?, ?, '', ?, 0)",
        (lane, worker, pid, code, now),
    )
    return True


def lane_alive(row: sqlite3.Row, now: float) -> bool:
    """Whether the worker of this row has spoken lately."""
    return bool(row["worker"]) and abs(now - row["heartbeat"]) <= LANE_FREE_AFTER


def beat_lane(link: sqlite3.Connection, lane: str, worker: str, now: float) -> str:
    """Note that the lane's worker lives; "stay", "leave" (newer code waits) or "lost"."""
    row = link.execute("SELECT worker, wish FROM workers WHERE lane = ?", (lane,)).fetchone()
    if row is None or row["worker"] != worker:
        return "lost"
    link.execute("UPDATE workers SET heartbeat = ? WHERE lane = ?", (now, lane))
    return row["wish"] or "stay"


def free_lane(link: sqlite3.Connection, lane: str, worker: str) -> None:
    """Let another worker have the lane at once."""
    link.execute(
        "UPDATE workers SET worker = '', heartbeat = 0 WHERE lane = ? AND worker = ?",
        (lane, worker),
    )


def want_worker(
    link: sqlite3.Connection, lane: str, code: str, now: float, patience: float = START_TAKES
) -> bool:
    """Whether a worker must be started now; remembers that one is, for `patience` seconds.

    A living worker that runs other code is asked to leave after its present run.
    """
    row = link.execute("SELECT * FROM workers WHERE lane = ?", (lane,)).fetchone()
    if row is not None and lane_alive(row, now):
        if row["code_version"] == code:
            return False
        link.execute("UPDATE workers SET wish = 'leave' WHERE lane = ?", (lane,))
    if row is not None and abs(now - row["starting"]) < patience:
        return False
    link.execute(
        "INSERT INTO workers (lane, starting) VALUES (?, ?) "
        "ON CONFLICT (lane) DO UPDATE SET starting = excluded.starting",
        (lane, now),
    )
    return True
