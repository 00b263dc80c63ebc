"""Canonical correlations: golden values, planted ones, what it cannot see, and forced ones."""

import numpy as np
import pytest
import torch

from plantedu.errors import PlantEduError
from plantedu.topics.similarity.cca import MeanCca, Pwcca, Svcca, always_one, basis, correlations


def slow_correlations(x, y):
    """Square roots of the eigenvalues of Sxx^-1 Sxy Syy^-1 Syx."""
    sxx, syy, sxy = x.T @ x, y.T @ y, x.T @ y
    product = np.linalg.solve(sxx, sxy) @ np.linalg.solve(syy, sxy.T)
    return np.sqrt(np.sort(np.linalg.eigvals(product).real)[::-1].clip(0, 1))


def centre(x):
    return x - x.mean(0)


def test_golden_values(golden):
    rho = correlations(*(basis(centre(one))[0] for one in golden))
    assert rho.tolist() == pytest.approx([0.99853657, 0.93789425], abs=1e-8)
    assert MeanCca()(*golden).value == pytest.approx(0.96821541, abs=1e-8)


def test_equals_its_slow_twin(noise):
    x, y = noise(0, 40, 3), noise(0, 40, 3) @ noise(1, 3, 5) + noise(2, 40, 5)
    wanted = slow_correlations(centre(x).numpy(), centre(y).numpy())[:3].mean()
    assert MeanCca()(x, y).value == pytest.approx(wanted, abs=1e-8)


def test_pwcca_equals_its_slow_twin(noise):
    x, y = centre(noise(0, 40, 3)), centre(noise(1, 40, 5))
    (u, _, _), (v, _, _) = basis(x), basis(y)
    m, rho, _ = np.linalg.svd((u.T @ v).numpy(), full_matrices=False)
    along = u.numpy() @ m  # the canonical directions, one a column
    weights = [sum(abs(along[:, i] @ x[:, j].numpy()) for j in range(3)) for i in range(3)]
    assert Pwcca()(x, y).value == pytest.approx(np.average(rho, weights=weights), abs=1e-9)


def test_any_invertible_map_is_unseen_by_cca_and_seen_by_svcca(noise):
    x = noise(0, 200, 6) * torch.tensor([10, 10, 1e-3, 1e-3, 1e-3, 1e-3]).double()
    y = noise(0, 200, 6) * torch.tensor([1e-3, 1e-3, 1e-3, 1e-3, 10, 10]).double()
    assert MeanCca()(x, y).value == pytest.approx(1)
    assert Svcca()(x, y).value < 0.2


def test_too_few_plants_force_ones_and_it_is_said(noise):
    found = MeanCca()(noise(0, 50, 40), noise(1, 50, 30))
    forced = always_one(50, 40, 30)
    assert forced == 21
    rho = correlations(*(basis(centre(noise(k, 50, d)))[0] for k, d in ((0, 40), (1, 30))))
    assert int((rho > 1 - 1e-9).sum()) == forced
    assert "Meaningless" in found.note
    assert "21 of 30" in found.note
    assert MeanCca()(noise(0, 50, 400), noise(1, 50, 300)).value == pytest.approx(1)
    assert MeanCca()(noise(0, 50, 4), noise(1, 50, 3)).note == ""


def test_a_share_that_is_none_is_said():
    with pytest.raises(PlantEduError, match=r"\(0, 1\]; got 0"):
        Svcca(share=0)
