"""Frozen codes: the same loss as the pack's, with a gradient, and regrouping that puts back."""

import pytest
import torch

from plantedu.topics.bump.frozen_targets import loss_against, regrouped, some_plants, targets_of
from plantedu.training.pair_source import open_source
from plantedu.training.pretrain import make_objective
from plantedu.training.recipe import Recipe
from plantedu.zoo.evaluation_batch import Ruler, make_pack

RECIPE = Recipe(
    pairs=64, image_size=16, crop_size=16, batch=8, prototypes=24, hidden_dim=16,
    projection_dim=8, probe_plants=32, small_crops=2, small_size=8,
)  # fmt: skip


@pytest.fixture(scope="module")
def looked(tmp_path_factory):
    source = open_source(RECIPE, tmp_path_factory.mktemp("bank"))
    pack = make_pack(RECIPE, source, plants=32, queue=16)
    objective = make_objective(RECIPE).eval()
    return pack, objective, pack.seen_by(objective)


@pytest.mark.parametrize("queue", [0, 16])
def test_a_frozen_target_gives_the_rulers_loss_where_it_was_made(looked, queue):
    pack, objective, seen = looked
    ruler = Ruler(queue=queue, batch=8)
    loss = loss_against(objective, pack.crops, targets_of(seen, ruler))
    assert float(loss.detach()) == pytest.approx(seen.score(ruler).loss.mean(), rel=1e-5)
    loss.backward()
    assert all(p.grad is not None for p in objective.parameters())
    objective.zero_grad()


def test_some_plants_are_those_plants(looked):
    pack, objective, seen = looked
    targets, rows = targets_of(seen, Ruler(batch=8)), torch.tensor([3, 20])
    part = loss_against(objective, some_plants(pack.crops, rows), targets[:, rows])
    whole = seen.score(Ruler(batch=8)).loss[rows.numpy()].mean()
    assert float(part.detach()) == pytest.approx(whole, rel=1e-5)


def test_other_company_changes_a_plants_loss_but_not_the_plant(looked):
    _, _, seen = looked
    other, back = regrouped(seen, torch.Generator().manual_seed(0))
    assert torch.equal(other.z[:, back], seen.z)
    ruler = Ruler(batch=8)
    moved = other.score(ruler).loss[back.numpy()] - seen.score(ruler).loss
    assert 0 < abs(moved).max() < 1
    whole = Ruler(batch=32)
    assert other.score(whole).loss[back.numpy()] == pytest.approx(seen.score(whole).loss, abs=1e-4)
