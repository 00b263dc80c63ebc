"""The one SQLite file: opening it, its tables, and errors that say what to do.

Write-ahead logging, so that pages read while a training writes. Writers take the lock at once
(`BEGIN IMMEDIATE`), write and let go; none of them computes while holding it.
"""

import secrets
import sqlite3
import time
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from plantedu.errors import DiskFullError, PlantEduError
from plantedu.runs.limits import limits

SCHEMA_VERSION = 1
SCHEMA = """
CREATE TABLE IF NOT EXISTS runs (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    lane TEXT NOT NULL,
    state TEXT NOT NULL,
    wish TEXT NOT NULL DEFAULT '',
    request TEXT NOT NULL,
    key TEXT NOT NULL,
    name TEXT NOT NULL,
    learner TEXT NOT NULL,
    code_version TEXT NOT NULL,
    packages TEXT NOT NULL,
    data_hash TEXT NOT NULL,
    created REAL NOT NULL,
    started REAL,
    ended REAL,
    heartbeat REAL,
    worker TEXT NOT NULL DEFAULT '',
    error TEXT NOT NULL DEFAULT '',
    step INTEGER NOT NULL DEFAULT 0,
    steps INTEGER NOT NULL DEFAULT 0,
    parent TEXT,
    result TEXT,
    attempts INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX IF NOT EXISTS runs_by_key ON runs (key, state);
CREATE INDEX IF NOT EXISTS runs_by_lane ON runs (lane, state);
CREATE TABLE IF NOT EXISTS shares (
    run INTEGER NOT NULL, learner TEXT NOT NULL, PRIMARY KEY (learner, run)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS metrics (
    run INTEGER NOT NULL,
    name TEXT NOT NULL,
    step INTEGER NOT NULL,
    value REAL, low REAL, high REAL, seconds REAL,
    PRIMARY KEY (run, name, step)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS events (
    number INTEGER PRIMARY KEY,
    run INTEGER NOT NULL,
    step INTEGER NOT NULL,
    name TEXT NOT NULL,
    detail TEXT NOT NULL,
    time REAL NOT NULL,
    seconds REAL
);
CREATE INDEX IF NOT EXISTS events_by_run ON events (run, step);
CREATE TABLE IF NOT EXISTS workers (
    lane TEXT PRIMARY KEY,
    worker TEXT NOT NULL DEFAULT '',
    pid INTEGER NOT NULL DEFAULT 0,
    code_version TEXT NOT NULL DEFAULT '',
    wish TEXT NOT NULL DEFAULT '',
    started REAL NOT NULL DEFAULT 0,
    heartbeat REAL NOT NULL DEFAULT 0,
    starting REAL NOT NULL DEFAULT 0
);
"""


class DatabaseBusyError(PlantEduError):
    """Another process held the database longer than the patience; nothing was written."""


