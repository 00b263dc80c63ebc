"""Heavy tails are told from Gaussian noise, and from Gaussian noise with a few steps in it."""

import numpy as np

from plantedu.topics.bump.changepoints.tails import clip_of, clustered, tails_of

ROWS, SERIES = 400, 60


def share(draw, steps=0):
    """How often a clip is set."""
    clips = [clip_of(draw(np.random.default_rng(seed)), steps=steps) for seed in range(SERIES)]
    return np.mean(np.isfinite(clips))


def test_gaussian_noise_is_not_clipped_and_heavy_tails_are():
    assert share(lambda rng: rng.standard_normal(ROWS)) <= 0.05
    assert share(lambda rng: rng.standard_normal(ROWS), steps=1) <= 0.1
    assert share(lambda rng: rng.standard_t(3, ROWS) / 1.3) >= 0.9
    assert share(lambda rng: rng.laplace(size=ROWS) / 1.2) >= 0.9
    assert share(lambda rng: 0.7 * rng.standard_cauchy(ROWS)) == 1


def test_the_clip_is_the_square_root_of_nu_scales():
    clip = clip_of(np.random.default_rng(0).standard_t(3, 20_000) / 1.3)
    assert abs(clip - np.sqrt(3) / 1.3) < 0.15


def test_bursts_are_seen():
    rng = np.random.default_rng(1)
    calm = rng.standard_normal((ROWS, SERIES))
    loud = calm.copy()
    loud[100:130] *= 6
    loud[300:320] *= 4
    assert np.mean([clustered(one) for one in calm.T]) <= 0.05
    assert np.mean([clustered(one) for one in loud.T]) >= 0.9
    assert tails_of(loud[:, 0]).clip <= 1
