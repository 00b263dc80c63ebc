"""Values keep four digits and their sign, real ones lie on the axis."""

import numpy as np

from plantedu.topics.spectrum.results.plane import points, short


def test_complex_values_are_points_of_four_digits():
    assert points(np.array([1.23456 - 0.000123456j, -2.0])) == ((1.235, -0.0001235), (-2.0, 0.0))


def test_small_numbers_keep_their_digits():
    assert short(1.234567e-9) == 1.235e-9
