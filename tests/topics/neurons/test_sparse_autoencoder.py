"""Sparse autoencoders: known directions come back, k is kept, dead codes wake, doors are shut."""

import pytest
import torch

from plantedu.errors import PlantEduError
from plantedu.topics.neurons.sparse_autoencoder import (
    RULES,
    Dictionary,
    Sparse,
    kept,
    too_wide,
    trained,
)
from plantedu.topics.neurons.superposition import mean_max_cosine, superposition


@pytest.fixture(scope="module")
def toy():
    g = torch.Generator().manual_seed(0)
    return superposition(6000, features=48, dim=24, active=2.5, generator=g)


@pytest.mark.parametrize("rule", RULES)
def test_known_directions_are_found_and_random_ones_are_not(toy, rule):
    how = Sparse(width=72, k=3, rule=rule, steps=600, batch=256, learning_rate=5e-3)
    g = torch.Generator().manual_seed(1)
    model = trained(toy.x, how, generator=g)
    found = mean_max_cosine(toy.directions, model.directions.detach())
    lots = mean_max_cosine(toy.directions, torch.randn(72, 24, generator=g))
    assert found >= 0.95
    assert lots < 0.7
    assert torch.allclose(model.directions.norm(dim=1), torch.ones(72), atol=1e-5)


def test_k_codes_are_kept_and_they_are_the_largest():
    codes = torch.tensor([[3.0, 1, 2, 0], [0, 0, 5, 4]])
    assert kept(codes, 2).tolist() == [[3, 0, 2, 0], [0, 0, 5, 4]]


def test_batchtopk_keeps_k_on_average_after_training(toy):
    how = Sparse(width=48, k=3, rule="batchtopk", steps=200, batch=256, learning_rate=5e-3)
    model = trained(toy.x, how, generator=torch.Generator().manual_seed(0))
    codes = model.codes(toy.x)
    assert float((codes > 0).float().sum(1).mean()) == pytest.approx(3, abs=0.9)
    alone = model.codes(toy.x[:1])
    assert torch.allclose(alone, codes[:1])  # a row's codes do not depend on its neighbours


def test_frozen_directions_stay_and_a_loss_falls(toy):
    how = Sparse(width=48, k=3, steps=60, batch=256, frozen=True)
    losses = []
    model = trained(
        toy.x,
        how,
        generator=torch.Generator().manual_seed(3),
        step=lambda done, one: losses.append(one["fvu"]),
    )
    again = Dictionary(toy.x, how, torch.Generator().manual_seed(3))
    assert torch.allclose(model.directions, again.directions)
    assert sum(losses[-10:]) < sum(losses[:10])


def test_dead_codes_get_a_gradient(toy):
    model = Dictionary(toy.x, Sparse(width=48, k=2), torch.Generator().manual_seed(0))
    model.sleeping[7] = 10_000
    with torch.no_grad():
        model.reader[:, 7] *= 1e-3  # never among the largest
    loss, parts = model.loss(model.scaled(toy.x[:256]))
    loss.backward()
    assert parts["dead"] > 0
    assert float(model.directions.grad[7].norm()) > 0


def test_the_same_generator_gives_the_same_dictionary(toy):
    how = Sparse(width=16, k=2, steps=5)
    one, two = (trained(toy.x, how, generator=torch.Generator().manual_seed(4)) for _ in "ab")
    assert torch.equal(one.directions, two.directions)


def test_a_width_beyond_the_data_is_warned_of_with_the_number():
    assert too_wide(16384, 512, 8) == ""
    said = too_wide(1000, 512, 8)
    assert "512 directions share 1000 activations" in said
    assert "16 for a direction" in said
    assert "Take 80 directions or fewer" in said


@pytest.mark.parametrize(
    ("knobs", "said"),
    [
        ({"rule": "jump"}, "topk or batchtopk; got 'jump'"),
        ({"k": 99, "width": 8}, "k is 1 to the width of the dictionary, 8; got 99"),
        ({"steps": 0}, "steps must be"),
        ({"learning_rate": 2.0}, "learning_rate"),
    ],
)
def test_knobs_out_of_range_are_refused(knobs, said):
    with pytest.raises(PlantEduError, match=said):
        Sparse(**knobs)


def test_activations_that_are_not_finite_or_do_not_vary_are_refused(toy):
    broken = toy.x.clone()
    broken[3, 2] = float("nan")
    for x, said in ((broken, "1 of 6000 activations are not finite"), (toy.x * 0, "are the same")):
        with pytest.raises(PlantEduError, match=said):
            trained(x, Sparse(width=8, k=2, steps=1), generator=torch.Generator())