class Database:
    """Connections to one file, each used by one thread at a time, kept for the next caller."""

    def __init__(self, path: Path, *, patience: float = 5.0) -> None:
        """Open or make the file at `path`; wait `patience` seconds for other writers.

        Raises:
            PlantEduError: if the file is no plantedu database, or cannot be opened.
        """
        self.path = Path(path)
        self.patience = patience
        self._idle: list[sqlite3.Connection] = []
        self._close = weakref.finalize(self, close_all, self._idle)
        with self._speaking():
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._prepare()

    def close(self) -> None:
        """Close every idle connection."""
        close_all(self._idle)

    @contextmanager
    def read(self) -> Iterator[sqlite3.Connection]:
        """A connection for reading; sees what was committed."""
        with self._speaking(), self._borrowed() as link:
            yield link

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """One transaction: all of it is written, or nothing.

        Raises:
            DatabaseBusyError: if another process keeps the lock longer than the patience.
            DiskFullError: if the disk is full.
        """
        with self._speaking(), self._borrowed() as link:
            link.execute("BEGIN IMMEDIATE")
            try:
                yield link
                link.execute("COMMIT")
            except BaseException:
                if link.in_transaction:
                    link.execute("ROLLBACK")
                raise

    @contextmanager
    def _borrowed(self) -> Iterator[sqlite3.Connection]:
        try:
            link = self._idle.pop()
        except IndexError:
            link = self._connect()
        try:
            yield link
        except sqlite3.Error:
            link.close()
            raise
        except BaseException:
            self._idle.append(link)
            raise
        else:
            self._idle.append(link)

    def _connect(self) -> sqlite3.Connection:
        link = sqlite3.connect(
            self.path, timeout=self.patience, isolation_level=None, check_same_thread=False
        )
        link.row_factory = sqlite3.Row
        link.execute("PRAGMA synchronous=NORMAL")
        return link

    def _prepare(self) -> None:
        """Make the tables; several processes may do so at once."""
        deadline = time.monotonic() + self.patience
        while True:
            try:
                with self._borrowed() as link:
                    if not self._prepared(link):
                        link.execute("PRAGMA journal_mode=WAL")
                        link.execute("BEGIN IMMEDIATE")
                        make_tables(link)
                        link.execute("COMMIT")
                return
            except sqlite3.OperationalError as error:
                if "locked" not in str(error) or time.monotonic() > deadline:
                    raise
                time.sleep(0.02)

    def _prepared(self, link: sqlite3.Connection) -> bool:
        """Whether the tables are there; needs no lock, so that a busy file opens at once."""
        found = link.execute("PRAGMA user_version").fetchone()[0]
        if found > SCHEMA_VERSION:
            raise PlantEduError(
                f"{self._called} was written by a newer plantedu (layout {found}, this one knows "
                f"{SCHEMA_VERSION}). Update plantedu, or set PLANTEDU_HOME to another folder."
            )
        return found == SCHEMA_VERSION

    @contextmanager
    def _speaking(self) -> Iterator[None]:
        """Turn what SQLite and the disk say into sentences."""
        try:
            yield
        except sqlite3.Error as error:
            raise self._said(error) from error
        except OSError as error:
            raise PlantEduError(
                f"{self._called} cannot be opened ({error.strerror}). Set PLANTEDU_HOME to a "
                "folder that you may write to."
            ) from error

    def _said(self, error: sqlite3.Error) -> PlantEduError:
        text = str(error)
        if "locked" in text or "busy" in text:
            return DatabaseBusyError(
                f"{self.path.name} is held by another process for more than "
                f"{self.patience:g} s; nothing was written. Close that process or try again."
            )
        if "full" in text or "disk I/O" in text:
            return DiskFullError(
                f"The disk that holds {self._called} is full; what was stored before is kept. "
                "Make room, then resume."
            )
        if "not a database" in text or "malformed" in text:
            return PlantEduError(
                f"{self._called} is damaged or no plantedu database ({text}). Move it away: a new "
                "one is made at the next start."
            )
        return PlantEduError(f"{self._called}: {text}.")

    @property
    def _called(self) -> str:
        """The file as errors name it: those who share a host learn no path of it."""
        return self.path.name if limits().private else str(self.path)


def new_identity() -> int:
    """A number for a new store; it fits SQLite's application_id, and 0 stands for none."""
    return secrets.randbelow(2**31 - 1) + 1


def make_tables(link: sqlite3.Connection) -> None:
    """Make the tables within a transaction; a new store also gets its number, by which snapshots
    tell it from others (`generations`)."""
    for statement in SCHEMA.split(";"):
        link.execute(statement)
    if not link.execute("PRAGMA application_id").fetchone()[0]:
        link.execute(f"PRAGMA application_id={new_identity()}")
    link.execute(f"PRAGMA user_version={SCHEMA_VERSION}")


def close_all(links: list[sqlite3.Connection]) -> None:
    """Close and forget connections."""
    while links:
        links.pop().close()
