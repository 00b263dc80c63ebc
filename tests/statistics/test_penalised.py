"""Taken apart in two ways, the same; errors without refits are those of refits and hat matrices."""

import numpy as np
import pytest
import torch

from plantedu.statistics.penalised import Decomposed, mean_square, penalised

PENALTIES = torch.tensor([0.03, 0.1, 3.0], dtype=torch.float64)


def drawn(plants: int, dim: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Features that are not centred, and centred targets of two columns."""
    generator = torch.Generator().manual_seed(plants)
    x = 2 + torch.randn(plants, dim, generator=generator, dtype=torch.float64)
    y = torch.randn(plants, 2, generator=generator, dtype=torch.float64)
    return x, y - y.mean(0)


def hat(x: torch.Tensor, penalty: float) -> np.ndarray:
    """Slow twin: the matrix that makes predictions of centred targets, by inversion."""
    x = (x - x.mean(0)).numpy()
    return x @ np.linalg.inv(x.T @ x + penalty * np.eye(x.shape[1])) @ x.T


@pytest.mark.parametrize("shape", [(30, 6), (12, 20)])
def test_both_ways_to_take_apart_give_the_same_reader(shape):
    x, y = drawn(*shape)
    both = Decomposed.by_svd(x), Decomposed.by_gram(x - x.mean(0), x.mean(0))
    new = drawn(5, shape[1])[0]
    for parts in both:
        weights = parts.along(parts.coordinates(y), PENALTIES[1])
        centred = (x - x.mean(0)).numpy()
        expected = (new - x.mean(0)).numpy() @ penalised(centred, y.numpy(), 0.1)
        assert (parts.turned(new) @ weights).numpy() == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("shape", [(30, 6), (12, 20)])
def test_errors_without_refits_are_those_of_the_hat_matrix(shape):
    x, y = drawn(*shape)
    parts = Decomposed.by_svd(x)
    left = parts.left_out(y, parts.coordinates(y), PENALTIES)
    whole = parts.generalised(y, parts.coordinates(y), PENALTIES)
    for k, penalty in enumerate(PENALTIES.tolist()):
        matrix = hat(x, penalty)
        missed = y.numpy() - matrix @ y.numpy()
        free = len(y) - 1 - np.trace(matrix)
        assert float(whole[k]) == pytest.approx((missed**2).sum() / free**2, rel=1e-9)
        own = 1 - 1 / len(y) - np.diag(matrix)
        assert left[k].numpy() == pytest.approx(((missed / own[:, None]) ** 2).mean(0), rel=1e-9)


def test_a_plant_without_which_nothing_is_known_has_no_error():
    x = torch.zeros(4, 1, dtype=torch.float64)
    x[0] = 1.0
    parts = Decomposed.by_svd(torch.cat([x, torch.zeros(4, 1)], 1))
    y = torch.tensor([[3.0], [-1.0], [-1.0], [-1.0]], dtype=torch.float64)
    found = parts.left_out(y, parts.coordinates(y), torch.tensor([0.0, 1.0], dtype=torch.float64))
    assert found.isinf().flatten().tolist() == [True, False]


def test_the_unit_of_a_penalty_is_the_mean_square_of_the_dimensions():
    x = np.array([[1.0, 0.0], [-1.0, 0.0], [0.0, 3.0], [0.0, -3.0]])
    assert mean_square(x) == pytest.approx(10.0)
    one = penalised(x, x[:, 0], 2.0)
    assert one == pytest.approx([0.5, 0.0])
