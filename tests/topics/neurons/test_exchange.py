"""Interchange of a subspace: the loop over plants, places and directions; spans; refusals."""

import pytest
import torch

from plantedu.errors import PlantEduError
from plantedu.topics.neurons.exchange import (
    any_subspace,
    exchanged,
    mean_subspace,
    orthonormal,
    random_subspace,
)


def drawn(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.double)


def test_the_fast_way_is_the_loop_over_plants_places_and_directions():
    x, d = drawn(5, 3, 7), drawn(5, 3, 7, seed=1)
    basis = orthonormal(drawn(2, 7, seed=2))
    slow = x.clone()
    for plant in range(5):
        for place in range(3):
            for k in range(basis.shape[1]):
                b = basis[:, k]
                away = float((d[plant, place] * b).sum() - (x[plant, place] * b).sum())
                slow[plant, place] += away * b
    assert torch.allclose(exchanged(x, d, basis), slow, atol=1e-12)


def test_inside_it_is_the_donor_and_outside_the_base():
    x, d, basis = drawn(4, 2, 6), drawn(4, 2, 6, seed=1), orthonormal(drawn(3, 6, seed=2))
    new, rest = exchanged(x, d, basis), torch.eye(6, dtype=torch.double) - basis @ basis.T
    assert torch.allclose(new @ basis, d @ basis)
    assert torch.allclose(new @ rest, x @ rest)
    assert torch.allclose(new + exchanged(d, x, basis), x + d)  # a subspace and its rest are all
    assert torch.equal(exchanged(x, d, None), d)
    assert torch.allclose(exchanged(x, x, basis), x)


def test_means_span_what_the_levels_differ_by():
    levels = torch.tensor([0, 1, 2]).repeat_interleave(40)
    h = 0.01 * drawn(120, 9)
    h[:, 4] += (levels == 1) * 3
    h[:, 6] += (levels == 2) * 2
    basis = mean_subspace(h, levels, many=3)
    assert basis.shape == (9, 2)
    assert torch.allclose(basis.T @ basis, torch.eye(2, dtype=torch.double))
    inside = (basis @ basis.T)[[4, 6], [4, 6]]
    assert torch.allclose(inside, torch.ones(2, dtype=torch.double), atol=1e-3)


def test_directions_that_add_nothing_are_dropped():
    one = drawn(1, 5)
    assert orthonormal(torch.cat([one, 2 * one, -one])).shape == (5, 1)


def test_directions_by_lot_lie_where_the_layer_lies_and_those_from_anywhere_do_not():
    h = torch.zeros(200, 50, dtype=torch.double)
    h[:, :3] = drawn(200, 3)
    g = torch.Generator().manual_seed(0)
    assert float(random_subspace(h, 2, g)[3:].abs().max()) < 1e-9
    assert float(any_subspace(50, 2, g)[3:].norm()) > 1


@pytest.mark.parametrize(
    ("does", "said"),
    [
        (lambda x: exchanged(x, x[:2], None), "one layer"),
        (lambda x: exchanged(x, x * float("nan"), None), "finite"),
        (lambda x: exchanged(x, x, torch.ones(6, 1)), "not orthonormal"),
        (lambda x: exchanged(x, x, torch.eye(5)), "The layer has 6 units"),
        (lambda x: orthonormal(torch.zeros(2, 6)), "all 0"),
        (lambda x: mean_subspace(x[:, 0], torch.zeros(4), many=2), "No plant has level 1"),
        (lambda x: random_subspace(x[:, 0] * 0, 1, torch.Generator()), "same of every plant"),
        (lambda x: random_subspace(x[:, 0], 9, torch.Generator()), "rank 1 to 4; got 9"),
        (lambda x: any_subspace(6, 7, torch.Generator()), "rank 1 to 6; got 7"),
    ],
)
def test_what_cannot_be_exchanged_is_a_sentence(does, said):
    with pytest.raises(PlantEduError, match=said):
        does(torch.randn(4, 2, 6, generator=torch.Generator().manual_seed(0)))
