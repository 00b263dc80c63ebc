"""Activations of known directions, and the score of a dictionary that knows them."""

import numpy as np
import pytest
import torch

from plantedu.errors import PlantEduError
from plantedu.topics.neurons.superposition import gaussian_like, mean_max_cosine, superposition


def test_activations_are_the_sum_of_what_is_known():
    g = torch.Generator().manual_seed(0)
    s = superposition(500, features=24, dim=12, active=2, generator=g, noise=0)
    assert torch.allclose(s.x, s.strengths @ s.directions)
    assert torch.allclose(s.directions.norm(dim=1), torch.ones(24))
    assert float((s.strengths > 0).sum(1).float().mean()) == pytest.approx(2, abs=0.2)


def test_mean_max_cosine_by_hand():
    known = torch.eye(2)
    found = torch.tensor([[2.0, 0], [1, 1], [0, 0]])
    assert mean_max_cosine(known, found) == pytest.approx((1 + 0.5**0.5) / 2)
    with pytest.raises(PlantEduError, match="no direction"):
        mean_max_cosine(known, torch.zeros(1, 2))


def test_gaussian_numbers_have_the_mean_and_covariance_that_are_asked_for():
    rng = np.random.default_rng(0)
    x = torch.from_numpy(rng.exponential(size=(20_000, 3)) @ rng.normal(size=(3, 3))).float()
    like = gaussian_like(x, rng)
    assert torch.allclose(like.mean(0), x.mean(0), atol=0.05)
    assert torch.allclose(like.T.cov(), x.T.cov(), atol=0.15)
    skewed = ((x - x.mean(0)) ** 3).mean(0).abs().max()
    assert ((like - like.mean(0)) ** 3).mean(0).abs().max() < 0.2 * skewed


def test_gaussian_numbers_fill_no_more_directions_than_the_activations():
    rng = np.random.default_rng(0)
    thin = torch.zeros(400, 30)
    thin[:, :4] = torch.from_numpy(rng.normal(size=(400, 4))).float()
    assert float(gaussian_like(thin, rng)[:, 4:].abs().max()) < 1e-5
    for wrong, said in ((thin[:1], "2 rows or more"), (thin * float("nan"), "NaN or infinity")):
        with pytest.raises(PlantEduError, match=said):
            gaussian_like(wrong, rng)


def test_a_count_that_cannot_be_is_refused():
    with pytest.raises(PlantEduError, match="up to features = 4; got 9"):
        superposition(5, features=4, dim=2, active=9, generator=torch.Generator())
