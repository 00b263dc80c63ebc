"""How long a waiting run will wait: what is left of the run in front, what those before it take."""

import heapq
import sqlite3
from statistics import median

from plantedu.store import leases
from plantedu.store.limits import limits
from plantedu.store.run import Run, find

LATELY = 20  # runs of a kind that the median is taken over

BUSY = "SELECT id FROM runs WHERE lane = ? AND state = 'running'"
PACE = (
    "SELECT value FROM metrics WHERE run = ? AND name = 'steps_per_second' ORDER BY step DESC "
    "LIMIT 1"
)
TURN = "SELECT max(time) AS began FROM events WHERE run = ? AND name IN ('start', 'turn')"

TOOK = """
SELECT max(ended - started, 0) AS took FROM runs WHERE lane = ? AND kind = ? AND state = 'done'
    AND started IS NOT NULL ORDER BY number DESC LIMIT ?
"""


def before(link: sqlite3.Connection, run: Run) -> list[str]:
    """Ids of the waiting runs that come before a waiting run; none if it does not wait."""
    waiting = [row["id"] for row in link.execute(leases.WAITING, (run.lane,))]
    return waiting[: waiting.index(run.id)] if run.id in waiting else []


def seconds_left(link: sqlite3.Connection, run_id: str, now: float) -> float | None:
    """Seconds until a waiting run begins, about; None where nothing is known to tell by.

    Each run at work takes what it has left, each run before takes what its kind usually takes, and
    who comes next goes to whoever is free first. A training that others wait behind gives way when
    its turn is over.
    """
    run = find(link, run_id)[1]
    hands = [left(link, find(link, row["id"]), now) for row in link.execute(BUSY, (run.lane,))]
    waits = [whole(link, find(link, name)[1]) for name in before(link, run)]
    if None in hands or None in waits:
        return None
    free = [one or 0.0 for one in hands] or [0.0]
    heapq.heapify(free)
    for takes in waits:
        heapq.heapreplace(free, free[0] + (takes or 0.0))
    return free[0]


def left(link: sqlite3.Connection, found: tuple[int, Run], now: float) -> float | None:
    """Seconds that a run at work goes on, about: by its steps, else by what its kind takes."""
    number, run = found
    begun = now if run.started is None else run.started
    rate = link.execute(PACE, (number,)).fetchone()
    if rate is not None and run.steps and rate["value"] > 0:
        takes = (run.steps - run.step) / rate["value"]
    else:
        usual = typical(link, run)
        if usual is None:
            return None
        takes = usual - (now - begun)
    if limits().turn and run.kind in leases.RESUMABLE:
        turn = link.execute(TURN, (number,)).fetchone()["began"]
        takes = min(takes, limits().turn - (now - (begun if turn is None else turn)))
    return max(0.0, takes)


def whole(link: sqlite3.Connection, run: Run) -> float | None:
    """Seconds that a waiting run will take before the next one comes, about."""
    takes = typical(link, run)
    if limits().turn and run.kind in leases.RESUMABLE:
        return limits().turn if takes is None else min(takes, limits().turn)
    return takes


def typical(link: sqlite3.Connection, run: Run) -> float | None:
    """Median seconds of the last runs of this kind; None where none has ended."""
    rows = link.execute(TOOK, (run.lane, run.kind, LATELY)).fetchall()
    return median(row["took"] for row in rows) if rows else None
