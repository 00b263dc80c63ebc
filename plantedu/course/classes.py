"""A class in a workshop: a code in the URL, and what all of it predicted, without names.

A class holds a code, which is shared, a key, which only the teacher has, and which tokens joined.
Nothing else is stored: no name, no address, no time of anybody's. What the teacher sees are counts
over at least `FEWEST` members, so that nobody can be picked out. Deleting a class takes code, key
and membership; the learners keep their own records. Classes end by themselves after `DAYS` days.
"""

import secrets
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from plantedu.course.blocks import Prediction
from plantedu.course.lessons import Lesson
from plantedu.course.predictions import Commitment, commitment_of, is_token, new_token
from plantedu.errors import require
from plantedu.runs.database import Database
from plantedu.runs.home import home_place

TABLES = (
    "CREATE TABLE IF NOT EXISTS classes ("
    " code TEXT PRIMARY KEY, keeper TEXT NOT NULL, created REAL NOT NULL)",
    "CREATE TABLE IF NOT EXISTS members ("
    " class TEXT NOT NULL, learner TEXT NOT NULL, PRIMARY KEY (class, learner))",
)
LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"  # none that looks like another
LENGTH, MOST, MOST_MEMBERS, FEWEST, DAYS = 6, 200, 300, 3, 30


@dataclass(frozen=True)
class Votes:
    """What a class said to one question, before anybody is told the answer.

    Attributes:
        prediction: The question.
        n: Members who have locked an answer.
        counts: By option; empty while fewer than `FEWEST` have.
        said: Mean confidence of those; None likewise.
    """

    prediction: Prediction
    n: int
    counts: dict[str, int]
    said: float | None


