"""KID: the slow twin, the same distribution at 0, a shift found, a peer that agrees."""

import numpy as np
import pytest
import torch

from plantedu.errors import PlantEduError
from plantedu.similarity.kid import kid, standardised


def noise(seed, n=40, dim=6):
    return torch.randn(n, dim, generator=torch.Generator().manual_seed(seed)).double()


def test_kid_equals_a_plain_loop():
    x, y = noise(0, n=9), noise(1, n=7) + 0.3

    def k(a, b):
        return (sum(float(p) * float(q) for p, q in zip(a, b, strict=True)) / 6 + 1) ** 3

    own = np.mean([k(x[i], x[j]) for i in range(9) for j in range(9) if i != j])
    other = np.mean([k(y[i], y[j]) for i in range(7) for j in range(7) if i != j])
    across = np.mean([k(a, b) for a in x for b in y])
    assert kid(x, y) == pytest.approx(own + other - 2 * across, abs=1e-12)


@pytest.mark.parametrize("odd", [float("nan"), float("inf")])
def test_what_is_not_finite_is_refused_by_count(odd):
    """One NaN made the distance NaN and, standardised, every picture's features."""
    x, y = noise(0), noise(1)
    y[3, 2] = y[8, 1] = odd
    said = "0 of 40 pictures and of 2 of 40 others are not finite"
    with pytest.raises(PlantEduError, match=said):
        kid(x, y)
    with pytest.raises(PlantEduError, match=said):
        standardised(x, y)


def test_two_sets_of_one_distribution_average_to_nothing_and_a_shift_does_not():
    still = [kid(noise(2 * k), noise(2 * k + 1)) for k in range(200)]
    error = np.std(still) / len(still) ** 0.5
    assert abs(np.mean(still)) < 3 * error
    assert min(still) < 0  # unbiased: some fall below 0
    moved = [kid(noise(2 * k), noise(2 * k + 1) + 0.5) for k in range(20)]
    assert np.mean(moved) > 10 * error


@pytest.mark.slow  # torchmetrics takes most of a minute to import
def test_torchmetrics_has_the_same_number():
    image = pytest.importorskip("torchmetrics.image.kid")
    x, y = noise(5), noise(6) + 0.2
    theirs = image.poly_mmd(x, y, degree=3, gamma=1 / x.shape[1], coef=1.0)
    assert kid(x, y) == pytest.approx(float(theirs), abs=1e-9)


def test_features_are_scaled_by_the_real_ones_and_still_coordinates_are_not_blown_up():
    real = noise(7, n=500)
    real[:, 0] *= 1e-9
    scaled = standardised(real, real)
    assert scaled[:, 1:].std(0).tolist() == pytest.approx([1] * 5)
    assert float(scaled[:, 0].abs().max()) < 1e-6


def test_too_few_or_other_features_are_refused():
    with pytest.raises(PlantEduError, match="2 pictures a side; got 1 and 40"):
        kid(noise(0, n=1), noise(1))
    with pytest.raises(PlantEduError, match="widths 6 and 5"):
        kid(noise(0), noise(1, dim=5))
