"""A factor that the encoder knows is read; given to other plants it is read off nothing."""

import numpy as np

from plantedu.topics.report_card import encoders


def test_ridge_reads_a_line_and_no_noise():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(200, 10))
    y = x @ rng.normal(size=10)
    assert encoders._r2(x[:150], x[150:], y) > 0.95
    assert encoders._r2(x[:150], x[150:], rng.normal(size=200)) < 0.1


def test_who_scores_on_the_same_plants_sees_everything():
    assert [mark.said for mark in encoders.without_null(0)] == [True, True]
