"""Verdicts: what is right, what it cost, and that honesty about confidence pays."""

import numpy as np
import pytest

from plantedu.errors import PlantEduError
from plantedu.statistics.brier import choice_score
from plantedu.topics.bump.clinic.cases import draw_case
from plantedu.topics.bump.clinic.causes import CAUSES, KEYS
from plantedu.topics.bump.clinic.verdict import judge


@pytest.fixture
def case(small_bank):
    return draw_case(5, source=small_bank)


def test_sure_and_right_without_a_test_is_a_hundred_and_tests_are_paid(case):
    free = judge(case, case._truth, 1.0)
    assert (free.right, free.score, free.price, free.brier) == (True, 100, 0, 0)
    paid = judge(case, case._truth, 1.0, ("raw", "first"))
    assert (paid.score, paid.price) == (96, 4)
    assert paid.truth.key == case._truth
    assert paid.reasoning == paid.truth.reasoning


def test_equal_shares_are_worth_nothing_and_sure_and_wrong_costs_more_than_a_hundred(case):
    wrong = next(key for key in KEYS if key != case._truth)
    assert judge(case, wrong, 1 / len(CAUSES)).score == pytest.approx(0)
    lost = judge(case, wrong, 1.0)
    assert not lost.right
    assert lost.brier == 2
    assert lost.score < -100


def test_stating_the_true_share_is_best_on_average():
    def expected(stated: float, share: float) -> float:
        hit, miss = (choice_score(right, stated, options=len(CAUSES)) for right in (True, False))
        return share * hit + (1 - share) * miss

    grid = np.linspace(0, 1, 201)
    for share in (0.3, 0.6, 0.9):
        best = grid[np.argmin([expected(p, share) for p in grid])]
        assert best == pytest.approx(share, abs=0.04)


@pytest.mark.parametrize(
    ("given", "said"),
    [(("weather", 0.5), "No cause"), (("escape", 1.5), "probability"),
     (("escape", 0.5, ("stars",)), "No test")],
)  # fmt: skip
def test_what_cannot_be_judged_is_refused(case, given, said):
    with pytest.raises(PlantEduError, match=said):
        judge(case, *given)
