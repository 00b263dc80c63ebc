"""Gradients of two objectives: those of training, and their products are plain products."""

import pytest
import torch

from plantedu.topics.bump.frozen_targets import some_plants
from plantedu.topics.bump.gradient_alignment import as_trained, gradients, inner_products, past_of
from plantedu.training.pair_source import open_source
from plantedu.training.pretrain import make_objective
from plantedu.training.recipe import Recipe
from plantedu.zoo.evaluation_batch import make_pack
from plantedu.zoo.loaded_checkpoint import PARTS

RECIPE = Recipe(
    pairs=64, image_size=16, crop_size=16, batch=8, prototypes=24, hidden_dim=16,
    projection_dim=8, probe_plants=32,
)  # fmt: skip


@pytest.fixture(scope="module")
def pack(tmp_path_factory):
    source = open_source(RECIPE, tmp_path_factory.mktemp("bank"))
    return make_pack(RECIPE, source, plants=32, queue=24)


@pytest.fixture
def objective():
    return as_trained(make_objective(RECIPE).eval())


def test_without_a_queue_it_is_the_gradient_of_a_training_step(pack, objective):
    crops = some_plants(pack.crops, slice(0, 8))
    (found,) = gradients(objective, crops, [{}])
    twin = make_objective(RECIPE)
    twin.loss(crops).total.backward()
    for part in PARTS:
        weights = [twin.prototypes] if part == "prototypes" else getattr(twin, part).parameters()
        wanted = torch.cat([weight.grad.flatten() for weight in weights])
        assert torch.allclose(found[part], wanted, rtol=1e-4, atol=1e-7)


def test_a_queue_is_in_training_mode_and_changes_the_gradient(pack, objective):
    past = past_of(objective, pack.queued, 8)
    assert {sensor: rows.shape for sensor, rows in past.items()} == {1: (24, 8), 2: (24, 8)}
    first = objective.embed(some_plants(pack.queued, slice(0, 8)))
    assert torch.allclose(past[2][:8], first[1], atol=1e-5)
    off, on = gradients(objective, some_plants(pack.crops, slice(0, 8)), [{}, past])
    assert not torch.allclose(off["projector"], on["projector"], rtol=0.01)


def test_products_are_products(pack, objective):
    batches = [some_plants(pack.crops, slice(k, k + 8)) for k in (0, 8, 16)]
    queues = [{}, past_of(objective, pack.queued, 8)]
    p = inner_products(objective, batches, queues)
    one, other = gradients(objective, batches[2], queues), gradients(objective, batches[0], queues)
    for part in PARTS:
        wanted = float(one[1][part] @ other[0][part])
        assert p[part][1, 0, 2, 0] == pytest.approx(wanted, rel=1e-3, abs=1e-8)
    assert p["all"].shape == (2, 2, 3, 3)
    assert p["all"][0, 0, 1, 1] == pytest.approx(sum(p[part][0, 0, 1, 1] for part in PARTS))
