"""The slow twins of lesson 04's checks agree with the package."""

import numpy as np
import pytest
import torch

from plantedu.exercises import checks_04 as checks
from plantedu.statistics.temperature import expected_calibration_error
from plantedu.training.lr_finder.rules import valley


def test_the_slow_valley_is_the_package_s():
    for seed in range(5):
        curve = np.random.default_rng(seed).normal(size=9).cumsum()
        rates = checks._rates(9)
        assert checks._read(rates, checks._slow_lengths(curve)) == valley(rates, curve)


def test_the_slow_error_is_the_package_s():
    rng = np.random.default_rng(0)
    p, labels = rng.dirichlet([1.0, 2.0, 3.0], 50), rng.integers(0, 3, 50)
    package = expected_calibration_error(torch.tensor(p), torch.tensor(labels), bins=10)
    assert checks._slow_error(p, labels, 10) == pytest.approx(package, abs=1e-12)
    others = checks._wrong_errors(p, labels, 10).values()
    assert sum(abs(one - package) > 1e-6 for one in others) >= 4
