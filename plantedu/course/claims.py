"""What a learner claims after a lesson: a sentence, the number it rests on, and what would undo it.

A claim is bounded: it names its evidence, which carries its null, its control and its n, and it
says what would change one's mind. A claim whose evidence has no null is refused.
"""

import json
import time
from dataclasses import dataclass
from pathlib import Path
from sqlite3 import Row

from plantedu.course.predictions import is_token
from plantedu.course.result_pointers import evidence_at
from plantedu.errors import require
from plantedu.statistics.evidence import Evidence
from plantedu.store.database import Database
from plantedu.store.paths import home_place
from plantedu.store.store import Store
from plantedu.store.visible import VisibleStore

TABLE = """
CREATE TABLE IF NOT EXISTS claims (
    number INTEGER PRIMARY KEY,
    learner TEXT NOT NULL,
    lesson TEXT NOT NULL,
    claim TEXT NOT NULL,
    source TEXT NOT NULL,
    evidence TEXT NOT NULL,
    mind TEXT NOT NULL,
    time REAL NOT NULL
)
"""
SHORTEST, LONGEST, MOST = 15, 400, 20


@dataclass(frozen=True)
class Claim:
    """One claim.

    Attributes:
        number: Its place in the store.
        lesson: Stem.
        claim: The sentence.
        source: Where its number stands (`places.py`).
        evidence: The number as it was when the claim was made.
        mind: What would change the learner's mind.
    """

    number: int
    lesson: str
    claim: str
    source: str
    evidence: Evidence
    mind: str


class Claims:
    """The claims of all learners, in the same file as the runs."""

    def __init__(self, path: Path | None = None) -> None:
        """Open the table in `path`, or in the file where runs are kept."""
        place = Path(path) if path else home_place() / "plantedu.sqlite"
        self._database = Database(place, tables=(TABLE,))

    def make(
        self,
        token: str,
        lesson: str,
        claim: str,
        source: str,
        mind: str,
        *,
        results: Path,
        store: Store | None = None,
    ) -> Evidence:
        """Keep a claim; its evidence.

        Raises:
            PlantEduError: for evidence without a null, a sentence that is missing or too long, or
                too many claims; nothing is then kept.
        """
        require(is_token(token), f"A learner's token has 16 to 64 letters or digits: {token!r}.")
        for what, text in (("claim", claim), ("answer to what would change your mind", mind)):
            length = len(text.strip())
            require(length >= SHORTEST, f"Write the {what} as a sentence; it has {length} letters.")
            require(length <= LONGEST, f"The {what} has {length} letters; {LONGEST} are enough.")
        kept = len(self.of(token))
        require(kept < MOST, f"You have made {kept} claims; take one back before the next.")
        seen = None if store is None else VisibleStore(store, token)
        evidence = evidence_at(source, results=results, store=seen)
        row = (token, lesson, claim.strip(), source, json.dumps(evidence.as_json()), mind.strip())
        with self._database.write() as link:
            link.execute(
                "INSERT INTO claims (learner, lesson, claim, source, evidence, mind, time)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                (*row, time.time()),
            )
        return evidence

    def of(self, token: str, lesson: str | None = None) -> list[Claim]:
        """A learner's claims, oldest first."""
        with self._database.read() as link:
            rows = link.execute(
                "SELECT * FROM claims WHERE learner = ? AND (? IS NULL OR lesson = ?)"
                " ORDER BY number",
                (token, lesson, lesson),
            ).fetchall()
        return [_claim(row) for row in rows]

    def take_back(self, token: str, number: int) -> None:
        """Remove a claim of one's own; another learner's stays.

        Raises:
            PlantEduError: if this learner has made no such claim.
        """
        with self._database.write() as link:
            gone = link.execute(
                "DELETE FROM claims WHERE number = ? AND learner = ?", (number, token)
            ).rowcount
        require(gone == 1, f"You have made no claim {number}; only one's own can be taken back.")


def _claim(row: Row) -> Claim:
    given = json.loads(row["evidence"])
    given["interval"] = tuple(given["interval"]) if given["interval"] else None
    fields = ("number", "lesson", "claim", "source", "mind")
    return Claim(**{name: row[name] for name in fields}, evidence=Evidence(**given))
