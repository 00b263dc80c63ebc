"""A class in a workshop: a code in the URL, and what all of it predicted, without names.

A class holds a code, which is shared, a key, which only the teacher has, and which tokens joined.
Nothing else is stored: no name, no address, no time of anybody's. What the teacher sees is of
`STEP` people or more, and changes when `STEP` more have answered (`released_votes.py`). People are
tokens that joined, without those that have shown the key of the class: a teacher who tries the
class out is not counted. Who opens private windows to vote as two learners more can still read the
third vote; a code in an address cannot tell windows from people. Deleting a class takes code, key
and membership; the learners keep their own records. A class ends by itself after `DAYS` days, and
a running server then deletes it.

Anybody may begin a class. One visitor may begin `MOST_OF_PARTY`, and where the machine is full, a
class that nobody has joined within an hour gives way.
"""

import contextlib
import json
import secrets
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from sqlite3 import Connection
from typing import Any

from plantedu.course.lessons import Lesson
from plantedu.course.predictions import TABLE as PREDICTIONS
from plantedu.course.predictions import Commitment, commitment_of, is_token, new_token
from plantedu.course.progress import TABLE as PROGRESS
from plantedu.course.released_votes import STEP, Cast, QuestionKey, Votes, due, released, votes_on
from plantedu.errors import require
from plantedu.store.database import UNWRITABLE, Database
from plantedu.store.paths import home_place

TABLES = (
    "CREATE TABLE IF NOT EXISTS classes ("
    " code TEXT PRIMARY KEY, keeper TEXT NOT NULL, created REAL NOT NULL)",
    "CREATE TABLE IF NOT EXISTS members ("
    " class TEXT NOT NULL, learner TEXT NOT NULL, PRIMARY KEY (class, learner))",
    "CREATE TABLE IF NOT EXISTS begun (code TEXT PRIMARY KEY, party TEXT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS released ("  # what the teacher has seen: votes, without members
    " class TEXT NOT NULL, lesson TEXT NOT NULL, item TEXT NOT NULL, votes TEXT NOT NULL,"
    " PRIMARY KEY (class, lesson, item))",
    "CREATE TABLE IF NOT EXISTS teachers ("  # tokens that have shown the key: nobody's vote
    " class TEXT NOT NULL, learner TEXT NOT NULL, PRIMARY KEY (class, learner))",
    "CREATE TABLE IF NOT EXISTS stage ("  # what the wall shows
    " class TEXT PRIMARY KEY, lesson TEXT NOT NULL, item TEXT NOT NULL, votes INTEGER NOT NULL,"
    " answer INTEGER NOT NULL, calibration INTEGER NOT NULL, ends REAL)",
    PREDICTIONS,
    PROGRESS,
)
OF_CLASS = (
    *((name, "class") for name in ("members", "released", "teachers", "stage")),
    *((name, "code") for name in ("begun", "classes")),
)
PEOPLE = (  # of a class: members that are not its teacher
    "SELECT learner FROM members WHERE class = :code"
    " AND learner NOT IN (SELECT learner FROM teachers WHERE class = :code)"
)
LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"  # none that looks like another
LENGTH, MOST, MOST_MEMBERS, DAYS = 6, 200, 300, 30
DAY = 86_400.0  # seconds
MOST_OF_PARTY, EMPTY_AFTER = 10, 3600.0  # classes; seconds that a class may wait to be joined


@dataclass(frozen=True)
class Listed:
    """A class as the host sees it.

    Attributes:
        code: Its code.
        people: Members without the teacher.
        days_left: Until it ends by itself.
    """

    code: str
    people: int
    days_left: float


