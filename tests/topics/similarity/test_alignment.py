"""Kernel alignment: golden values, slow twins, the trap in closed form, and a peer."""

import math

import numpy as np
import pytest
import torch

from plantedu.errors import PlantEduError
from plantedu.topics.similarity.alignment import BiasedCka, LinearCka, RbfCka, gaussian, noise_level


def slow_cka(kx, ky):
    """Ratio of unbiased HSICs as Song et al. write them, with loops over plants."""

    def hsic(k, m):
        n = len(k)
        total = sum(k[i, j] * m[j, i] for i in range(n) for j in range(n))
        ends = k.sum() * m.sum() / ((n - 1) * (n - 2))
        cross = sum(k[:, i].sum() * m[i].sum() for i in range(n))
        return (total + ends - 2 / (n - 2) * cross) / (n * (n - 3))

    kx, ky = (np.where(np.eye(len(k)), 0, k) for k in (kx, ky))
    return hsic(kx, ky) / math.sqrt(hsic(kx, kx) * hsic(ky, ky))


def slow_gaussian(x):
    squares = np.array([[((a - b) ** 2).sum() for b in x] for a in x])
    return np.exp(-squares / (2 * np.sort(squares.ravel())[(squares.size - 1) // 2]))


def test_golden_values(golden):
    assert LinearCka()(*golden).value == pytest.approx(0.8515490135323942, rel=1e-12)
    assert BiasedCka()(*golden).value == pytest.approx(0.8958498715598083, rel=1e-12)


def test_debiased_equals_its_slow_twin(noise):
    x, y = noise(0, 12, 4), noise(1, 12, 30)
    wanted = slow_cka(*((one @ one.T).numpy() for one in (x, y)))
    assert LinearCka()(x, y).value == pytest.approx(wanted, rel=1e-9)


def test_gaussian_equals_its_slow_twin(noise):
    x, y = noise(0, 12, 4), noise(1, 12, 30)
    wanted = slow_cka(*(slow_gaussian(one.numpy()) for one in (x, y)))
    assert RbfCka()(x, y).value == pytest.approx(wanted, rel=1e-9)


@pytest.mark.parametrize(("n", "p", "q"), [(64, 512, 384), (256, 64, 64), (100, 2048, 2048)])
def test_the_trap_is_as_deep_as_the_formula_says(noise, n, p, q):
    pairs = [(noise(2 * k, n, p), noise(2 * k + 1, n, q)) for k in range(3)]
    biased = np.mean([BiasedCka()(x, y).value for x, y in pairs])
    fair = np.mean([LinearCka()(x, y).value for x, y in pairs])
    assert biased == pytest.approx(noise_level(n, p, q), abs=0.006)
    assert abs(fair) < 0.04
    assert noise_level(100, 2048, 2048) == pytest.approx(0.9534, abs=1e-4)


def test_the_biased_one_says_what_noise_would_score(noise):
    assert "scores about 0.95" in BiasedCka()(noise(0, 100, 2048), noise(1, 100, 2048)).note


def test_equals_ckatorch(noise):
    """`fro_norm` with `unbiased=True` is right; `hsic` with it ignores `unbiased`: biased value."""
    peer = pytest.importorskip("ckatorch")
    x, y = noise(0, 64, 512), noise(1, 64, 384)
    fair = float(peer.cka_base(x, y, unbiased=True, method="fro_norm"))
    assert LinearCka()(x, y).value == pytest.approx(fair, abs=1e-9)
    biased = float(peer.cka_base(x, y, method="fro_norm"))
    assert BiasedCka()(x, y).value == pytest.approx(biased, abs=1e-9)
    curved = float(peer.cka_base(x, y, kernel="rbf", unbiased=True, method="fro_norm"))
    assert RbfCka()(x, y).value == pytest.approx(curved, abs=1e-6)
    wrong = float(peer.cka_base(x, y, unbiased=True, method="hsic"))
    assert wrong == pytest.approx(biased, abs=1e-9)  # fails once the peer is mended


def test_what_a_kernel_cannot_do_is_said():
    with pytest.raises(PlantEduError, match="above 0; got -1"):
        RbfCka(bandwidth=-1)
    same = torch.zeros(20, 2)
    same[0, 0] = 1
    with pytest.raises(PlantEduError, match="More than half of all pairs"):
        gaussian(same)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda x: x,
        lambda x: x + 300,
        lambda x: x * torch.linspace(1e-3, 30, x.shape[1]),
        lambda x: torch.cat([4 * x[:1], x[1:]]),
        lambda x: torch.cat([1e3 * x[:1], x[1:]]),
        lambda x: torch.cat([1e5 * x[:1], x[1:]]),
        lambda x: 1e20 * x,
        lambda x: 1e-20 * x,
    ],
    ids=[
        "noise",
        "far from zero",
        "uneven columns",
        "far",
        "farther",
        "an outlier",
        "large",
        "tiny",
    ],
)
@pytest.mark.parametrize("seed", range(4))
def test_single_precision_moves_the_value_by_less_than_a_millionth(noise, spoil, seed):
    """Errors of single precision are 1e-8 here on every kernel; an outlier made them 1e-3."""
    x = spoil(noise(seed, 128, 512)).float()
    y = x[:, :350] + x.abs().median() * noise(seed + 50, 128, 350).float()
    assert LinearCka()(x, y).value == pytest.approx(
        LinearCka()(x.double(), y.double()).value, abs=2e-7
    )
