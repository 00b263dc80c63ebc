"""The statistic against a least-squares fit of trend and step at once, row by row."""

import numpy as np
import pytest

from plantedu.topics.bump.changepoints.contrast import LEAST, SHAPES, SMOOTHED, Contrast
from plantedu.topics.bump.changepoints.noise import whitened
from plantedu.topics.bump.changepoints.shapes import ARRIVES, RETURNS
from plantedu.topics.bump.changepoints.tails import Tails
from plantedu.topics.bump.changepoints.trend import trend_basis

ROWS = 120
TRENDS = trend_basis(np.arange(float(ROWS)), within=30)
OPEN = np.ones(ROWS, bool)


def slow(values, phi, row, shape):
    """Size of the step and its standard error for unit noise, by lstsq."""
    order = len(phi)
    since = np.arange(ROWS) - row - order
    level = (since >= 0).astype(float)
    if SHAPES[shape] == "arriving":
        level *= np.minimum((since + 1) / ARRIVES[shape - 1], 1)
    if SHAPES[shape] == "returning":
        level *= np.exp(-np.maximum(since, 0) / RETURNS[shape - 1 - len(ARRIVES)])
    step = level[order:] if shape == SMOOTHED else whitened(phi, level)
    design = np.column_stack([whitened(phi, TRENDS), step])
    size = np.linalg.lstsq(design, whitened(phi, values), rcond=None)[0][-1]
    return size, np.sqrt(np.linalg.inv(design.T @ design)[-1, -1])


@pytest.mark.parametrize("phi", [[], [0.7], [0.9, -0.4]], ids=len)
@pytest.mark.parametrize("shape", range(len(SHAPES)))
def test_it_equals_least_squares(phi, shape):
    phi = np.array(phi)
    values = np.random.default_rng(0).standard_normal(ROWS) + (np.arange(ROWS) > 60)
    contrast = Contrast.of(TRENDS, phi, OPEN)
    residuals = contrast.residuals(values[:, None])
    sums = contrast.sums(residuals)[shape, :, 0]
    statistic = contrast.statistic(residuals)[shape, :, 0]
    scale = contrast.scale(contrast.without_largest(residuals))[:, 0]
    for row in (12, 40, 61, 100):
        if contrast.information[shape, row] <= LEAST:
            assert statistic[row] == 0
            continue
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


def test_one_outlier_hardly_moves_a_clipped_fit():
    noise = np.random.default_rng(3).standard_normal((ROWS, 1))
    spoilt = noise.copy()
    spoilt[50] += 1000
    for clip in (2.0, np.inf):
        contrast = Contrast.of(TRENDS, np.zeros(0), OPEN).clipped_at(Tails(clip))
        apart = contrast.residuals(spoilt) - contrast.residuals(noise)
        far = np.abs(np.delete(apart, 50)).max()
        assert (far < 3) == (clip < np.inf)


def test_a_kink_and_a_relaxation_are_found_where_they_are():
    rows = np.arange(400.0)
    trends = trend_basis(rows, within=48)
    contrast = Contrast.of(trends, np.zeros(0), np.ones(400, bool))
    since = np.maximum(rows - 180, 0)
    for shape, tau in ((since, np.inf), (-np.expm1(-since / 19), 19.0)):
        residuals = contrast.residuals(shape[:, None])[:, 0]
        size, row, found = contrast.turn(residuals, np.ones(400), rows)
        assert (row, found) == (180, tau)
        left = contrast.without_trend(shape[:, None])
        assert size == pytest.approx(np.linalg.norm(left), rel=1e-6)


def test_shapes_at_even_rows_are_those_that_are_drawn_out():
    contrast = Contrast.of(TRENDS, np.array([0.7]), OPEN)
    residuals = contrast.residuals(np.random.default_rng(4).standard_normal((ROWS, 1)))[:, 0]
    fast, slow = (
        way(residuals, np.arange(float(ROWS))) for way in (contrast._even, contrast._uneven)
    )
    scaled = [ROWS / (ROWS - 1), *[1] * 6]  # of kinks: by the filtered rows, or by all
    np.testing.assert_allclose(fast[0], slow[0] * np.array(scaled)[:, None], atol=1e-8)
    np.testing.assert_allclose(fast[1], slow[1] * np.array(scaled)[:, None] ** 2, atol=1e-8)
