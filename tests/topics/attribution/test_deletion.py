"""Deletion and insertion on networks whose areas are known."""

import numpy as np
import pytest

from plantedu.errors import PlantEduError
from plantedu.topics.attribution.deletion import SHARES, areas
from plantedu.topics.attribution.pair import PairBatch


def nothing(pair):
    return PairBatch(0 * pair.x1, 0 * pair.x2)


def truth(linear, pair):
    both = zip(pair.both, (linear.w1, linear.w2), strict=True)
    return np.stack([(w[1] * x).sum(1).numpy() for x, w in both])


def test_the_true_order_deletes_first_what_counts(linear, pair):
    value = truth(linear, pair)
    value = value - value.min()
    best, worst = (areas(linear, pair, nothing(pair), r, 1) for r in (value, value.max() - value))
    good = np.sign(truth(linear, pair).sum((0, 2, 3)))
    assert (good * (worst - best) > 0).all()
    inserted = areas(linear, pair, nothing(pair), value, 1, insert=True)
    assert (good * (inserted - best) > 0).all()


def test_against_a_plain_loop(convolved, pair):
    r = np.random.default_rng(0).random((2, 3, 8, 8))
    found = areas(convolved, pair, nothing(pair), r, 0)
    order = sorted(range(128), key=lambda k: -r[:, 1].ravel()[k])
    curve = []
    for share in SHARES:
        x = [one[1:2].clone() for one in pair.both]
        for k in order[: round(share * 128)]:
            s, place = divmod(k, 64)
            x[s][0, :, place // 8, place % 8] = 0
        curve.append(float(convolved(*x)[0, 0]))
    scaled = (np.array(curve) - curve[-1]) / (curve[0] - curve[-1])
    assert found[1] == pytest.approx(np.trapezoid(scaled, SHARES), abs=1e-4)


def test_a_plant_that_is_its_own_filling_has_no_area(linear, pair):
    assert np.isnan(areas(linear, pair, pair, np.ones((2, 3, 8, 8)), 1)).all()


def test_a_map_of_another_shape(linear, pair):
    with pytest.raises(PlantEduError, match="The map must be"):
        areas(linear, pair, pair, np.ones((2, 1, 8, 8)), 1)
