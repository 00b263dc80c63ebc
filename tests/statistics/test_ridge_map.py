"""Ridge: the closed form against refits, one plant left out at a time."""

import numpy as np
import pytest

from plantedu.statistics.ridge_map import Ridge, ridge_at

DRAW = np.random.default_rng(0)
X = DRAW.normal(size=(30, 5)) * [3, 2, 1, 0.5, 0.1] + 4
Y = X @ DRAW.normal(size=(5, 4)) + DRAW.normal(size=(30, 4))


def slow_map(x, y, penalty):
    """(X^T X + lambda I)^-1 X^T Y by plain inversion."""
    x, y = x - x.mean(0), y - y.mean(0)
    gram = x.T @ x
    return np.linalg.inv(gram + penalty * np.eye(len(gram))) @ x.T @ y


def slow_error(x, y, penalty):
    """Squared error of each plant under the map of all others; lambda stays in its unit."""
    total = 0.0
    for k in range(len(x)):
        rest = np.arange(len(x)) != k
        matrix = slow_map(x[rest], y[rest], penalty)
        guess = y[rest].mean(0) + (x[k] - x[rest].mean(0)) @ matrix
        total += ((y[k] - guess) ** 2).sum()
    return total


def test_leave_one_out_is_what_refits_say():
    ridge = Ridge(X)
    errors = [slow_error(X, Y, p * ridge.scale) for p in ridge.penalties]
    found = ridge.fit(Y)
    best = int(np.argmin(errors))
    assert found.penalty == ridge.penalties[best]
    assert found.matrix == pytest.approx(slow_map(X, Y, found.penalty * ridge.scale), rel=1e-9)
    means = sum(((Y[k] - np.delete(Y, k, 0).mean(0)) ** 2).sum() for k in range(len(Y)))
    assert found.loo_r2 == pytest.approx(1 - errors[best] / means, rel=1e-9)


def test_at_a_fixed_penalty_it_is_the_same_map():
    found = Ridge(X).fit(Y)
    assert ridge_at(X, Y, found.penalty) == pytest.approx(found.matrix, rel=1e-9)


def test_a_linear_truth_is_found_and_predicts_new_plants():
    truth = DRAW.normal(size=(5, 5))
    found = Ridge(X).fit(X @ truth + 7)
    new = DRAW.normal(size=(20, 5))
    assert found(new) == pytest.approx(new @ truth + 7, abs=0.2)
    assert found.r2(new, new @ truth + 7) > 0.999


def test_nothing_to_learn_is_shrunk_to_nothing():
    found = Ridge(X).fit(np.random.default_rng(1).normal(size=(30, 4)))
    assert found.penalty == 10
    assert abs(found.loo_r2) < 0.1


def test_a_common_scale_changes_neither_penalty_nor_map():
    one, other = Ridge(X).fit(Y), Ridge(100 * X).fit(100 * Y)
    assert one.penalty == other.penalty
    assert other.matrix == pytest.approx(one.matrix, rel=1e-8)


def test_fewer_plants_than_dimensions_are_said_to_be_few():
    wide = np.random.default_rng(2).normal(size=(6, 10))
    found = Ridge(wide).fit(wide)
    assert np.linalg.matrix_rank(found.matrix) == 5
    assert "6 plants for 10 dimensions" in found.says
    assert "at least 5 eigenvalues are 0" in found.says
    assert (np.abs(np.linalg.eigvals(found.matrix)) < 1e-9).sum() == 5
    assert Ridge(X).fit(X).says == ""