class Classes:
    """All classes of this machine, in the same file as the runs."""

    def __init__(self, path: Path | None = None, *, clock: Callable[[], float] = time.time) -> None:
        """Open the tables in `path`, or in the file where runs are kept."""
        place = Path(path) if path else home_place() / "plantedu.sqlite"
        self._database = Database(place, tables=TABLES)
        self._clock = clock

    def begin(self) -> tuple[str, str]:
        """A new class: its code, and the key of who keeps it; classes that have ended go.

        Raises:
            PlantEduError: where this machine holds too many classes.
        """
        code = "".join(secrets.choice(LETTERS) for _ in range(LENGTH))
        keeper = new_token()
        with self._database.write() as link:
            ended = "SELECT code FROM classes WHERE created < ?"
            link.execute(f"DELETE FROM members WHERE class IN ({ended})", (self._oldest,))
            link.execute("DELETE FROM classes WHERE created < ?", (self._oldest,))
            many = link.execute("SELECT COUNT(*) AS n FROM classes").fetchone()["n"]
            require(many < MOST, f"This machine holds {many} classes; delete one that is over.")
            link.execute("INSERT INTO classes VALUES (?, ?, ?)", (code, keeper, self._clock()))
        return code, keeper

    def join(self, code: str, token: str) -> None:
        """Be a member from now on; again is the same.

        Raises:
            PlantEduError: for a class that does not exist, a full one, or a text that is no token.
        """
        require(is_token(token), "Only a learner of this course can join a class.")
        code = tidy(code)
        self._must_be(code)
        require(self.size(code) < MOST_MEMBERS, f"Class {code} is full ({MOST_MEMBERS}).")
        with self._database.write() as link:
            link.execute("INSERT OR IGNORE INTO members VALUES (?, ?)", (code, token))

    def leave(self, code: str, token: str) -> None:
        """Be no member any more."""
        with self._database.write() as link:
            link.execute("DELETE FROM members WHERE class = ? AND learner = ?", (code, token))

    def of(self, token: str) -> list[str]:
        """Codes of the classes that a learner is in."""
        with self._database.read() as link:
            rows = link.execute(
                "SELECT class FROM members JOIN classes ON code = class"
                " WHERE learner = ? AND created >= ?",
                (token, self._oldest),
            ).fetchall()
        return [row["class"] for row in rows]

    def size(self, code: str) -> int:
        """How many members a class has."""
        with self._database.read() as link:
            row = link.execute(
                "SELECT COUNT(*) AS n FROM members JOIN classes ON code = class"
                " WHERE class = ? AND created >= ?",
                (code, self._oldest),
            )
            return int(row.fetchone()["n"])

    def keeps(self, code: str, keeper: str) -> bool:
        """Whether this is the key of the class."""
        with self._database.read() as link:
            row = link.execute(
                "SELECT keeper FROM classes WHERE code = ? AND created >= ?", (code, self._oldest)
            ).fetchone()
        return row is not None and secrets.compare_digest(
            row["keeper"].encode(), str(keeper).encode()
        )

    def votes(self, code: str, lesson: Lesson) -> list[Votes]:
        """What the class said to each question of a lesson, without who said what."""
        made = [one for one in self.commitments(code) if one.lesson == lesson.stem]
        return [_votes(asked, made) for asked in lesson.predictions]

    def commitments(self, code: str) -> list[Commitment]:
        """Every commitment of the class, without tokens, in an order that tells nobody apart."""
        self._must_be(code)
        with self._database.read() as link:
            there = link.execute(
                "SELECT name FROM sqlite_master WHERE type = 'table' AND name = 'predictions'"
            ).fetchone()
            rows = (
                link.execute(
                    "SELECT p.* FROM predictions p JOIN members m ON m.learner = p.learner"
                    " WHERE m.class = ? ORDER BY p.lesson, p.item, p.choice, p.confidence",
                    (code,),
                ).fetchall()
                if there
                else []
            )
        return [commitment_of(row) for row in rows]

    def export(self, code: str, keeper: str, lessons: list[Lesson]) -> dict[str, Any]:
        """All that the class view knows, as plain values: counts, never members.

        Raises:
            PlantEduError: for another class's key.
        """
        self._must_keep(code, keeper)
        votes = {lesson.stem: self.votes(code, lesson) for lesson in lessons}
        return {
            "class": code,
            "members": self.size(code),
            "fewest": FEWEST,
            "lessons": {
                stem: {v.prediction.id: {k: x for k, x in asdict(v).items() if k != "prediction"}
                       for v in found}
                for stem, found in votes.items()
            },
        }  # fmt: skip

    def delete(self, code: str, keeper: str) -> None:
        """End a class: its code, its key, and who was in it.

        Raises:
            PlantEduError: for another class's key.
        """
        self._must_keep(code, keeper)
        with self._database.write() as link:
            link.execute("DELETE FROM members WHERE class = ?", (code,))
            link.execute("DELETE FROM classes WHERE code = ?", (code,))

    @property
    def _oldest(self) -> float:
        """When the oldest class that goes on was begun."""
        return self._clock() - DAYS * 86_400

    def _must_be(self, code: str) -> None:
        with self._database.read() as link:
            row = link.execute(
                "SELECT 1 FROM classes WHERE code = ? AND created >= ?", (code, self._oldest)
            ).fetchone()
        require(
            row is not None,
            f"There is no class {code[:20]!r}: it was mistyped, or it has ended. The course works "
            "without a class.",
        )

    def _must_keep(self, code: str, keeper: str) -> None:
        self._must_be(code)
        require(self.keeps(code, keeper), f"This is not the key of class {code}.")


def tidy(code: str) -> str:
    """A code as it is written on a board: capitals, no spaces."""
    return "".join(code.split()).upper()[:20]


def _votes(asked: Prediction, made: list[Commitment]) -> Votes:
    mine = [one for one in made if one.item == asked.id]
    if len(mine) < FEWEST:
        return Votes(asked, len(mine), {}, None)
    count = Counter(one.choice for one in mine)
    said = sum(one.confidence for one in mine) / len(mine)
    return Votes(asked, len(mine), {key: count[key] for key in asked.keys}, said)
