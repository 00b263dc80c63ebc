"""When a loss has left ln K: for good, by the mean of ten."""

import math

from benchmarks.quick_look import left_at

LN_K = math.log(64)


def test_a_loss_that_stays_or_comes_back_has_not_left():
    assert left_at([LN_K] * 50, 64) is None
    assert left_at([LN_K] * 20 + [3.0] * 20 + [LN_K] * 20, 64) is None
    assert left_at([3.0] * 9, 64) is None


def test_it_has_left_when_the_mean_of_ten_stays_below():
    left = left_at([LN_K] * 30 + [LN_K - 0.6] * 30, 64)
    assert left == 31, "one of ten losses is .6 nat lower: .06 in the mean"
