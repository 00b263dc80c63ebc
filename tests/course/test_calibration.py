"""A learner's calibration: by lesson, by habit, beside spreading evenly."""

from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest

from plantedu.course.calibration import calibration
from plantedu.course.lessons import lessons_in
from plantedu.course.predictions import Commitment
from plantedu.statistics.intervals import count_interval

ITEMS = count()
LESSONS = lessons_in(Path(__file__).parents[2] / "lessons")


def made(lesson: str, right: bool | None, *, sure: float = 0.8, options: int = 3) -> Commitment:
    answer = None if right is None else "a" if right else "b"
    return Commitment(lesson, f"x{next(ITEMS)}", options, "a", sure, answer)


def test_nothing_revealed_is_nothing_to_report():
    assert calibration([], LESSONS) is None
    assert calibration([made("01_pairs", None)], LESSONS) is None


def test_all_of_it_adds_up():
    every = [made("01_pairs", True), made("01_pairs", False), made("03_bump", True, options=2)]
    found = calibration([*every, made("03_bump", None)], LESSONS)
    assert found.waiting == 1
    assert found.whole.right.value == pytest.approx(2 / 3)
    assert found.whole.right.null == pytest.approx((1 / 3 + 1 / 3 + 1 / 2) / 3)
    assert found.whole.score.null == pytest.approx((2 / 3 + 2 / 3 + 1 / 2) / 3)
    assert found.whole.score.value == pytest.approx(sum(c.score for c in every) / 3)
    p = found.parts
    assert p.reliability - p.resolution + p.uncertainty == pytest.approx(p.brier)
    assert [g.score.n for g in found.lessons] == [2, 1]


def test_what_was_locked_after_the_explanation_was_open_is_no_forecast():
    fair, late = made("01_pairs", False), replace(made("01_pairs", True), informed=True)
    found = calibration([fair, late, made("01_pairs", None)], LESSONS)
    assert (found.informed, found.waiting, found.parts.n) == (1, 1, 1)
    assert found.whole.right.value == 0
    assert calibration([late], LESSONS) is None


def test_a_prediction_counts_for_each_habit_of_its_lesson():
    found = calibration([made("01_pairs", True)], LESSONS)
    habits = next(lesson.habits for lesson in LESSONS if lesson.stem == "01_pairs")
    assert {g.name for g in found.habits} == set(habits)
    assert found.whole.score.interval is None  # one answer has no spread


def test_who_always_spreads_evenly_scores_as_the_null():
    every = [made("01_pairs", k % 3 == 0, sure=1 / 3) for k in range(12)]
    found = calibration(every, LESSONS)
    assert found.whole.score.value == pytest.approx(found.whole.score.null)
    assert found.parts.verdict == "not told apart from calibrated"


def test_few_answers_have_counts_and_no_interval():
    nine = calibration([made("01_pairs", True) for _ in range(9)], LESSONS)
    assert nine.whole.score.interval is nine.whole.right.interval is None
    ten = calibration([made("01_pairs", True, sure=0.95) for _ in range(10)], LESSONS)
    assert ten.whole.right.interval == count_interval(10, 10)
    low, high = ten.whole.score.interval
    assert low < high  # ten equal scores were an interval of no width
    assert ten.parts.verdict == "not told apart from calibrated"


def test_a_class_is_as_many_units_as_questions():
    one = [made("01_pairs", k % 2 == 0) for k in range(12)]
    found = calibration(one * 20, LESSONS)
    assert (found.parts.n, found.parts.units, found.whole.answers) == (240, 12, 240)
    assert found.whole.score.n == 12
    assert found.whole.score.interval == pytest.approx(
        calibration(one, LESSONS).whole.score.interval
    )
