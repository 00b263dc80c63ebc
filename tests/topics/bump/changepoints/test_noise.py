"""Scale, autocorrelation and blocks, against loops and known answers."""

import numpy as np
import pytest

from plantedu.topics.bump.changepoints.noise import (
    ar_filter,
    autocorrelation,
    coloured,
    local_scale,
    recoloured,
    whitened,
)


def test_the_scale_of_white_noise_is_its_deviation():
    noise = np.random.default_rng(0).standard_normal((3200, 4)) * [1, 2, 0.1, 5]
    np.testing.assert_allclose(local_scale(noise).mean(0), [1, 2, 0.1, 5], rtol=0.05)


def test_the_scale_follows_noise_that_grows_and_shrugs_off_outliers():
    rows = np.arange(2000)
    noise = np.random.default_rng(1).standard_normal((2000, 1)) * (1 + rows[:, None] / 500)
    noise[[50, 1000]] = 500
    found = local_scale(noise)[:, 0]
    np.testing.assert_allclose(found[[200, 1000, 1900]], [1.4, 3, 4.8], rtol=0.25)


@pytest.mark.parametrize("rows", [3, 31, 33, 70])
def test_short_series_have_a_scale(rows):
    assert local_scale(np.ones((rows, 2))).shape == (rows, 2)


def test_whitening_equals_the_loop():
    noise, phi = np.random.default_rng(2).standard_normal((50, 3)), np.array([0.5, -0.2])
    slow = np.stack([noise[t] - 0.5 * noise[t - 1] + 0.2 * noise[t - 2] for t in range(2, 50)])
    np.testing.assert_allclose(whitened(phi, noise), slow)


@pytest.mark.parametrize("phi", [[], [0.8], [1.1, -0.4]])
def test_a_filter_is_found_again(phi):
    noise = coloured(np.array(phi), 20_000, 1, np.random.default_rng(3))
    found = ar_filter(autocorrelation(noise)[:, 0], 20_000)
    assert len(found) >= len(phi)
    np.testing.assert_allclose(found[: len(phi)], phi, atol=0.05)
    assert np.abs(found[len(phi) :]).sum() < 0.05
    assert np.abs(autocorrelation(whitened(found, noise))[1:]).max() < 0.03


@pytest.mark.parametrize("phi", [[], [0.7], [0.5, -0.2, 0.1]])
def test_recoloured_is_the_inverse_of_whitened(phi):
    white = np.random.default_rng(4).standard_normal((60, 3))
    series = recoloured(np.array(phi), white)
    np.testing.assert_allclose(whitened(np.array(phi), series), white[len(phi) :], atol=1e-12)
