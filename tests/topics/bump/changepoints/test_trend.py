"""The spline follows what falls smoothly, from its first rows on, and no step."""

import numpy as np
import pytest

from plantedu.topics.bump.changepoints.trend import trend_basis

ROWS = np.arange(600.0)


def missed(values, **knobs):
    """Largest distance of the spline, as a share of the curve's range."""
    basis = trend_basis(ROWS, **{"within": 48, **knobs})
    return np.abs(values - basis @ (basis.T @ values)).max() / np.ptp(values)


@pytest.mark.parametrize(
    "values",
    [(1 + ROWS) ** -0.5, (1 + ROWS) ** -0.2, np.exp(-ROWS / 80), -ROWS, (ROWS - 300) ** 3],
    ids=["root", "slow power", "exponential", "line", "cubic"],
)
def test_smooth_curves_are_followed(values):
    assert missed(values) < 1e-3


def test_a_step_is_not_followed_until_the_spline_is_cut_there():
    step = (ROWS >= 300).astype(float)
    assert missed(step) > 0.4
    assert missed(step, cuts=(300,)) < 1e-9


def test_a_slow_sigmoid_is_followed_and_a_sharp_one_is_not():
    slow, sharp = (1 / (1 + np.exp(-(ROWS - 300) / (rows / 4.4))) for rows in (200, 10))
    assert missed(slow) < 2e-3
    assert missed(sharp) > 0.1


@pytest.mark.parametrize("cuts", [(), (100,), (50, 57), (5,), (590,)])
def test_columns_are_orthonormal_and_hold_a_level(cuts):
    basis = trend_basis(ROWS, within=48, cuts=cuts)
    np.testing.assert_allclose(basis.T @ basis, np.eye(basis.shape[1]), atol=1e-10)
    np.testing.assert_allclose(basis @ (basis.T @ np.ones(600)), 1, atol=1e-8)


def test_gaps_between_rows_are_crossed():
    rows = np.r_[0:200, 500:900].astype(float)
    line = 3 - 0.01 * rows
    basis = trend_basis(rows, within=48)
    np.testing.assert_allclose(basis @ (basis.T @ line), line, atol=1e-3)
