"""Scale, autocorrelation and blocks, against loops and known answers."""

import numpy as np
import pytest

from plantedu.topics.bump.changepoints.noise import (
    ar_filter,
    autocorrelation,
    coloured,
    in_blocks,
    local_scale,
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


def test_blocks_stay_together():
    again = in_blocks(np.arange(100.0), 20, 8, np.random.default_rng(4))
    assert again.shape == (100, 20)
    for start in range(0, 96, 8):
        assert (np.diff(again[start : start + 8], axis=0) == 1).all()
    columns = np.stack([np.arange(30.0), 100 + np.arange(30.0)], axis=1)
    own = in_blocks(columns, 2, 8, np.random.default_rng(5))
    assert own[:, 0].max() < 30
    assert own[:, 1].min() >= 100
