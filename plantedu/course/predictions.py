"""What a learner predicted, how sure they were, and how well that went.

A commitment is final: it is written once, before the answer is shown, and a reload does not undo
it. Its score is Brier's, over the k closed options, with confidence c on the one chosen and the
rest shared evenly by the others:

    brier = sum over options (p - o)^2,   p = c or (1 - c) / (k - 1),   o = 1 for the answer else 0

0 is perfect, 2 is certain and wrong; who spreads evenly over k options gets 1 - 1/k.

Source: Brier 1950, Monthly Weather Review 78 [brier1950].
"""

import math
import re
import secrets
import time
from dataclasses import dataclass
from pathlib import Path
from sqlite3 import IntegrityError, Row

from plantedu.course.blocks import Prediction
from plantedu.errors import PlantEduError, require
from plantedu.statistics.brier import choice_score, even_score
from plantedu.store.database import Database
from plantedu.store.paths import home_place

TABLE = """
CREATE TABLE IF NOT EXISTS predictions (
    number INTEGER PRIMARY KEY,
    learner TEXT NOT NULL,
    lesson TEXT NOT NULL,
    item TEXT NOT NULL,
    options INTEGER NOT NULL,
    choice TEXT NOT NULL,
    confidence REAL NOT NULL,
    time REAL NOT NULL,
    answer TEXT,
    informed INTEGER NOT NULL DEFAULT 0,
    UNIQUE (learner, lesson, item)
)
"""
TOKEN = re.compile(r"[A-Za-z0-9_-]{16,64}")


def new_token() -> str:
    """A name for a learner that nobody can guess; it holds nothing about the person.

    Never with a dash in front: `--learner -Jk...` is read as an option that is not there.
    """
    while (token := secrets.token_urlsafe(16)).startswith("-"):
        pass
    return token


def is_token(text: object) -> bool:
    """Whether a text, perhaps out of a URL, can be a learner's token."""
    return isinstance(text, str) and TOKEN.fullmatch(text) is not None


@dataclass(frozen=True)
class Commitment:
    """One locked prediction.

    Attributes:
        answer: None until it is revealed.
        informed: Whether the lesson's explanation, which names the answers, had been opened
            before: no forecast then, and left out where forecasts are scored.
    """

    lesson: str
    item: str
    options: int
    choice: str
    confidence: float
    answer: str | None
    informed: bool = False

    @property
    def right(self) -> bool:
        return self.choice == self.answer

    @property
    def score(self) -> float:
        """Brier's score; nan before the reveal."""
        if self.answer is None:
            return math.nan
        return choice_score(self.choice == self.answer, self.confidence, options=self.options)

    @property
    def even(self) -> float:
        """What spreading evenly would have scored."""
        return even_score(self.options)


class Predictions:
    """The commitments of all learners, in the same file as the runs."""

    def __init__(self, path: Path | None = None) -> None:
        """Open the table in `path`, or in the file where runs are kept."""
        place = Path(path) if path else home_place() / "plantedu.sqlite"
        self._database = Database(place, tables=(TABLE,))

    def commit(
        self,
        token: str,
        lesson: str,
        prediction: Prediction,
        choice: str,
        confidence: float,
        *,
        informed: bool = False,
    ) -> Commitment:
        """Lock a prediction; `informed` where the explanation had been opened before.

        Raises:
            PlantEduError: for a second commitment, an unknown option or a confidence that is no
                probability; nothing is then written.
        """
        require(is_token(token), f"A learner's token has 16 to 64 letters or digits: {token!r}.")
        require(
            choice in prediction.keys,
            f"{prediction.id} has the options {', '.join(prediction.keys)}; got {choice!r}.",
        )
        _check_confidence(confidence)
        row = (token, lesson, prediction.id, len(prediction.options), choice, float(confidence))
        with self._database.write() as link:
            try:
                link.execute(
                    "INSERT INTO predictions (learner, lesson, item, options, choice, confidence,"
                    " time, informed) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                    (*row, time.time(), informed),
                )
            except IntegrityError:
                raise PlantEduError(
                    f"You have committed to an answer for {prediction.id} before; a commitment "
                    "is final."
                ) from None
        return Commitment(*row[1:], answer=None, informed=informed)

    def reveal(self, token: str, lesson: str, item: str, answer: str) -> Commitment:
        """Write the answer beside a commitment; the first one stays.

        Raises:
            PlantEduError: if nothing was committed: the answer is shown only to who predicted.
        """
        with self._database.write() as link:
            link.execute(
                "UPDATE predictions SET answer = ?"
                " WHERE learner = ? AND lesson = ? AND item = ? AND answer IS NULL",
                (answer, token, lesson, item),
            )
        found = self.of(token, lesson).get(item)
        if found is None:
            raise PlantEduError(f"Commit to an answer for {item} first; then it is revealed.")
        return found

    def of(self, token: str, lesson: str | None = None) -> dict[str, Commitment]:
        """A learner's commitments by item (by lesson/item over all lessons), oldest first."""
        with self._database.read() as link:
            rows = link.execute(
                "SELECT * FROM predictions WHERE learner = ? AND (? IS NULL OR lesson = ?)"
                " ORDER BY number",
                (token, lesson, lesson),
            ).fetchall()
        return {_name(row, lesson): commitment_of(row) for row in rows}


def _check_confidence(confidence: object) -> None:
    number = isinstance(confidence, int | float) and not isinstance(confidence, bool)
    require(
        number and 0 <= float(confidence) <= 1,  # type: ignore[arg-type]
        f"A confidence is a probability from 0 to 1; got {confidence!r}.",
    )


def _name(row: Row, lesson: str | None) -> str:
    return row["item"] if lesson else f"{row['lesson']}/{row['item']}"


def commitment_of(row: Row) -> Commitment:
    """A commitment from a row of the table."""
    fields = ("lesson", "item", "options", "choice", "confidence", "answer")
    return Commitment(*(row[field] for field in fields), informed=bool(row["informed"]))
