"""The golden pair, and noise."""

import pytest
import torch

X = [[1, 2, 0], [3, 4, 1], [5, 7, 2], [2, 0, 5], [4, 4, 4], [0, 1, 3.0]]
Y = [[2, 1], [4, 3], [6, 8], [1, 0], [3, 5], [0, 2.0]]


@pytest.fixture
def golden():
    """Twelve rows whose values other implementations agree on."""
    return torch.tensor(X, dtype=torch.float64), torch.tensor(Y, dtype=torch.float64)


@pytest.fixture
def noise():
    """Gaussian noise by seed and shape, float64."""

    def noise(seed, *shape):
        return torch.randn(*shape, generator=torch.Generator().manual_seed(seed)).double()

    return noise
