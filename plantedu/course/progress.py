"""How far a learner is: which lesson was open last, which exercises are solved."""

import time
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from plantedu.course.lessons import Lesson
from plantedu.course.minutes import rest_minutes
from plantedu.course.predictions import is_token
from plantedu.errors import require
from plantedu.store.database import Database
from plantedu.store.paths import home_place

TABLE = """
CREATE TABLE IF NOT EXISTS progress (
    number INTEGER PRIMARY KEY,
    learner TEXT NOT NULL,
    lesson TEXT NOT NULL,
    item TEXT NOT NULL,
    time REAL NOT NULL,
    UNIQUE (learner, lesson, item)
)
"""
OPENED, EXPLAINED = "opened", "explained"  # no exercise is called so, or begins with the second
GLANCE = 0.3  # seconds that a page waits to note that it was opened


class Progress:
    """Visits and solved exercises of all learners, in the same file as the runs."""

    def __init__(self, path: Path | None = None) -> None:
        """Open the table in `path`, or in the file where runs are kept."""
        place = Path(path) if path else home_place() / "plantedu.sqlite"
        self._database = Database(place, tables=(TABLE,))

    def opened(self, token: str, lesson: str) -> None:
        """Note that this lesson is the one last looked at."""
        self._note(token, lesson, OPENED, lasting=False)

    def solved(self, token: str, lesson: str, exercise: str) -> None:
        """Note that an exercise passed its check."""
        self._note(token, lesson, exercise, lasting=True)

    def explained(self, token: str, lesson: str, item: str = "") -> None:
        """Note what was looked at before it was predicted: an item's result, "" for Explain."""
        self._note(token, lesson, f"{EXPLAINED} {item}".strip(), lasting=True)

    def looked(self, token: str, lesson: str) -> frozenset[str]:
        """What of a lesson a learner has looked at early: items, and "" for its explanation."""
        with self._database.read() as link:
            rows = link.execute(
                "SELECT item FROM progress WHERE learner = ? AND lesson = ? AND item LIKE ?",
                (token, lesson, f"{EXPLAINED}%"),
            ).fetchall()
        return frozenset(row["item"].removeprefix(EXPLAINED).strip() for row in rows)

    def last_lesson(self, token: str) -> str | None:
        """The lesson opened last, or None."""
        with self._database.read() as link:
            row = link.execute(
                "SELECT lesson FROM progress WHERE learner = ? AND item = ?"
                " ORDER BY number DESC LIMIT 1",
                (token, OPENED),
            ).fetchone()
        return row["lesson"] if row else None

    def last_learner(self) -> str | None:
        """Who looked at a lesson or solved something last on this machine, or None."""
        with self._database.read() as link:
            row = link.execute("SELECT learner FROM progress ORDER BY number DESC LIMIT 1")
            found = row.fetchone()
        return found["learner"] if found else None

    def solved_by(self, token: str) -> dict[str, set[str]]:
        """Solved exercises by lesson."""
        with self._database.read() as link:
            rows = link.execute(
                "SELECT lesson, item FROM progress"
                " WHERE learner = ? AND item != ? AND item NOT LIKE ?",
                (token, OPENED, f"{EXPLAINED}%"),
            ).fetchall()
        found: dict[str, set[str]] = {}
        for row in rows:
            found.setdefault(row["lesson"], set()).add(row["item"])
        return found

    def _note(self, token: str, lesson: str, item: str, *, lasting: bool) -> None:
        require(is_token(token), f"A learner's token has 16 to 64 letters or digits: {token!r}.")
        patience = None if lasting else GLANCE
        with self._database.write(lasting=lasting, patience=patience) as link:
            link.execute(
                "INSERT OR REPLACE INTO progress (learner, lesson, item, time) VALUES (?, ?, ?, ?)",
                (token, lesson, item, time.time()),
            )


def counted(
    lesson: Lesson, made: Collection[str], solved: Mapping[str, Collection[str]]
) -> tuple[int, int]:
    """Predictions and exercises of a lesson that a learner has done.

    Tests and diagnoses of the clinic are kept in the same tables, and are neither.

    Args:
        lesson: The lesson.
        made: Commitments, as "stem/item".
        solved: Items that are solved, by stem.
    """
    asked = sum(f"{lesson.stem}/{one.id}" in made for one in lesson.predictions)
    return asked, len(set(lesson.tasks) & set(solved.get(lesson.stem, ())))


def share_done(lesson: Lesson, committed: int, solved: int) -> float:
    """Share of a lesson's predictions and exercises that are done, from 0 to 1."""
    items = len(lesson.predictions) + len(lesson.tasks)
    return min(1.0, (committed + solved) / items) if items else 0.0


def so_far(lessons: Sequence[Lesson], committed: int, solved: int) -> str:
    """How large the course is, and how far a learner is in it, in two sentences."""
    core = sum(lesson.minutes for lesson in lessons) / 60
    rest = sum(map(rest_minutes, lessons)) / 60
    asked = sum(len(lesson.predictions) for lesson in lessons)
    tasks = sum(len(lesson.tasks) for lesson in lessons)
    return (
        f"{len(lessons)} lessons: {core:.0f} hours for the core of each, {rest:.0f} more for what "
        f"goes deeper and exercises. You have locked **{committed} of "
        f"{asked}** predictions and solved **{solved} of {tasks}** exercises."
    )
