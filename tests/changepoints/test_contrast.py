"""The statistic against a least-squares fit of trend and step at once, row by row."""

import numpy as np
import pytest

from plantedu.changepoints.contrast import Contrast
from plantedu.changepoints.noise import whitened
from plantedu.changepoints.trend import trend_basis

ROWS = 120
TRENDS = trend_basis(np.arange(float(ROWS)), within=30)
OPEN = np.ones(ROWS, bool)


def slow(values, phi, row, shape):
    """Size of the step and its standard error for unit noise, by lstsq."""
    order = len(phi)
    level = (np.arange(ROWS) >= row + order).astype(float)
    step = whitened(phi, level) if shape == 0 else level[order:]
    design = np.column_stack([whitened(phi, TRENDS), step])
    size = np.linalg.lstsq(design, whitened(phi, values), rcond=None)[0][-1]
    return size, np.sqrt(np.linalg.inv(design.T @ design)[-1, -1])


@pytest.mark.parametrize("phi", [[], [0.7], [0.9, -0.4]], ids=len)
@pytest.mark.parametrize("shape", [0, 1])
def test_it_equals_least_squares(phi, shape):
    phi = np.array(phi)
    values = np.random.default_rng(0).standard_normal(ROWS) + (np.arange(ROWS) > 60)
    contrast = Contrast.of(TRENDS, phi, OPEN)
    residuals = contrast.residuals(values[:, None])
    sums = contrast.sums(residuals)[shape, :, 0]
    statistic = contrast.statistic(residuals)[shape, :, 0]
    scale = contrast.scale(residuals)[:, 0]
    for row in (12, 40, 61, 100):
        size, error = slow(values, phi, row, shape)
        assert sums[row] / contrast.information[shape, row] == pytest.approx(size)
        assert statistic[row] == pytest.approx(abs(size) / error / scale[row])


def test_rows_that_are_closed_have_no_statistic():
    closed = OPEN.copy()
    closed[50:70] = False
    contrast = Contrast.of(TRENDS, np.zeros(0), closed)
    noise = np.random.default_rng(1).standard_normal((ROWS, 2))
    assert (contrast.statistic(contrast.residuals(noise))[:, 50:70] == 0).all()


def test_the_largest_step_is_taken_out():
    contrast = Contrast.of(TRENDS, np.array([0.5]), OPEN)
    step = 3.0 * (np.arange(ROWS) >= 61)
    values = np.stack([step, -step], axis=1) + 1e-6 * np.random.default_rng(2).standard_normal(
        (ROWS, 2)
    )
    left = contrast.without_largest(contrast.residuals(values))
    assert np.abs(left).max() < 1e-4
