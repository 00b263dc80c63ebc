"""Products with every shape at every row, against shapes that are moved by hand."""

import numpy as np
import pytest

from plantedu.topics.bump.changepoints import shapes

ROWS = 60
COLUMNS = np.random.default_rng(0).standard_normal((ROWS, 3))
SINCE = np.arange(ROWS)[None] - np.arange(ROWS)[:, None]  # first row, row


def test_abrupt_products_equal_the_loop():
    every = shapes.abrupt_shapes(SINCE.astype(float))
    np.testing.assert_allclose(shapes.abrupt_products(COLUMNS), every @ COLUMNS, atol=1e-9)


def test_continuous_products_equal_the_loop():
    since = np.maximum(SINCE, 0)
    taus = (5.0, 30.0)
    slow = np.stack([since / ROWS, *(-np.expm1(-since / tau) for tau in taus)]) @ COLUMNS
    np.testing.assert_allclose(shapes.continuous_products(COLUMNS, taus), slow, atol=1e-9)


@pytest.mark.parametrize("tau", [np.inf, 13.0])
def test_a_continuous_shape_has_no_step(tau):
    shape = shapes.kink_or_relaxation(np.arange(100.0), 40, tau)
    assert (shape[:41] == 0).all()
    assert np.abs(np.diff(shape)).max() < 0.08
