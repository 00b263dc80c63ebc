"""Generations of a store on another disk: which there are, which are sound, which are kept.

A generation is one whole database, `generations/NUMBER-TIME-STORE-ROWS.sqlite`; none ever
replaces another. NUMBER counts up, so a clock that jumps changes no order. STORE is a random number
that a database bears from its birth (SQLite's application_id): a younger store, made because the
disk with the snapshots came late, gets generations of its own beside those of the older one. ROWS
is the length of its history: rows that were acknowledged to learners, runs ever asked for, and rows
that learners have deleted since (`course.record`): a deletion makes no history shorter, so that the
generation before it goes in its time.

Kept of each store: the newest `NEWEST`, the last of each of `HOURS` hours and of `DAYS` days, and
the one with the longest history. A store that is not the newest and has been silent for `DAYS`
days keeps its last and its longest.
"""

import contextlib
import re
import sqlite3
import time
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from plantedu.store.database import SCHEMA_VERSION, new_identity

FOLDER = "generations"
NEWEST, HOURS, DAYS = 5, 24, 14
NAME = re.compile(r"(\d{8})-(\d{8}T\d{6})-([0-9a-f]{8})-(\d+)\.sqlite")
STAMP = "%Y%m%dT%H%M%S"
FORGOTTEN = "forgotten"  # a table: how many rows learners have deleted, and when
ACKNOWLEDGED = (
    "predictions",
    "progress",
    "claims",
    "members",
)  # rows that a learner was shown as kept


@dataclass(frozen=True)
class Generation:
    """One database on the disk of snapshots.

    Attributes:
        path: Where it lies.
        number: Its place in the order in which they were made; -1 for the one file of old.
        stamp: When it was made, UTC, as in its name.
        store: Which store it is of, eight hexadecimal digits; zeros where nobody knows.
        rows: How long its history is.
    """

    path: Path
    number: int
    stamp: str
    store: str
    rows: int

    @property
    def hour(self) -> str:
        return self.stamp[:11]

    @property
    def day(self) -> str:
        return self.stamp[:8]


def name_of(number: int, store: str, rows: int, now: float) -> str:
    """The file name of a generation."""
    return f"{number:08d}-{time.strftime(STAMP, time.gmtime(now))}-{store}-{rows}.sqlite"


def generations(folder: Path) -> list[Generation]:
    """Generations in a folder by their names, the newest first; opens none."""
    with contextlib.suppress(FileNotFoundError):
        found = [
            Generation(path, int(match[1]), match[2], match[3], int(match[4]))
            for path in (Path(folder) / FOLDER).iterdir()
            if (match := NAME.fullmatch(path.name))
        ]
        return sorted(found, key=lambda one: (one.number, one.stamp), reverse=True)
    return []


def identity(link: sqlite3.Connection) -> str:
    """Which store a database is of; zeros for one from before stores had a number."""
    return f"{link.execute('PRAGMA application_id').fetchone()[0] & 0xFFFFFFFF:08x}"


def christen(path: Path) -> None:
    """Give a store from before stores had a number one, if it can be written to."""
    with (
        contextlib.suppress(sqlite3.Error),
        closing(sqlite3.connect(path, timeout=1, isolation_level=None)) as link,
    ):
        link.execute("BEGIN IMMEDIATE")
        if identity(link) == "00000000":
            link.execute(f"PRAGMA application_id={new_identity()}")
        link.execute("COMMIT")


def history(path: Path) -> tuple[str, int]:
    """Which store a database is of, and how long its history is.

    Not `quick_check`: SQLite 3.40 calls sound tables WITHOUT ROWID broken there.

    Raises:
        sqlite3.Error: for a file of no bytes, no database, one whose pages do not hang together,
            or one that is not plantedu's; NotSupportedError for one of a newer plantedu.
    """
    if not path.stat().st_size:
        raise sqlite3.DatabaseError("it has 0 bytes")
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as link:
        (answer,) = link.execute("PRAGMA integrity_check(1)").fetchone()
        if answer != "ok":
            raise sqlite3.DatabaseError(answer)
        layout = link.execute("PRAGMA user_version").fetchone()[0]
        if layout > SCHEMA_VERSION:
            raise sqlite3.NotSupportedError(f"a newer plantedu wrote it (layout {layout})")
        if layout < 1:
            raise sqlite3.DatabaseError("it is no store of plantedu")
        (rows,) = link.execute("SELECT coalesce(max(number), 0) FROM runs").fetchone()
        there = {name for (name,) in link.execute("SELECT name FROM sqlite_master")}
        for table in ACKNOWLEDGED:
            if table in there:
                rows += link.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
        if FORGOTTEN in there:
            rows += link.execute(f"SELECT coalesce(sum(rows), 0) FROM {FORGOTTEN}").fetchone()[0]
        return identity(link), rows


def run_ids(path: Path) -> set[str]:
    """Ids of the runs in a generation."""
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as link:
        return {run_id for (run_id,) in link.execute("SELECT id FROM runs")}


def best(found: Iterable[Generation]) -> Generation | None:
    """Which to bring back: of each store the newest; of those the one with the longest history."""
    newest: dict[str, Generation] = {}
    for one in sorted(found, key=lambda one: one.number, reverse=True):
        newest.setdefault(one.store, one)
    return max(newest.values(), key=lambda one: (one.rows, one.number), default=None)


def superfluous(found: Sequence[Generation], now: float) -> list[Generation]:
    """Which generations may go; see the head of this module."""
    keep: set[Path] = set()
    long_ago = time.strftime(STAMP, time.gmtime(now - DAYS * 86_400))
    for store in {one.store for one in found}:
        mine = sorted((one for one in found if one.store == store), key=lambda one: -one.number)
        keep |= {mine[0].path, max(mine, key=lambda one: (one.rows, one.number)).path}
        current = mine[0].number == max(one.number for one in found)
        if not current and mine[0].stamp < long_ago:
            continue
        keep |= {one.path for one in mine[:NEWEST]}
        keep |= {one.path for one in islice(last_of(mine, "hour"), HOURS)}
        keep |= {one.path for one in islice(last_of(mine, "day"), DAYS)}
    return [one for one in found if one.path not in keep]


def last_of(mine: Sequence[Generation], part: str) -> Iterable[Generation]:
    """The newest of each hour or day, the newest first."""
    seen: set[str] = set()
    for one in mine:
        when = getattr(one, part)
        if when not in seen:
            seen.add(when)
            yield one
