"""Activations of known directions, and the score of a dictionary that knows them."""

import pytest
import torch

from plantedu.errors import PlantEduError
from plantedu.neurons.superposition import mean_max_cosine, superposition


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


def test_a_count_that_cannot_be_is_refused():
    with pytest.raises(PlantEduError, match="up to features = 4; got 9"):
        superposition(5, features=4, dim=2, active=9, generator=torch.Generator())
