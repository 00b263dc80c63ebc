"""Tops and twins: the twins have the picture's mean, not its meaning."""

import numpy as np
import pytest

from plantedu.errors import PlantEduError
from plantedu.topics.neurons.results.units import levels_apart
from plantedu.topics.neurons.top_inputs import top_inputs


def test_tops_and_twins_by_hand():
    rng = np.random.default_rng(0)
    n = 64
    means = rng.random((n, 3))
    spot = (np.arange(n) < 8).astype(float)
    units = np.stack([spot + 0.001 * np.arange(n)[::-1], means[:, 0], np.zeros(n)], axis=1)
    found = top_inputs(units, means, count=4)
    assert found.tops[0].tolist() == [0, 1, 2, 3]
    quarter = set(np.argsort(-units[:, 0])[: n // 4].tolist())
    assert not quarter & set(found.twins[0].tolist())
    assert len(set(found.twins[0].tolist())) == 4
    far = np.abs(means[found.tops[0]] - means[found.twins[0]]).max(axis=1)
    assert found.apart[0] == pytest.approx(far.max())
    assert found.score[0] > 2
    assert found.score[2] == 0


def test_a_unit_of_brightness_fires_for_twins_as_well():
    rng = np.random.default_rng(1)
    bright = rng.random(400)
    means = np.stack([bright] * 3, axis=1)
    spots = (rng.random(400) < 0.02).astype(float)
    found = top_inputs(np.stack([bright, spots], axis=1), means, count=4)
    # the brightest have no twin of their brightness below the upper quarter: apart says so
    assert found.apart[0] > 0.2
    assert found.apart[1] < 0.05


def test_too_few_plants_are_refused():
    with pytest.raises(PlantEduError, match="need 48 plants or more; got 20"):
        top_inputs(np.zeros((20, 1)), np.zeros((20, 3)))


def test_shown_twins_tell_how_far_they_are():
    flat = [np.full((4, 4, 3), level, np.uint8) for level in (10, 12, 40)]
    assert levels_apart(flat[:2], flat[:2]) == 0
    assert levels_apart(flat[:2], [flat[1], flat[2]]) == 28
    one = flat[0].copy()
    one[..., 2] += 8  # one channel alone
    assert levels_apart(flat[:1], [one]) == 8
