"""Each prediction has one settler, whose options are the prediction's."""

from collections import Counter
from pathlib import Path

import pytest

from plantedu.course.answer_key import SETTLERS
from plantedu.course.lessons import lessons_in

LESSONS = Path(__file__).parents[2] / "lessons"
PREDICTIONS = [p for lesson in lessons_in(LESSONS) for p in lesson.predictions]


@pytest.mark.parametrize("prediction", PREDICTIONS, ids=lambda p: p.id)
def test_every_prediction_is_settled_by_one_of_its_options(prediction):
    (settler,) = [one for one in SETTLERS if one.name == prediction.settles]
    assert {key for _, key in settler.bins} == set(prediction.keys)


def test_no_settler_stands_twice_or_for_nothing():
    names = Counter(one.name for one in SETTLERS)
    assert set(names.values()) == {1}
    assert set(names) == {one.settles for one in PREDICTIONS}


def test_a_number_falls_into_the_bin_below_whose_end_it_lies():
    settler = SETTLERS[0]
    end, key = settler.bins[0]
    assert settler.option(end - 1e-9) == key
    assert settler.option(end) == settler.bins[1][1]
