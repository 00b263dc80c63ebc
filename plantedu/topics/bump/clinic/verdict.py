"""What a diagnosis is worth: the Brier score against knowing nothing, less the price of the tests.

    brier = sum_c (p_c - [c is the cause])^2,   p = confidence for the diagnosis, rest shared out
    score = 100 (1 - brier / brier of equal shares) - price

0 is what equal shares without a test get, 100 is to be sure, right and to have ordered nothing. To
be sure and wrong costs more than a hundred, so confidence is best stated as it is.

Source: Brier 1950 [brier1950]. Lesson: 03_bump.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from plantedu.errors import require
from plantedu.statistics.brier import choice_score
from plantedu.topics.bump.clinic.cases import Case
from plantedu.topics.bump.clinic.causes import CAUSES, Cause, cause
from plantedu.topics.bump.clinic.orders import price


@dataclass(frozen=True)
class Verdict:
    """What became of a diagnosis.

    Attributes:
        right: Whether it was.
        score: See above.
        brier: The Brier score, 0 to 2.
        price: Of the tests that were ordered.
        truth: What the cause was.
        reasoning: What gives it away, which test settles it, what it is taken for.
    """

    right: bool
    score: float
    brier: float
    price: int
    truth: Cause
    reasoning: str


def judge(case: Case, diagnosis: str, confidence: float, ordered: Sequence[str] = ()) -> Verdict:
    """Judge a learner's diagnosis.

    Args:
        case: Which case.
        diagnosis: Key of a cause.
        confidence: Probability given to it, 0 to 1.
        ordered: Names of the tests that were ordered.

    Raises:
        PlantEduError: for a cause or test that is not there, or a confidence out of range.
    """
    cause(diagnosis)
    require(0 <= confidence <= 1, f"Confidence is a probability from 0 to 1, got {confidence!r}.")
    paid, found = (
        price(tuple(ordered)),
        choice_score(diagnosis == case._truth, confidence, options=len(CAUSES)),
    )
    blind = 1 - 1 / len(CAUSES)
    truth = cause(case._truth)
    return Verdict(
        diagnosis == truth.key,
        100 * (1 - found / blind) - paid,
        found,
        paid,
        truth,
        truth.reasoning,
    )
