"""The one SQLite file: opening it, its tables, and errors that say what to do.

Write-ahead logging, so that pages read while a training writes. Writers take the lock at once
(`BEGIN IMMEDIATE`), write and let go; none of them computes while holding it.
"""

import contextlib
import errno
import re
import secrets
import shutil
import sqlite3
import tempfile
import time
import weakref
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from plantedu.errors import FULL, DiskFullError, PlantEduError
from plantedu.store.limits import limits
from plantedu.store.paths import PRIVATE, PRIVATE_FILE, keep_private
from plantedu.store.schema import SCHEMA
from plantedu.store.upgrade import missing_columns

SCHEMA_VERSION = 1


class DatabaseBusyError(PlantEduError):
    """Another process held the database longer than the patience; nothing was written."""


class ReadOnlyError(PlantEduError):
    """The database cannot be written to; what was kept can be read."""


UNWRITABLE = (DatabaseBusyError, DiskFullError, ReadOnlyError)  # reading goes on, see `read`
OPENING = 0.3  # seconds that opening waits, at most, for another process to let tables be made
FORBIDDEN = (errno.EROFS, errno.EACCES, errno.EPERM)
TABLE = re.compile(r"CREATE TABLE IF NOT EXISTS (\w+)")


class Still(sqlite3.Connection):
    """A database as it was, for a place that cannot be written to; nothing may be written here."""


