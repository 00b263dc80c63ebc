"""Grades: known marks give known grades, and always-yes is a coin."""

import pytest

from plantedu.errors import PlantEduError
from plantedu.topics.report_card.grade import grade
from plantedu.topics.report_card.trial import Mark, Trial

ANY = Trial("any", "11_report", "a thing", "no thing", lambda seed: [])


def marks(hits: int, missed: int, alarms: int, silent: int) -> list[Mark]:
    return (
        [Mark(True, True)] * hits
        + [Mark(True, False)] * missed
        + [Mark(False, True)] * alarms
        + [Mark(False, False)] * silent
    )


def test_shares_are_counted():
    found = grade(ANY, marks(8, 2, 1, 19), 10)
    assert found.hits.value == 0.8
    assert found.alarms.value == 0.05
    assert found.right.value == pytest.approx((0.8 + 0.95) / 2)
    assert (found.right.n, found.right.seeds) == (30, 10)
    assert found.coverage is None
    assert found.width is None


@pytest.mark.parametrize(
    ("counts", "verdict"),
    [
        ((40, 0, 0, 40), "good"),
        ((40, 0, 40, 0), "not told from a coin"),  # always yes
        ((0, 40, 0, 40), "not told from a coin"),  # always no
        ((20, 20, 20, 20), "not told from a coin"),
        ((32, 8, 4, 36), "better than a coin"),
        ((2, 0, 0, 2), "not told from a coin"),  # right every time, but twice only
    ],
)
def test_verdicts(counts, verdict):
    assert grade(ANY, marks(*counts), 5).verdict == verdict


def test_intervals_are_held_to_what_they_state():
    wide = [Mark(True, True, 0.5, 0.5, (0.0, 1.0))] * 40 + marks(0, 0, 0, 40)
    assert "narrow" not in grade(ANY, wide, 5).verdict
    missing = [Mark(True, True, 2.0, 0.5, (0.0, 1.0))] * 10
    held = [Mark(True, True, 0.5, 0.5, (0.0, 1.0))] * 30
    found = grade(ANY, held + missing + marks(0, 0, 0, 40), 5)
    assert found.coverage.value == 0.75
    assert found.verdict.endswith("intervals too narrow")
    assert found.width == pytest.approx(2.0)


def test_an_exam_without_both_kinds_of_cases_is_none():
    with pytest.raises(PlantEduError, match="cases of both kinds"):
        grade(ANY, marks(3, 1, 0, 0), 2)
