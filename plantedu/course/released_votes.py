"""The votes of a class that its teacher has been shown, and when it is time to show more.

What is shown changes when `STEP` more people have answered, never for one of them.
"""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from sqlite3 import Connection

from plantedu.course.blocks import Prediction
from plantedu.course.predictions import Commitment

STEP = 3  # people

QuestionKey = tuple[str, str]  # a lesson and its item
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


def released(link: Connection, code: str) -> dict[QuestionKey, list[Cast]]:
    """The votes of a class that have been shown."""
    rows = link.execute("SELECT * FROM released WHERE class = ?", (code,)).fetchall()
    return {
        (row["lesson"], row["item"]): [(key, sure) for key, sure in json.loads(row["votes"])]
        for row in rows
    }


def due(
    cast: Mapping[QuestionKey, Sequence[Commitment]], seen: Mapping[QuestionKey, Sequence[Cast]]
) -> dict[QuestionKey, list[Cast]]:
    """The votes of the questions that `STEP` more people have answered than was shown."""
    return {
        asked: [(one.choice, one.confidence) for one in votes]
        for asked, votes in cast.items()
        if len(votes) >= len(seen.get(asked, ())) + STEP
    }


def votes_on(asked: Prediction, n: int, seen: Sequence[Cast]) -> Votes:
    """The votes on one question, of which `n` were locked and `seen` are shown."""
    if not seen:
        return Votes(asked, n, {}, None)
    count = Counter(choice for choice, _ in seen)
    said = sum(sure for _, sure in seen) / len(seen)
    return Votes(asked, n, {key: count[key] for key in asked.keys}, said, len(seen))
