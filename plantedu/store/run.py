"""The rows of the store as frozen things: a run, a metric, an event."""

import re
import sqlite3
from dataclasses import dataclass
from json import loads
from typing import Any

from plantedu.errors import PlantEduError
from plantedu.serialization import renamed

STATES = ("queued", "running", "paused", "done", "failed", "cancelled")
LANES = ("training", "analysis", "replay")
ENDED = ("done", "failed", "cancelled")
ID = re.compile(r"[0-9a-f]{1,8}")
LOOP = "loop"  # a kind: somebody's own training loop, which no worker does
PHASE = "phase"  # an event: what a run is doing, in words


@dataclass(frozen=True)
class Run:
    """One job: what was asked, by what code, and how far it is.

    Attributes:
        key: Where identical requests meet, see `version.request_key`.
        wish: "cancel" or "pause" while a running job has been asked to stop, else "".
        step, steps: How far it is, and how far it goes (0 while not known).
        attempts: How often a worker was lost while running it.
        created, started, ended, heartbeat: Seconds since 1970, by the wall clock.
    """

    id: str
    kind: str
    lane: str
    state: str
    wish: str
    request: dict[str, Any]
    key: str
    name: str
    learner: str
    code_version: str
    packages: dict[str, str]
    data_hash: str
    created: float
    started: float | None
    ended: float | None
    heartbeat: float | None
    worker: str
    error: str
    step: int
    steps: int
    parent: str | None
    result: dict[str, Any] | None
    attempts: int

    @property
    def over(self) -> bool:
        """Whether nothing more will be written."""
        return self.state in ENDED

    @classmethod
    def from_row(cls, row: sqlite3.Row) -> "Run":
        """A run from a row of the table `runs`; its settings have the names of today."""
        fields = {name: row[name] for name in COLUMNS}
        for name in ("request", "packages", "result"):
            fields[name] = loads(fields[name]) if fields[name] else None
        fields["request"] = renamed(fields["kind"], fields["request"])
        return cls(**fields)


COLUMNS = tuple(Run.__dataclass_fields__)


def find(link: sqlite3.Connection, run_id: str) -> tuple[int, Run]:
    """Row number and run of an id.

    Raises:
        PlantEduError: if there is no run of this id.
    """
    row = link.execute("SELECT * FROM runs WHERE id = ?", (run_id,)).fetchone()
    if row is None:
        raise PlantEduError(
            f"There is no run {named(run_id)}; `python -m plantedu runs list` shows all."
        )
    return row["number"], Run.from_row(row)


def named(run_id: str) -> str:
    """An id as a sentence names it; what is none may come from an address, and is not repeated."""
    return repr(run_id) if ID.fullmatch(run_id) else "of this name (ids are eight hex digits)"


def assign(link: sqlite3.Connection, number: int, **columns: Any) -> None:
    """Set columns of a run."""
    assigned = ", ".join(f"{name} = ?" for name in columns)
    link.execute(f"UPDATE runs SET {assigned} WHERE number = ?", (*columns.values(), number))


@dataclass(frozen=True)
class Metric:
    """One number of one step; `low` and `high` are a band around it where there is one.

    Attributes:
        seconds: Working time since the run's start (pauses left out); the store fills it in
            from the wall clock where it is None.
    """

    step: int
    name: str
    value: float
    low: float | None = None
    high: float | None = None
    seconds: float | None = None


@dataclass(frozen=True)
class Event:
    """Something that happened at a step, for charts to mark."""

    step: int
    name: str
    detail: str
    time: float
    seconds: float | None = None
