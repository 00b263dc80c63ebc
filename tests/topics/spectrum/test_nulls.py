"""Nulls: the circular law, shuffled pairs, a turned target, and honest p values."""

import numpy as np
import pytest

from plantedu.statistics.ridge_map import Ridge
from plantedu.topics.spectrum.nulls import (
    circular_sd,
    ginibre,
    p_value,
    rotated,
    rotation,
    shuffled,
)
from plantedu.topics.spectrum.planted import looks
from plantedu.topics.spectrum.score import read


def draw(seed=0):
    return np.random.default_rng(seed)


@pytest.mark.parametrize("dim", [32, 64])
def test_the_circular_law_gives_three_over_two_d(dim):
    found = ginibre(dim, generator=draw(), draws=300)
    assert found.scores.std() == pytest.approx(circular_sd(dim), rel=0.15)
    assert abs(found.scores.mean()) < 4 * circular_sd(dim) / 17
    assert np.quantile(np.abs(found.values), 0.98) == pytest.approx(1, abs=0.1)
    assert np.abs(found.values).mean() == pytest.approx(2 / 3, abs=0.02)


def test_shuffled_pairs_carry_nothing_and_score_nothing():
    x, y = looks(200, 16, generator=draw(), count=2)
    new = looks(100, 16, generator=draw(1), count=2)
    found = shuffled(Ridge(x), y, (new[0], new[1]), generator=draw(2), draws=60)
    assert abs(found.scores.mean()) < 4 * found.scores.std() / np.sqrt(60)
    assert found.r2.max() < 0.02


def test_a_turned_target_is_predicted_as_well_and_scores_nothing():
    x, y = looks(400, 16, generator=draw(), reliability=0.9, count=2)
    ridge = Ridge(x)
    straight = ridge.fit(y)
    found = rotated(ridge, y, (x, y), generator=draw(1), draws=60)
    turned = ridge.fit(y @ rotation(16, draw(5)))
    assert found.r2 == pytest.approx(straight.r2(x, y))
    assert turned.loo_r2 == pytest.approx(straight.loo_r2, abs=1e-9)
    assert read(straight.matrix).score > 0.95
    assert abs(found.scores.mean()) < 0.1
    assert found.scores.max() < 0.5


def test_rotations_are_orthogonal_and_turn_every_way():
    many = np.array([rotation(4, draw(k)) for k in range(300)])
    assert many @ many.transpose(0, 2, 1) == pytest.approx(np.broadcast_to(np.eye(4), (300, 4, 4)))
    assert np.abs(many.mean(0)).max() < 0.12


def test_a_p_value_counts_itself_and_ties():
    assert p_value(3.0, np.array([1.0, 2.0, 3.0, 4.0])) == pytest.approx(3 / 5)
    assert p_value(9.0, np.arange(99.0) / 100) == pytest.approx(0.01)


def test_shuffles_reject_about_one_in_twenty():
    """A small version of experiments/validity/spectrum_null.py, wide enough for its 60 repeats."""
    hits = []
    for repeat in range(60):
        one = draw((repeat, 3))
        x, y = (looks(40, 6, generator=one, count=1)[0] for _ in range(2))
        ridge = Ridge(x)
        null = shuffled(ridge, y, (x, y), generator=one, draws=19)
        hits.append(p_value(read(ridge.fit(y).matrix).score, null.scores) <= 0.05)
    assert np.mean(hits) <= 0.15