class Classes:
    """All classes of this machine, in the same file as the runs."""

    def __init__(self, path: Path | None = None, *, clock: Callable[[], float] = time.time) -> None:
        """Open the tables in `path`, or in the file where runs are kept."""
        place = Path(path) if path else home_place() / "plantedu.sqlite"
        self._database = Database(place, tables=TABLES)
        self._clock = clock

    def begin(self, party: str = "") -> tuple[str, str]:
        """A new class: its code, and the key of who keeps it; classes that have ended go.

        Args:
            party: From where it is begun (`visitors.party_of`); "" where that is not known.

        Raises:
            PlantEduError: where this machine or this visitor holds too many classes.
        """
        code = "".join(secrets.choice(LETTERS) for _ in range(LENGTH))
        keeper = new_token()
        with self._database.write() as link:
            end(link, "created < ?", self._oldest)
            own = "SELECT COUNT(*) FROM begun WHERE party = ? AND party != ''"
            mine = link.execute(own, (party,)).fetchone()[0]
            require(
                mine < MOST_OF_PARTY,
                f"{mine} classes have been begun from here; delete one that is over.",
            )
            count = "SELECT COUNT(*) FROM classes"
            if link.execute(count).fetchone()[0] >= MOST:
                end(link, UNJOINED, self._clock() - EMPTY_AFTER)
            many = link.execute(count).fetchone()[0]
            require(many < MOST, f"This machine holds {many} classes; delete one that is over.")
            link.execute("INSERT INTO classes VALUES (?, ?, ?)", (code, keeper, self._clock()))
            link.execute("INSERT INTO begun VALUES (?, ?)", (code, party))
        return code, keeper

    def join(self, code: str, token: str) -> None:
        """Be a member from now on; again is the same.

        Raises:
            PlantEduError: for a class that does not exist, a full one, or a text that is no token.
        """
        require(is_token(token), "Only a learner of this course can join a class.")
        code = tidy(code)
        self.must_be(code)
        require(not self._teaches(code, token), f"You teach class {code}: you are not counted.")
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
        """How many people a class has, without its teacher."""
        with self._database.read() as link:
            row = link.execute(
                f"SELECT COUNT(*) AS n FROM classes, ({PEOPLE})"
                " WHERE code = :code AND created >= :oldest",
                {"code": code, "oldest": self._oldest},
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

    def teach(self, code: str, keeper: str, token: str) -> None:
        """Note that this token has the key: it is no member, and its votes are not counted.

        Raises:
            PlantEduError: for another class's key.
        """
        self._must_keep(code, keeper)
        if self._teaches(code, token):
            return
        with self._database.write() as link:
            link.execute("INSERT OR IGNORE INTO teachers VALUES (?, ?)", (code, token))
            link.execute("DELETE FROM members WHERE class = ? AND learner = ?", (code, token))

    def votes(self, code: str, lesson: Lesson) -> list[Votes]:
        """What the class said to each question of a lesson, without who said what."""
        cast, seen = self._cast(code), self._released(code)
        return [
            votes_on(
                asked,
                len(cast.get((lesson.stem, asked.id), ())),
                seen.get((lesson.stem, asked.id), []),
            )
            for asked in lesson.predictions
        ]

    def commitments(self, code: str) -> list[Commitment]:
        """Every commitment that may be seen, without tokens, in an order that tells nobody apart.

        An answer stands beside all of them once `STEP` members have revealed it.
        """
        cast, found = self._cast(code), []
        for (lesson, item), votes in sorted(self._released(code).items()):
            answered = [one for one in cast.get((lesson, item), ()) if one.answer is not None]
            answer = answered[0].answer if len(answered) >= STEP else None
            options = cast[lesson, item][0].options if cast.get((lesson, item)) else 2
            found += [
                Commitment(lesson, item, options, choice, sure, answer) for choice, sure in votes
            ]
        return found

    def _cast(self, code: str) -> dict[QuestionKey, list[Commitment]]:
        """Every commitment of the class by its question; nobody sees it as it is."""
        self.must_be(code)
        with self._database.read() as link:
            rows = link.execute(
                f"SELECT * FROM predictions WHERE learner IN ({PEOPLE})"
                " ORDER BY lesson, item, choice, confidence",
                {"code": code},
            ).fetchall()
        found: dict[QuestionKey, list[Commitment]] = {}
        for one in map(commitment_of, rows):
            found.setdefault((one.lesson, one.item), []).append(one)
        return found

    def _released(self, code: str) -> dict[QuestionKey, list[Cast]]:
        """The votes that may be seen by their question, brought up to date where it is time.

        Where that cannot be written, what was seen before stays.
        """
        cast = self._cast(code)
        with self._database.read() as link:
            seen = released(link, code)
        if due(cast, seen):
            with contextlib.suppress(*UNWRITABLE), self._database.write() as link:
                now = released(link, code)  # another page may have been first
                new = due(cast, now)
                rows = [(code, *asked, json.dumps(votes)) for asked, votes in new.items()]
                link.executemany("INSERT OR REPLACE INTO released VALUES (?, ?, ?, ?)", rows)
                seen = now | new
        return seen

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
            "step": STEP,
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
            end(link, "code = ?", code)

    def remove(self, code: str) -> None:
        """End a class without its key: for who hosts the course."""
        with self._database.write() as link:
            end(link, "code = ?", tidy(code))

    def every(self) -> list[Listed]:
        """Every class that goes on, the newest first: for who hosts the course."""
        with self._database.read() as link:
            rows = link.execute(
                "SELECT code, created FROM classes WHERE created >= ? ORDER BY created DESC",
                (self._oldest,),
            ).fetchall()
        return [
            Listed(row["code"], self.size(row["code"]), (row["created"] - self._oldest) / DAY)
            for row in rows
        ]

    def end_old(self) -> int:
        """Delete the classes whose time is over; how many."""
        with self._database.read() as link:
            many = link.execute("SELECT COUNT(*) FROM classes WHERE created < ?", (self._oldest,))
            old = int(many.fetchone()[0])
        if old:
            with self._database.write() as link:
                end(link, "created < ?", self._oldest)
        return old

    def _teaches(self, code: str, token: str) -> bool:
        with self._database.read() as link:
            row = link.execute(
                "SELECT 1 FROM teachers WHERE class = ? AND learner = ?", (code, token)
            )
            return row.fetchone() is not None

    @property
    def _oldest(self) -> float:
        """When the oldest class that goes on was begun."""
        return self._clock() - DAYS * DAY

    def must_be(self, code: str) -> None:
        """Raise a PlantEduError where there is no such class, or none any more."""
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
        self.must_be(code)
        require(self.keeps(code, keeper), f"This is not the key of class {code}.")


def tidy(code: str) -> str:
    """A code as it is written on a board: capitals, no spaces."""
    return "".join(code.split()).upper()[:20]


def end(link: Connection, which: str, *values: object) -> None:
    """End the classes of a condition, with all that is kept of them."""
    codes = [row["code"] for row in link.execute(f"SELECT code FROM classes WHERE {which}", values)]
    for table, column in OF_CLASS:
        link.executemany(f"DELETE FROM {table} WHERE {column} = ?", [(code,) for code in codes])


UNJOINED = "created < ? AND NOT EXISTS (SELECT 1 FROM members WHERE members.class = classes.code)"
