"""The prototype transition: rows are shares, a copy is the identity, a swap turns back."""

import numpy as np
import pytest

from plantedu.errors import PlantEduError
from plantedu.topics.spectrum.score import copying_score
from plantedu.topics.spectrum.transition import agreement, sensor_stable, transition

CODES = np.eye(4)[np.arange(40) % 4]


def slow(q, p):
    """T by loops."""
    found = np.zeros((q.shape[1], p.shape[1]))
    for k in range(q.shape[1]):
        for plant in range(len(q)):
            found[k] += q[plant, k] * p[plant]
        found[k] /= q[:, k].sum()
    return found


def test_it_is_the_loops_and_its_rows_sum_to_one():
    draw = np.random.default_rng(0)
    q, p = (draw.dirichlet(np.ones(4), size=40) for _ in range(2))
    assert transition(q, p) == pytest.approx(slow(q, p))
    assert transition(q, p).sum(1) == pytest.approx(np.ones(4))


def test_a_copy_is_the_identity_and_a_swap_is_read_as_one():
    assert transition(CODES, CODES) == pytest.approx(np.eye(4))
    assert copying_score(sensor_stable(transition(CODES, CODES))) == pytest.approx(1)
    swapped = CODES[:, [1, 0, 3, 2]]
    values = sensor_stable(transition(CODES, swapped))
    assert np.sort(values.real) == pytest.approx([-1, -1, 1])
    assert agreement(CODES, swapped).mean() == 0
    assert agreement(CODES, CODES).mean() == 1


def test_independent_sensors_hold_no_group():
    even = np.full((40, 4), 0.25)
    with pytest.raises(PlantEduError, match="constant"):
        transition(CODES, even)
    mixed = np.eye(4)[np.repeat(np.arange(4), 10)]
    assert np.abs(sensor_stable(transition(CODES, mixed))).max() < 0.3


def test_a_prototype_that_nobody_uses_predicts_the_mean():
    codes = np.column_stack([CODES, np.zeros(40)])
    found = transition(codes, codes)
    assert found[4] == pytest.approx(codes.mean(0))


@pytest.mark.parametrize("bad", [CODES * 2, CODES - 0.5 * (CODES > 0.5) + 0.5 * (CODES > 2)])
def test_rows_that_are_no_shares_are_refused(bad):
    with pytest.raises(PlantEduError, match="shares that sum to 1"):
        transition(CODES, bad)
