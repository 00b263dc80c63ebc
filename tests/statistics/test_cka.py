"""CKA: golden values, what it may not see, and the bias that the debiased estimate takes away."""

import numpy as np
import pytest
import torch

from plantedu.errors import PlantEduError
from plantedu.statistics.cka import debiased_cka, linear_cka, shuffled_cka

X = torch.tensor([[1, 2, 0], [3, 4, 1], [5, 7, 2], [2, 0, 5], [4, 4, 4], [0, 1, 3.0]])
Y = torch.tensor([[2, 1], [4, 3], [6, 8], [1, 0], [3, 5], [0, 2.0]])


def noise(seed, n, dim):
    return torch.randn(n, dim, generator=torch.Generator().manual_seed(seed))


def test_golden_values():
    """As other implementations give them for the same twelve rows."""
    assert linear_cka(X, Y) == pytest.approx(0.8958498715598083, rel=1e-12)
    assert debiased_cka(X, Y) == pytest.approx(0.8515490135323942, rel=1e-12)


def slow_hsic(kx, ky):
    """Unbiased HSIC as Song et al. write it, with loops over plants."""
    n = len(kx)
    kx, ky = (np.where(np.eye(n), 0, gram) for gram in (kx, ky))
    trace = sum(kx[i, j] * ky[j, i] for i in range(n) for j in range(n))
    ends = kx.sum() * ky.sum() / ((n - 1) * (n - 2))
    cross = sum(kx[:, i].sum() * ky[i].sum() for i in range(n))
    return (trace + ends - 2 / (n - 2) * cross) / (n * (n - 3))


def test_debiased_equals_its_slow_twin():
    x, y = noise(0, 9, 4).double(), noise(1, 9, 30).double()
    kx, ky = ((rows @ rows.T).numpy() for rows in (x, y))
    wanted = slow_hsic(kx, ky) / np.sqrt(slow_hsic(kx, kx) * slow_hsic(ky, ky))
    assert debiased_cka(x, y) == pytest.approx(wanted, rel=1e-9)


def test_rotation_scale_and_shift_are_not_seen():
    x = noise(0, 40, 12).double()
    turned = x @ torch.linalg.qr(noise(1, 12, 12).double())[0]
    assert linear_cka(x, -3 * turned + 5) == pytest.approx(1)
    assert debiased_cka(x, -3 * turned + 5) == pytest.approx(1)


def test_independent_noise_looks_alike_to_the_biased_one_alone():
    pairs = [(noise(2 * k, 64, 512), noise(2 * k + 1, 64, 384)) for k in range(8)]
    biased = np.mean([linear_cka(x, y) for x, y in pairs])
    fair = [debiased_cka(x, y) for x, y in pairs]
    assert biased == pytest.approx(1 / np.sqrt((1 + 64 / 512) * (1 + 64 / 384)), abs=0.005)
    assert abs(np.mean(fair)) < 4 * 0.019 / np.sqrt(8)


def test_shuffled_plants_share_nothing():
    x = noise(0, 50, 6)
    y = x + 0.3 * noise(1, 50, 6)
    null = shuffled_cka(x, y, generator=torch.Generator().manual_seed(0), shuffles=49)
    assert debiased_cka(x, y) > 0.8 > 0.2 > float(null.max())
    assert abs(float(null.mean())) < 0.03


def test_what_cannot_be_compared_is_said():
    with pytest.raises(PlantEduError, match="got 6 and 5 rows"):
        linear_cka(X, Y[:5])
    with pytest.raises(PlantEduError, match="at least 4"):
        debiased_cka(X[:3], Y[:3])
    with pytest.raises(PlantEduError, match="same for every plant"):
        debiased_cka(X, torch.ones(6, 2))
