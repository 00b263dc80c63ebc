"""The slow twins of lesson 12's checks are right."""

import numpy as np

from plantedu.exercises import checks_12 as checks
from plantedu.exercises.lesson_12 import best_of_many, followed


def test_the_slow_count_is_the_fast_one():
    right, shuffled = checks.by_hand()
    assert np.allclose(checks.slowly(right, shuffled), best_of_many(right, shuffled))


def test_ten_pictures_tell_the_mistakes_apart():
    other, own, wanted = checks.ten()
    assert (other == wanted).sum() == 6
    assert (own == wanted).sum() == 3
    assert (other != own).sum() == 8
    assert followed(other, own, wanted) == 0.3
