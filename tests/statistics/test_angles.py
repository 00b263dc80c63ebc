"""Angles of noisy directions: what was planted comes back, without the noise."""

import math

import numpy as np
import pytest

from plantedu.statistics.angles import angle, apart, noise_scale, signal, together

DIM, BATCHES = 200, 60


def products(cosine, noise, shared=0.0, seed=0):
    """Two objectives with a known angle; `shared` of the noise is that of the batch."""
    draws = np.random.default_rng(seed)
    a, b = np.zeros(DIM), np.zeros(DIM)
    a[0], b[0], b[1] = 1, cosine, math.sqrt(1 - cosine**2)
    common = draws.normal(0, noise, (BATCHES, DIM)) / math.sqrt(DIM)
    own = draws.normal(0, noise, (2, BATCHES, DIM)) / math.sqrt(DIM)
    mixed = math.sqrt(shared) * common + math.sqrt(1 - shared) * own
    g = np.stack([a, b])[:, None] + mixed
    return np.einsum("aid,bjd->abij", g, g), g


@pytest.mark.parametrize("cosine", [-0.6, 0.0, 0.8])
def test_the_planted_angle_comes_back_where_one_batch_flatters(cosine):
    p, _ = products(cosine, noise=1.5, shared=0.9)
    assert angle(p, 0, 1) == pytest.approx(cosine, abs=0.08)
    flattered = (cosine + 0.9 * 1.5**2) / (1 + 1.5**2)
    assert together(p, 0, 1).mean() == pytest.approx(flattered, abs=0.05)
    assert apart(p, 0, 0).mean() == pytest.approx(1 / (1 + 1.5**2), abs=0.05)


def test_slow_twins():
    p, g = products(0.5, noise=1.0)
    pairs = [(i, j) for i in range(BATCHES) for j in range(BATCHES) if i != j]
    assert signal(p, 0, 1) == pytest.approx(np.mean([g[0, i] @ g[1, j] for i, j in pairs]))
    norms = np.linalg.norm(g, axis=2)
    cosines = [g[0, 3] @ g[1, j] / (norms[0, 3] * norms[1, j]) for j in range(BATCHES) if j != 3]
    assert apart(p, 0, 1)[3] == pytest.approx(np.mean(cosines))
    rows = np.array([1, 4, 7])
    some = np.mean([g[0, i] @ g[0, j] for i in rows for j in rows if i != j])
    assert signal(p, 0, 0, rows) == pytest.approx(some)


def test_noise_scale_is_the_batch_at_which_noise_is_as_long_as_signal():
    p, _ = products(0.5, noise=2.0)
    assert noise_scale(p, 0, batch=16) == pytest.approx(16 * 4, rel=0.1)


def test_no_signal_has_no_angle():
    g = np.array([[[1.0, 0], [-1, 0]]] * 2)
    p = np.einsum("aid,bjd->abij", g, g)
    assert math.isnan(angle(p, 0, 1))
    assert noise_scale(p, 0, batch=4) == math.inf
