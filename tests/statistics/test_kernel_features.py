"""Kernel ridge regression is ridge regression on the kernel's features."""

import numpy as np
import pytest
import torch
from sklearn.kernel_ridge import KernelRidge

from plantedu.errors import PlantEduError
from plantedu.statistics.kernel_features import KERNELS, lifted
from plantedu.training.linear_probe import Target, answered


def some(plants=60, dim=5):
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(2 * plants, dim, generator=generator, dtype=torch.float64)
    return x[:plants], x[plants:]


@pytest.mark.parametrize("kernel", ["quadratic", "gaussian"])
def test_ridge_on_the_lifted_features_is_scikit_learns_kernel_ridge(kernel):
    """Slow twin at one penalty, no constant."""
    train, held_out = some()
    y = train[:, 0] * train[:, 1]
    squared = torch.pdist(train).square().median()
    twin = {
        "quadratic": KernelRidge(alpha=0.1, kernel="poly", degree=2, gamma=1 / 5, coef0=1),
        "gaussian": KernelRidge(alpha=0.1, kernel="rbf", gamma=float(1 / (2 * squared))),
    }[kernel]
    phi, other = lifted(train, held_out, kernel)
    weights = torch.linalg.solve(phi.T @ phi + 0.1 * torch.eye(len(train)), phi.T @ y)
    expected = twin.fit(train.numpy(), y.numpy()).predict(held_out.numpy())
    assert np.allclose((other @ weights).numpy(), expected, atol=1e-6)


def test_a_curved_reader_reads_a_product_that_a_straight_one_cannot():
    train, held_out = some(plants=300)
    target = Target("product", "rgb", 0, train[:, 0] * train[:, 1], held_out[:, 0] * held_out[:, 1])
    found = {}
    for kernel in KERNELS:
        scores = dict(answered(train, held_out, [target], seeds=20, seed=0, step=0, kernel=kernel))
        found[kernel] = float(scores["probe/product/rgb"].mean())
        assert abs(float(scores["null/product/rgb"].mean())) < 0.03
    assert found["linear"] < 0.1
    assert found["quadratic"] > 0.95
    assert found["gaussian"] > 0.6


def test_a_kernel_that_there_is_not_is_refused():
    with pytest.raises(PlantEduError, match="linear, quadratic, gaussian"):
        lifted(*some(), "cubic")
