"""A class in a workshop: a code in the URL, and what all of it predicted, without names.

A class holds a code, which is shared, a key, which only the teacher has, and which tokens joined.
Nothing else is stored: no name, no address, no time of anybody's. What the teacher sees is of at
least `STEP` members, and changes when `STEP` more have answered: of any two states that were shown,
one has the votes of `STEP` more people than the other. So who puts in one or two tokens of their
own still sees no fewer than three others at once. (Steps of three, which were asked for, would not
do: two tokens of a teacher's own and one learner make three, and that vote is read.) Deleting a
class takes code, key and membership; the learners keep their own records. Classes end by themselves
after `DAYS` days.

Anybody may begin a class. One visitor may begin `MOST_OF_PARTY`, and where the machine is full, a
class that nobody has joined within an hour gives way.
"""

import contextlib
import json
import secrets
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from sqlite3 import Connection
from typing import Any

from plantedu.course.blocks import Prediction
from plantedu.course.lessons import Lesson
from plantedu.course.predictions import Commitment, commitment_of, is_token, new_token
from plantedu.errors import require
from plantedu.runs.database import UNWRITABLE, Database
from plantedu.runs.home import home_place

TABLES = (
    "CREATE TABLE IF NOT EXISTS classes ("
    " code TEXT PRIMARY KEY, keeper TEXT NOT NULL, created REAL NOT NULL)",
    "CREATE TABLE IF NOT EXISTS members ("
    " class TEXT NOT NULL, learner TEXT NOT NULL, PRIMARY KEY (class, learner))",
    "CREATE TABLE IF NOT EXISTS begun (code TEXT PRIMARY KEY, party TEXT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS released ("  # what the teacher has seen: votes, without members
    " class TEXT NOT NULL, lesson TEXT NOT NULL, item TEXT NOT NULL, votes TEXT NOT NULL,"
    " PRIMARY KEY (class, lesson, item))",
)
OF_CLASS = (("members", "class"), ("released", "class"), ("begun", "code"), ("classes", "code"))
LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"  # none that looks like another
LENGTH, MOST, MOST_MEMBERS, STEP, DAYS = 6, 200, 300, 5, 30
MOST_OF_PARTY, EMPTY_AFTER = 10, 3600.0  # classes; seconds that a class may wait to be joined

Asked = tuple[str, str]  # a lesson and its item
Cast = tuple[str, float]  # an option, and the confidence in it


@dataclass(frozen=True)
class Votes:
    """What a class said to one question, before anybody is told the answer.

    Attributes:
        prediction: The question.
        n: Members who have locked an answer.
        counts: By option, of the `shown`; empty while fewer than `STEP` have locked one.
        said: Mean confidence of those; None likewise.
        shown: Of how many members the counts are: all there were when it was last time to look.
    """

    prediction: Prediction
    n: int
    counts: dict[str, int]
    said: float | None
    shown: int = 0


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
        cast, seen = self._cast(code), self._released(code)
        return [
            _votes(
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
            told = [one for one in cast.get((lesson, item), ()) if one.answer is not None]
            answer = told[0].answer if len(told) >= STEP else None
            options = cast[lesson, item][0].options if cast.get((lesson, item)) else 2
            found += [
                Commitment(lesson, item, options, choice, sure, answer) for choice, sure in votes
            ]
        return found

    def _cast(self, code: str) -> dict[Asked, list[Commitment]]:
        """Every commitment of the class by its question; nobody sees it as it is."""
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
        found: dict[Asked, list[Commitment]] = {}
        for one in map(commitment_of, rows):
            found.setdefault((one.lesson, one.item), []).append(one)
        return found

    def _released(self, code: str) -> dict[Asked, list[Cast]]:
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


def released(link: Connection, code: str) -> dict[Asked, list[Cast]]:
    """The votes of a class that have been shown."""
    rows = link.execute("SELECT * FROM released WHERE class = ?", (code,)).fetchall()
    return {
        (row["lesson"], row["item"]): [(key, sure) for key, sure in json.loads(row["votes"])]
        for row in rows
    }


def due(
    cast: dict[Asked, list[Commitment]], seen: dict[Asked, list[Cast]]
) -> dict[Asked, list[Cast]]:
    """The votes of the questions that `STEP` more have answered than was shown."""
    return {
        asked: [(one.choice, one.confidence) for one in votes]
        for asked, votes in cast.items()
        if len(votes) >= len(seen.get(asked, ())) + STEP
    }


def end(link: Connection, which: str, *values: object) -> None:
    """End the classes of a condition, with all that is kept of them."""
    codes = [row["code"] for row in link.execute(f"SELECT code FROM classes WHERE {which}", values)]
    for table, column in OF_CLASS:
        link.executemany(f"DELETE FROM {table} WHERE {column} = ?", [(code,) for code in codes])


UNJOINED = "created < ? AND NOT EXISTS (SELECT 1 FROM members WHERE members.class = classes.code)"


def _votes(asked: Prediction, n: int, seen: list[Cast]) -> Votes:
    if not seen:
        return Votes(asked, n, {}, None)
    count = Counter(choice for choice, _ in seen)
    said = sum(sure for _, sure in seen) / len(seen)
    return Votes(asked, n, {key: count[key] for key in asked.keys}, said, len(seen))