class Database:
    """Connections to one file, each used by one thread at a time, kept for the next caller."""

    def __init__(self, path: Path, *, patience: float = 5.0, tables: Sequence[str] = ()) -> None:
        """Open or make the file at `path`; wait `patience` seconds for other writers.

        Where it cannot be made now (a full disk, a folder that is read-only, another writer), it
        reads as empty and is made with the first write that succeeds.

        Args:
            path: The file.
            patience: Seconds.
            tables: `CREATE TABLE IF NOT EXISTS` statements of the caller, beside those of runs.

        Raises:
            PlantEduError: if the file is no plantedu database, or cannot be opened.
        """
        self.path, self.patience = Path(path), patience
        self._tables = tuple(filter(None, map(str.strip, (*SCHEMA.split(";"), *tables))))
        self._names = tuple(found[1] for one in self._tables if (found := TABLE.match(one)))
        self._ready = False
        self._idle: list[sqlite3.Connection] = []
        self._close = weakref.finalize(self, close_all, self._idle)
        with contextlib.suppress(*UNWRITABLE), self._speaking():
            self._prepare(min(patience, OPENING))

    def close(self) -> None:
        """Close every idle connection."""
        close_all(self._idle)

    @contextmanager
    def read(self) -> Iterator[sqlite3.Connection]:
        """A connection for reading; sees what was committed. Never waits for a write."""
        with self._speaking():
            if not self._ready:
                with contextlib.suppress(*UNWRITABLE), self._speaking():
                    self._prepare(0.0)
            with self._borrowed() if self._ready else self._nothing() as link:
                yield link

    @contextmanager
    def write(
        self, *, lasting: bool = True, patience: float | None = None
    ) -> Iterator[sqlite3.Connection]:
        """One transaction: all of it is written, or nothing.

        Args:
            lasting: Whether it is on the disk before this returns (SQLite's synchronous=FULL), so
                that it survives a loss of power: whatever is acknowledged is kept. Else (NORMAL)
                it survives the end of every process, and a loss of power may take the last
                seconds of it: heartbeats, and numbers of a training that goes back to its
                checkpoint anyway.
            patience: Seconds to wait for other writers, where that is not the database's own.

        Raises:
            DatabaseBusyError: if another process keeps the lock longer than the patience.
            DiskFullError: if the disk is full.
            ReadOnlyError: if the place cannot be written to.
        """
        patience = self.patience if patience is None else patience
        with self._speaking(patience):
            if not self._ready:
                self._prepare(patience)
            with self._borrowed() as link:
                refuse_still(link)
                link.execute(f"PRAGMA busy_timeout={round(1000 * patience)}")
                link.execute(f"PRAGMA synchronous={'FULL' if lasting else 'NORMAL'}")
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
            link = self._connect(self.patience)
        try:
            yield link
        except sqlite3.Error:
            link.close()
            raise
        except BaseException:
            self._give_back(link)
            raise
        else:
            self._give_back(link)

    def _give_back(self, link: sqlite3.Connection) -> None:
        if isinstance(link, Still):
            link.close()
        else:
            self._idle.append(link)

    @contextmanager
    def _nothing(self) -> Iterator[sqlite3.Connection]:
        """An empty database of the same tables: what a file holds that could not be made."""
        with contextlib.closing(sqlite3.connect(":memory:", isolation_level=None)) as link:
            link.row_factory = sqlite3.Row
            for statement in self._tables:
                link.execute(statement)
            yield link

    def _connect(self, patience: float) -> sqlite3.Connection:
        link = sqlite3.connect(
            self.path, timeout=patience, isolation_level=None, check_same_thread=False
        )
        link.row_factory = sqlite3.Row
        try:
            link.execute("SELECT 1 FROM sqlite_master LIMIT 1")
        except sqlite3.OperationalError as error:
            link.close()
            busy = "locked" in str(error) or "busy" in str(error)
            if busy or not self.path.exists():
                raise
            return self._still()  # the log of a WAL database cannot be made here
        return link

    def _still(self) -> sqlite3.Connection:
        """What a database holds whose log cannot be written; a copy where a log must be read."""
        log = Path(f"{self.path}-wal")
        if not log.exists() or not log.stat().st_size:
            place = f"{self.path.absolute().as_uri()}?immutable=1"
            link = sqlite3.connect(place, uri=True, isolation_level=None, factory=Still)
        else:
            with tempfile.TemporaryDirectory() as folder:
                copied = Path(shutil.copy(self.path, folder))
                shutil.copy(log, folder)
                link = sqlite3.connect(":memory:", isolation_level=None, factory=Still)
                with contextlib.closing(sqlite3.connect(copied)) as copy:
                    copy.backup(link)
        link.row_factory = sqlite3.Row
        return link

    def _prepare(self, patience: float) -> None:
        """Make the tables that are missing; several processes may do so at once."""
        deadline = time.monotonic() + patience
        while True:
            try:
                self.path.parent.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
                if not self.path.exists():
                    self.path.touch(PRIVATE_FILE)
                with contextlib.closing(self._connect(patience)) as link:
                    if not self._prepared(link):
                        refuse_still(link)
                        link.execute("PRAGMA journal_mode=WAL")
                        link.execute("BEGIN IMMEDIATE")
                        make_tables(link, self._tables)
                        link.execute("COMMIT")
                        keep_private(self.path.parent)
                self._ready = True
                return
            except sqlite3.OperationalError as error:
                if "locked" not in str(error) or time.monotonic() >= deadline:
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
        there = {row["name"] for row in link.execute("SELECT name FROM sqlite_master")}
        whole = found == SCHEMA_VERSION and there.issuperset(self._names)
        return whole and not missing_columns(link, self._tables)

    @contextmanager
    def _speaking(self, patience: float | None = None) -> Iterator[None]:
        """Turn what SQLite and the disk say into sentences."""
        try:
            yield
        except sqlite3.Error as error:
            raise self._said(error, self.patience if patience is None else patience) from error
        except OSError as error:
            known = {
                **dict.fromkeys(FULL, DiskFullError),
                **dict.fromkeys(FORBIDDEN, ReadOnlyError),
            }
            raise known.get(error.errno, PlantEduError)(
                f"{self._called} cannot be opened ({error.strerror}). Set PLANTEDU_HOME to a "
                "folder that you may write to."
            ) from error

    def _said(self, error: sqlite3.Error, patience: float) -> PlantEduError:
        text = str(error)
        if "locked" in text or "busy" in text:
            return DatabaseBusyError(
                f"{self.path.name} is held by another process for more than "
                f"{patience:g} s; nothing was written. Close that process or try again."
            )
        if "full" in text or "disk I/O" in text:
            return DiskFullError(
                f"The disk that holds {self._called} is full; what was stored before is kept. "
                "Make room, then resume."
            )
        if "readonly" in text or "unable to open" in text:
            return ReadOnlyError(
                f"{self._called} cannot be written to; what was stored before can be read. Set "
                "PLANTEDU_HOME to a folder that you may write to."
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


def refuse_still(link: sqlite3.Connection) -> None:
    """Refuse to write to what only is a picture of a database, as SQLite itself would."""
    if isinstance(link, Still):
        raise sqlite3.OperationalError("attempt to write a readonly database")


def new_identity() -> int:
    """A number for a new store; it fits SQLite's application_id, and 0 stands for none."""
    return secrets.randbelow(2**31 - 1) + 1


def make_tables(link: sqlite3.Connection, tables: Sequence[str]) -> None:
    """Make tables and columns that are missing; a new store gets its number, see `generations`."""
    for statement in missing_columns(link, tables):  # before an index may name one
        link.execute(statement)
    for statement in tables:
        link.execute(statement)
    if not link.execute("PRAGMA application_id").fetchone()[0]:
        link.execute(f"PRAGMA application_id={new_identity()}")
    link.execute(f"PRAGMA user_version={SCHEMA_VERSION}")


def close_all(links: list[sqlite3.Connection]) -> None:
    """Close and forget connections."""
    while links:
        links.pop().close()
