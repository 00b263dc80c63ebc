"""How long a waiting run will wait: what such runs took lately, added up over those before it."""

import sqlite3
from statistics import median

from plantedu.store import leases
from plantedu.store.run import Run, find

LATELY = 20  # runs of a kind that the median is taken over

TOOK = """
SELECT max(ended - started, 0) AS took FROM runs WHERE lane = ? AND kind = ? AND state = 'done'
    AND started IS NOT NULL ORDER BY number DESC LIMIT ?
"""


def before(link: sqlite3.Connection, run: Run) -> list[str]:
    """Ids of the waiting runs that come before a waiting run; none if it does not wait."""
    waiting = [row["id"] for row in link.execute(leases.WAITING, (run.lane,))]
    return waiting[: waiting.index(run.id)] if run.id in waiting else []


def seconds_left(link: sqlite3.Connection, run_id: str, now: float) -> float | None:
    """Seconds until a waiting run begins, about; None where no run of some kind has ended yet."""
    run = find(link, run_id)[1]
    known: dict[str, float | None] = {}
    left = 0.0
    busy = link.execute(
        "SELECT id FROM runs WHERE lane = ? AND state = 'running'", (run.lane,)
    ).fetchall()
    working = [find(link, row["id"])[1] for row in busy]
    for one in (*working, *(find(link, name)[1] for name in before(link, run))):
        if one.kind not in known:
            known[one.kind] = typical(link, one)
        takes = known[one.kind]
        if takes is None:
            return None
        begun = one.started if one.state == "running" and one.started is not None else now
        left += max(0.0, takes - (now - begun))
    return left


def typical(link: sqlite3.Connection, run: Run) -> float | None:
    """Median seconds of the last runs of this kind; None where none has ended."""
    rows = link.execute(TOOK, (run.lane, run.kind, LATELY)).fetchall()
    return median(row["took"] for row in rows) if rows else None
