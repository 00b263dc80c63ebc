"""Metric and event rows: written in batches, read by name and step."""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from plantedu.store.run import Event, Metric
from plantedu.store.series import Series

# What happened to the run rather than in it: kept when a training goes back to a checkpoint.
LIFE = ("start", "paused", "resumed", "worker lost", "worker back", "given back")

NAMES = """
WITH RECURSIVE found (name) AS (
    SELECT min(name) FROM metrics WHERE run = :run
    UNION ALL
    SELECT (SELECT min(name) FROM metrics WHERE run = :run AND name > found.name)
    FROM found WHERE found.name IS NOT NULL
) SELECT name FROM found WHERE name IS NOT NULL
"""


# Of a stretch of steps the row with the least, the greatest, or no value: SQLite takes the other
# columns from the row that min() or max() found.
OF = "FROM metrics WHERE run = ? AND name = ?"
STRETCH = f"{OF} AND step >= ? AND step < ?"
LEAST = (
    "SELECT step, min(value) AS value, low, high, seconds, count(*) - count(value) AS missing "
    f"{STRETCH}"
)
GREATEST = f"SELECT step, max(value) AS value, low, high, seconds {STRETCH}"
MISSING = f"SELECT step, value, low, high, seconds {STRETCH} AND value IS NULL LIMIT 1"
A_STRETCH = 3  # points at most: its least, its greatest, its first missing


def log(link: sqlite3.Connection, number: int, rows: Iterable[Metric], seconds: float) -> None:
    """Write metrics; a row of the same name and step is replaced."""
    link.executemany(
        "INSERT OR REPLACE INTO metrics VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            (
                number,
                row.name,
                row.step,
                row.value,
                row.low,
                row.high,
                seconds if row.seconds is None else row.seconds,
            )
            for row in rows
        ),
    )


def names(link: sqlite3.Connection, number: int) -> list[str]:
    """The metrics that a run has, found by skipping through the index."""
    return [row[0] for row in link.execute(NAMES, {"run": number})]


def read(
    link: sqlite3.Connection, number: int, wanted: Sequence[str] | None, after: int | None
) -> dict[str, Series]:
    """Series by name, each in step order; names without a row are left out."""
    found = {}
    for name in names(link, number) if wanted is None else wanted:
        rows = link.execute(
            "SELECT step, value, low, high, seconds FROM metrics "
            "WHERE run = ? AND name = ? AND step > ? ORDER BY step",
            (number, name, -1 if after is None else after),
        ).fetchall()
        if rows:
            found[name] = series(rows)
    return found


def thinned(
    link: sqlite3.Connection, number: int, wanted: Sequence[str] | None, most: int
) -> dict[str, Series]:
    """Series of at most `most` points: the least, greatest and first missing of equal stretches.

    The database looks through the rows and hands over only those that are drawn.
    """
    found = {}
    for name in names(link, number) if wanted is None else wanted:
        more = f"SELECT 1 {OF} LIMIT 1 OFFSET ?"
        if link.execute(more, (number, name, most)).fetchone() is None:
            found |= read(link, number, [name], None)
            continue
        (first,), (last,) = (
            link.execute(f"SELECT step {OF} ORDER BY step {way} LIMIT 1", (number, name)).fetchone()
            for way in ("ASC", "DESC")
        )
        count = most // A_STRETCH
        edges = [first + (last + 1 - first) * k // count for k in range(count + 1)]
        rows = {}
        for stretch in pairwise(edges):
            rows |= {row["step"]: row for row in _ends(link, (number, name, *stretch))}
        found[name] = series([tuple(rows[step])[:5] for step in sorted(rows)])
    return found


def _ends(link: sqlite3.Connection, stretch: tuple[int, str, int, int]) -> Iterator[sqlite3.Row]:
    """The rows of a stretch that a chart needs; none of an empty one."""
    least = link.execute(LEAST, stretch).fetchone()
    if least["missing"]:
        yield link.execute(MISSING, stretch).fetchone()
    if least["value"] is not None:
        yield least
        yield link.execute(GREATEST, stretch).fetchone()


def series(rows: Sequence[Sequence[Any]]) -> Series:
    """Rows as arrays; SQLite keeps NaN as NULL, which comes back as NaN."""
    step, value, low, high, seconds = zip(*rows, strict=True)
    return Series(
        np.array(step, dtype=np.int64),
        np.array(value, dtype=np.float64),
        np.array(low, dtype=np.float64),
        np.array(high, dtype=np.float64),
        np.array(seconds, dtype=np.float64),
    )


def events(link: sqlite3.Connection, number: int) -> list[Event]:
    """Events in the order of their steps, then of their writing."""
    rows = link.execute(
        "SELECT step, name, detail, time, seconds FROM events WHERE run = ? ORDER BY step, number",
        (number,),
    )
    return [Event(**dict(row)) for row in rows]


def log_events(link: sqlite3.Connection, number: int, rows: Iterable[Event]) -> None:
    """Write events."""
    link.executemany(
        "INSERT INTO events (run, step, name, detail, time, seconds) VALUES (?, ?, ?, ?, ?, ?)",
        ((number, e.step, e.name, e.detail, e.time, e.seconds) for e in rows),
    )


def seconds(link: sqlite3.Connection, number: int) -> float:
    """The latest working time among a run's metrics; 0 without any."""
    found = link.execute("SELECT max(seconds) FROM metrics WHERE run = ?", (number,)).fetchone()
    return float(found[0] or 0.0)


def rewind(link: sqlite3.Connection, number: int, step: int) -> None:
    """Forget what was recorded after `step`; it is about to be recorded again."""
    link.execute("DELETE FROM metrics WHERE run = ? AND step > ?", (number, step))
    link.execute(
        "DELETE FROM events WHERE run = ? AND step > ? "
        f"AND name NOT IN ({', '.join('?' * len(LIFE))})",
        (number, step, *LIFE),
    )
    link.execute("UPDATE runs SET step = ? WHERE number = ?", (max(step, 0), number))
