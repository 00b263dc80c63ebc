"""Intervals over pairs."""

import numpy as np
import pytest

from plantedu.statistics.ridge_map import Ridge
from plantedu.topics.spectrum.planted import looks, planted
from plantedu.topics.spectrum.resampling import around, draws_of, ratio_interval, resampled_scores
from plantedu.topics.spectrum.score import read


def test_an_interval_stands_around_its_value():
    low, high = around(0.5, np.array([0.1, 0.2, 0.3]), level=0.95)
    assert (low + high) / 2 == pytest.approx(0.5)
    assert high - low == pytest.approx(0.19)


def test_resamples_of_a_planted_rotation_hold_its_score_most_of_the_time():
    held = []
    for seed in range(20):
        draw = np.random.default_rng(seed)
        head = planted("rotate", 8, generator=draw)
        x, _, other = looks(300, 8, generator=draw)
        y = other @ head.matrix
        found = Ridge(x).fit(y)
        scores = resampled_scores((x, y), found.penalty, draws_of(300, 40, draw))
        low, high = around(read(found.matrix).score, scores)
        held.append(low <= head.score <= high)
    assert np.mean(held) >= 0.75


def test_more_plants_make_it_narrower():
    widths = []
    for n in (100, 1600):
        draw = np.random.default_rng(0)
        error = draw.exponential(size=n)
        total = error + draw.exponential(size=n)
        low, high = ratio_interval(error, total, generator=draw)
        assert low < 1 - error.sum() / total.sum() < high
        widths.append(high - low)
    assert widths[1] < widths[0] / 2
