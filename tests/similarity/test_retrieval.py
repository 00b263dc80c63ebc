"""Retrieval: the slow twin, both ends of the scale, and chance."""

import itertools
import math

import pytest
import torch
import torch.nn.functional as F

from plantedu.errors import PlantEduError
from plantedu.similarity.retrieval import (
    chance_mrr,
    ranks_among,
    reciprocal_ranks,
    reciprocal_ranks_among,
)


def noise(seed, n=30, dim=5):
    return torch.randn(n, dim, generator=torch.Generator().manual_seed(seed)).double()


def test_ranks_equal_a_plain_loop():
    z, g = noise(0), noise(1)
    found = reciprocal_ranks(z, g)
    for i in range(len(z)):
        near = [float(torch.cosine_similarity(z[i], g[j], dim=0)) for j in range(len(g))]
        order = sorted(range(len(g)), key=lambda j: -near[j])
        assert float(found[i]) == pytest.approx(1 / (1 + order.index(i)))


def test_partners_that_are_the_same_are_found_first_and_equal_ones_by_lot():
    assert reciprocal_ranks(noise(0), 3 * noise(0)).tolist() == [1.0] * 30
    same = torch.ones(9, 4)
    assert reciprocal_ranks(same, same).tolist() == pytest.approx([chance_mrr(9)] * 9)


def test_broken_ties_equal_a_plain_mean_over_their_orders():
    z = torch.tensor([[1.0, 0], [1, 0], [0, 1], [1, 0], [1, 1]])
    gallery = torch.tensor([[1.0, 0], [1, 0], [0, 1], [1, 0], [1, 0]])
    own = torch.tensor([0, 1, 2, 3, 4])
    near = (F.normalize(z, dim=1) @ F.normalize(gallery, dim=1).T).tolist()
    for i, found in enumerate(reciprocal_ranks_among(z, gallery, own).tolist()):
        orders = itertools.permutations(range(5))  # stable sorting keeps each order among ties
        places = [sorted(order, key=lambda j: -round(near[i][j], 9)).index(i) for order in orders]
        assert found == pytest.approx(sum(1 / (1 + k) for k in places) / len(places))


def test_a_collapsed_encoder_stands_at_chance_and_not_below():
    same = torch.ones(50, 8)
    assert float(reciprocal_ranks(same, same).mean()) == pytest.approx(chance_mrr(50))  # was .039


def test_a_representation_that_is_not_finite_has_no_rank():
    holed = noise(0)
    holed[3, 1] = math.nan
    with pytest.raises(PlantEduError, match="not finite"):
        reciprocal_ranks(holed, noise(1))


def test_noise_stands_at_chance():
    mean = torch.cat([reciprocal_ranks(noise(2 * k), noise(2 * k + 1)) for k in range(60)]).mean()
    spread = math.sqrt(sum(1 / k**2 for k in range(1, 31)) / 30 - chance_mrr(30) ** 2)
    assert abs(float(mean) - chance_mrr(30)) < 4 * spread / math.sqrt(60 * 30)
    assert chance_mrr(1) == 1
    assert chance_mrr(4) == pytest.approx((1 + 1 / 2 + 1 / 3 + 1 / 4) / 4)


def test_every_query_needs_its_partner():
    with pytest.raises(PlantEduError, match="needs its partner"):
        reciprocal_ranks(noise(0), noise(1, n=29))


def test_ranks_of_some_queries_equal_a_plain_loop_and_tell_who_is_nearest():
    z, g = noise(3, n=12), noise(4, n=20)
    own = torch.arange(12) + 4
    found = ranks_among(z, g, own)
    for i in range(12):
        near = [float(torch.cosine_similarity(z[i], g[j], dim=0)) for j in range(20)]
        assert float(found[i]) == 1 + sum(one > near[int(own[i])] for one in near)
    assert ranks_among(g[own], g, own).tolist() == [1.0] * 12
    assert ranks_among(torch.ones(2, 5), torch.ones(7, 5), torch.tensor([0, 3])).tolist() == [4, 4]
    assert (1 / ranks_among(noise(5), noise(6), torch.arange(30))).tolist() == pytest.approx(
        reciprocal_ranks(noise(5), noise(6)).tolist()
    )


def test_what_float32_cannot_tell_apart_is_a_tie():
    """Copies of one plant whose last bits differ: float32 rounding is no evidence of nearness."""
    g = noise(0, n=1, dim=64).expand(9, 64) * torch.linspace(0.5, 1.7, 9)[:, None].double()
    single, query = g.float(), noise(7, n=1, dim=64).float()
    for own in range(9):
        assert ranks_among(query, single, torch.tensor([own])).tolist() == [5.0]
    as_if_exact = [
        ranks_among(query.double(), single.double(), torch.tensor([own])).item() for own in range(9)
    ]
    assert len(set(as_if_exact)) > 1  # the bits of the scale decided
    near = torch.stack([noise(1, n=1, dim=64)[0], noise(1, n=1, dim=64)[0] + 0.01]).double()
    assert ranks_among(near[[1]].float(), near.float(), torch.tensor([0])).item() == 2.0


def test_a_query_without_its_plant_is_refused():
    with pytest.raises(PlantEduError, match="its plant in the gallery"):
        ranks_among(noise(0, n=2), noise(1, n=5), torch.tensor([0, 5]))
    with pytest.raises(PlantEduError, match="differ in width"):
        ranks_among(noise(0, n=2), noise(1, n=5, dim=4), torch.tensor([0, 1]))
