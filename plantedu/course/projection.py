"""What the wall of a class shows: one question, and what its teacher has chosen to show of it.

The teacher's page writes it, with the key; the wall reads it with the code alone. So the address of
the wall can stand there for all to read: it tells nothing that is not on the wall.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from plantedu.course.classes import TABLES, Classes
from plantedu.errors import require
from plantedu.store.database import Database
from plantedu.store.paths import home_place

LONGEST = 3600.0  # seconds of a timer


@dataclass(frozen=True)
class Stage:
    """What the wall shows.

    Attributes:
        lesson: Stem; "" while no question is asked.
        item: Id of the prediction; "" likewise.
        votes: Whether the class's votes are shown.
        answer: Whether the right answer is.
        calibration: Whether the class's calibration is.
        ends: When the timer ends, seconds since 1970; None without one.
    """

    lesson: str = ""
    item: str = ""
    votes: bool = False
    answer: bool = False
    calibration: bool = False
    ends: float | None = None


class Projection:
    """The walls of all classes, in the same file as the runs."""

    def __init__(self, path: Path | None = None, *, clock: Callable[[], float] = time.time) -> None:
        """Open the tables in `path`, or in the file where runs are kept."""
        place = Path(path) if path else home_place() / "plantedu.sqlite"
        self._classes = Classes(place, clock=clock)
        self._database = Database(place, tables=TABLES)
        self._clock = clock

    def stage(self, code: str) -> Stage:
        """What the wall of a class shows; nothing at first."""
        with self._database.read() as link:
            row = link.execute("SELECT * FROM stage WHERE class = ?", (code,)).fetchone()
        if row is None:
            return Stage()
        shown = {name: bool(row[name]) for name in ("votes", "answer", "calibration")}
        return Stage(row["lesson"], row["item"], ends=row["ends"], **shown)

    def put(self, code: str, keeper: str, stage: Stage) -> None:
        """Show this on the wall from now on.

        Raises:
            PlantEduError: for another class's key, or a timer of more than an hour.
        """
        require(self._classes.keeps(code, keeper), f"This is not the key of class {code}.")
        left = self.seconds_left(stage)
        require(left is None or left <= LONGEST, "A timer runs for an hour at most.")
        row = (code, stage.lesson, stage.item, stage.votes, stage.answer, stage.calibration)
        with self._database.write(lasting=False) as link:
            link.execute(
                "INSERT OR REPLACE INTO stage VALUES (?, ?, ?, ?, ?, ?, ?)", (*row, stage.ends)
            )

    def timer(self, minutes: float) -> float:
        """When a timer that starts now ends."""
        return self._clock() + 60 * minutes

    def seconds_left(self, stage: Stage) -> int | None:
        """Whole seconds until the timer ends, 0 once it has; None without one."""
        return None if stage.ends is None else max(0, round(stage.ends - self._clock()))
