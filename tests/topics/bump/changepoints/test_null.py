"""The null: phi is not biased by what was fitted, and the drawn maxima are those of real noise."""

import numpy as np
import pytest

from plantedu.topics.bump.changepoints.contrast import Contrast
from plantedu.topics.bump.changepoints.noise import coloured
from plantedu.topics.bump.changepoints.null import innovations_of, lift_of, noise_of, null_maxima
from plantedu.topics.bump.changepoints.trend import trend_basis

ROWS = 300
TRENDS = trend_basis(np.arange(float(ROWS)), within=48)
OPEN = np.ones(ROWS, bool)
OPEN[:6] = OPEN[-6:] = False
PLAIN = Contrast.of(TRENDS, np.zeros(0), OPEN)


def test_phi_is_found_although_trend_and_step_took_some_along():
    found = []
    for seed in range(8):
        series = coloured(np.array([0.8]), ROWS, 1, np.random.default_rng(seed))
        residuals = PLAIN.residuals(series)[:, 0]
        noise = noise_of(PLAIN, residuals, np.random.default_rng(seed))
        found.append(noise.phi.sum())
        assert noise.scale.mean() == pytest.approx(series.std(), rel=0.35)
    assert np.mean(found) == pytest.approx(0.8, abs=0.05)


def test_drawn_maxima_are_like_those_of_fresh_noise():
    generator = np.random.default_rng(3)
    fresh = PLAIN.maxima(PLAIN.residuals(generator.standard_normal((ROWS, 400))))
    drawn = []
    for _ in range(6):
        residuals = PLAIN.residuals(generator.standard_normal((ROWS, 1)))[:, 0]
        noise = noise_of(PLAIN, residuals, generator)
        contrast = Contrast.of(TRENDS, noise.phi, OPEN)
        lift = lift_of(PLAIN, contrast, noise, TRENDS, OPEN, generator)
        assert 0.9 < lift < 1.3
        own = contrast.residuals(residuals[:, None])[:, 0]
        left, scale = innovations_of(contrast, own[:, None])
        how = {"lift": lift, "draws": 99, "generator": generator}
        drawn.append(null_maxima(contrast, left[:, 0], scale[:, 0], **how))
    wanted = np.quantile(fresh, [0.5, 0.95])
    np.testing.assert_allclose(np.quantile(drawn, [0.5, 0.95]), wanted, rtol=0.1)
