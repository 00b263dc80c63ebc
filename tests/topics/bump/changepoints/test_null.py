"""The null: phi is not biased by what was fitted, and the drawn maxima are those of real noise."""

import numpy as np
import pytest

from plantedu.topics.bump.changepoints.contrast import Contrast
from plantedu.topics.bump.changepoints.noise import coloured
from plantedu.topics.bump.changepoints.null import (
    BLOCK,
    flipped,
    innovations_of,
    noise_of,
    null_maxima,
    shortfall,
)
from plantedu.topics.bump.changepoints.trend import trend_basis

ROWS = 300
TRENDS = trend_basis(np.arange(float(ROWS)), within=48)
OPEN = np.ones(ROWS, bool)
OPEN[:6] = OPEN[-6:] = False
PLAIN = Contrast.of(TRENDS, np.zeros(0), OPEN)


def filtered(phi):
    return Contrast.of(TRENDS, phi, OPEN)


def test_phi_is_found_although_trend_and_step_took_some_along():
    found = []
    for seed in range(8):
        series = coloured(np.array([0.8]), ROWS, 1, np.random.default_rng(seed))
        residuals = PLAIN.residuals(series)[:, 0]
        noise = noise_of(PLAIN, residuals, np.random.default_rng(seed))
        found.append(noise.phi.sum())
        assert noise.scale.mean() == pytest.approx(series.std(), rel=0.35)
    assert np.mean(found) == pytest.approx(0.8, abs=0.05)


@pytest.mark.parametrize("rho", [0.0, 0.7])
def test_drawn_maxima_are_like_those_of_fresh_noise(rho):
    """The slow twin: fresh noise of known phi, each with a filter of its own."""
    generator = np.random.default_rng(3)
    phi = np.array([rho] if rho else [])
    fresh, drawn = [], []
    for seed in range(150):
        series = coloured(phi, ROWS, 1, generator)
        residuals = PLAIN.residuals(series)[:, 0]
        noise = noise_of(PLAIN, residuals, generator)
        contrast = filtered(noise.phi)
        own = contrast.residuals(series)
        fresh.append(contrast.maxima(own)[0])
        if seed % 10 == 0:
            left = innovations_of(contrast, own)[:, 0]
            how = {"draws": 99, "generator": generator}
            drawn.append(null_maxima(PLAIN, filtered, noise, left, **how))
    assert np.median(drawn) == pytest.approx(np.median(fresh), rel=0.1)
    assert np.quantile(drawn, 0.9) == pytest.approx(np.quantile(fresh, 0.9), rel=0.1)


def test_draws_fall_short_by_a_few_per_cent():
    assert 1 < shortfall(PLAIN, np.random.default_rng(5)) < 1.15


def test_signs_change_by_blocks_and_nothing_else_does():
    """Noise that is loud in places is loud there in each draw."""
    loud = np.random.default_rng(6).standard_normal(203) * np.where(np.arange(203) < 90, 5, 1)
    again = flipped(loud, 40, np.random.default_rng(7))
    np.testing.assert_array_equal(np.abs(again), np.abs(loud)[:, None] * np.ones(40))
    signs = np.sign(again / loud[:, None])
    changes = np.flatnonzero((np.diff(signs, axis=0) != 0).any(1))
    for draw in signs.T:
        ends = np.flatnonzero(np.diff(draw))
        assert len(set(ends % BLOCK)) <= 1
    assert len(set(changes % BLOCK)) == BLOCK  # each draw's blocks end elsewhere
    assert abs(signs.mean()) < 0.1
