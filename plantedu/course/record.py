"""What is kept of one learner, counted; and all of it deleted when they ask.

A run that others asked for too goes on for them, without this learner. The hash of an address
stays for its day (`visitors`), so that deleting and asking again does not pass by the limits of an
address; who is blocked stays blocked. Rows that were deleted are counted in `forgotten`: the
history of the store gets no shorter, so that a snapshot that still holds them is not kept as the
longest (`snapshot_generations`), but goes with the other old ones.
"""

import contextlib
import shutil
import time
from dataclasses import dataclass
from pathlib import Path
from sqlite3 import Connection

from plantedu.course.predictions import is_token
from plantedu.errors import PlantEduError, require
from plantedu.jobs.snapshot_generations import FORGOTTEN
from plantedu.store.database import Database
from plantedu.store.retention import delete
from plantedu.store.store import Store
from plantedu.store.submission import leave
from plantedu.store.uploads import Uploads

TABLE = f"CREATE TABLE IF NOT EXISTS {FORGOTTEN} (at REAL NOT NULL, rows INTEGER NOT NULL)"
ANSWERS = ("predictions", "progress", "claims")
OF_LEARNER = (*ANSWERS, "members", "teachers")
PATIENCE = 3.0  # seconds that a running run has to hear that it is cancelled


@dataclass(frozen=True)
class Kept:
    """How many rows are kept of a learner.

    Attributes:
        answers: Predictions, solved exercises, lessons opened, claims.
        classes: Classes that they are in.
        runs: Runs that they asked for, alone or with others.
        uploads: Files that wait for a run.
    """

    answers: int
    classes: int
    runs: int
    uploads: int

    def __str__(self) -> str:
        return (
            f"{self.answers} answers and solved exercises, {self.classes} memberships of a class, "
            f"{self.runs} runs, {self.uploads} files that wait for a run"
        )


class Record:
    """The record of one learner.

    Raises:
        PlantEduError: for a text that is no token of a learner.
    """

    def __init__(self, store: Store, token: str) -> None:
        require(is_token(token), "Only a learner of this course has a record.")
        self.token = token
        self._store = Store(store.path)
        self._database = Database(store.path, tables=(TABLE,))

    def kept(self) -> Kept:
        """What is kept now."""
        with self._database.read() as link:
            there = tables(link)
            rows = {
                name: link.execute(
                    f"SELECT count(*) FROM {name} WHERE learner = ?", (self.token,)
                ).fetchone()[0]
                for name in OF_LEARNER
                if name in there
            }
        return Kept(
            answers=sum(rows.get(name, 0) for name in ANSWERS),
            classes=rows.get("members", 0),
            runs=len(self._runs()),
            uploads=len(list(self._uploads().glob("*"))),
        )

    def start_again(self) -> None:
        """Delete answers, solved exercises and claims; runs and classes stay."""
        self._forget(ANSWERS)

    def delete(self) -> None:
        """Delete all that is kept of this learner.

        Raises:
            PlantEduError: where the store cannot be written to.
        """
        shutil.rmtree(self._uploads(), ignore_errors=True)
        for run_id in self._runs():
            self._leave(run_id)
        self._forget(OF_LEARNER)
        with self._database.write() as link:
            link.execute("UPDATE visitors SET room = '' WHERE learner = ?", (self.token,))

    def _runs(self) -> list[str]:
        """Ids of the learner's runs, the newest first: what began from another goes before it."""
        with self._database.read() as link:
            rows = link.execute(
                "SELECT id FROM runs WHERE learner = :who OR number IN "
                "(SELECT run FROM shares WHERE learner = :who) ORDER BY number DESC",
                {"who": self.token},
            ).fetchall()
        return [row["id"] for row in rows]

    def _leave(self, run_id: str) -> None:
        """Delete a run, or leave it to the others who asked for it."""
        with self._database.write() as link:
            (number,) = link.execute("SELECT number FROM runs WHERE id = ?", (run_id,)).fetchone()
            if leave(link, number, self.token):
                link.execute(
                    "UPDATE runs SET learner = (SELECT min(learner) FROM shares WHERE run = ?) "
                    "WHERE number = ? AND learner = ?",
                    (number, number, self.token),
                )
                return
        with contextlib.suppress(PlantEduError):  # it has ended meanwhile
            self._store.cancel(run_id)
        ends = time.monotonic() + PATIENCE
        while not self._store.run(run_id).over and time.monotonic() < ends:
            time.sleep(0.1)
        try:
            last = self._last()
            delete(self._store, run_id)
            self._note(last - self._last())
        except PlantEduError:  # another one begins from it, or it does not let go: it is nobody's
            with self._database.write() as link:
                link.execute("UPDATE runs SET learner = '', name = '' WHERE id = ?", (run_id,))
                link.execute("DELETE FROM shares WHERE learner = ?", (self.token,))

    def _last(self) -> int:
        with self._database.read() as link:
            return link.execute("SELECT coalesce(max(number), 0) FROM runs").fetchone()[0]

    def _note(self, rows: int) -> None:
        if rows > 0:
            with self._database.write() as link:
                link.execute(f"INSERT INTO {FORGOTTEN} VALUES (?, ?)", (time.time(), rows))

    def _forget(self, names: tuple[str, ...]) -> None:
        with self._database.write() as link:
            there = tables(link)
            rows = 0
            for name in names:
                if name in there:
                    done = link.execute(f"DELETE FROM {name} WHERE learner = ?", (self.token,))
                    rows += done.rowcount
            if rows:
                link.execute(f"INSERT INTO {FORGOTTEN} VALUES (?, ?)", (time.time(), rows))

    def _uploads(self) -> Path:
        return Uploads(self._store.path.parent).of(self.token)


def tables(link: Connection) -> set[str]:
    """Names of the tables that a database has."""
    return {row["name"] for row in link.execute("SELECT name FROM sqlite_master")}
