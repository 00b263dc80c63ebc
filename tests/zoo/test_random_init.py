"""The random-init control: one construction, several seeds, settled batch norms."""

import copy
import json
from pathlib import Path

import pytest
import torch
from torch import nn

from plantedu.models.encoders import make_encoder
from plantedu.statistics.rankme import rankme
from plantedu.topics.spectrum.two_sensors import embedded
from plantedu.training.checkpoints import load_checkpoint
from plantedu.training.online_probes import features_of
from plantedu.training.pair_source import open_source
from plantedu.training.pretrain import make_objective, objective_from
from plantedu.training.recipe import Recipe
from plantedu.zoo.checkpoint_pairs import shipped_file
from plantedu.zoo.encoders import load_encoder
from plantedu.zoo.loaded_checkpoint import load_stage
from plantedu.zoo.random_init import (
    CONTROL_SEEDS,
    SETTLED,
    control_seed,
    field_pictures,
    random_classifier,
    random_encoder,
    random_init,
    settle,
    settled_start,
    unsettled,
)

CHECKPOINTS = Path(__file__).parents[2] / "checkpoints"
TINY = Recipe(
    pairs=48, image_size=16, crop_size=16, batch=8, prototypes=12, hidden_dim=16, steps=12,
    projection_dim=8, probe_plants=16, probe_factors=(),
)  # fmt: skip


class Small(nn.Module):
    """One of each: weights, a batch norm that tracks, one that does not, dropout."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.norm = nn.Linear(3, 5), nn.BatchNorm1d(5, momentum=0.1)
        self.untracked = nn.BatchNorm1d(5, track_running_stats=False)
        self.last = nn.Dropout(0.5)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.last(self.untracked(self.norm(self.first(x))))


def test_settled_norms_have_the_statistics_of_the_pass_and_nothing_else_moved():
    torch.manual_seed(0)
    module, x = Small().train(), torch.randn(40, 3) * 3 + 1
    weights = copy.deepcopy(dict(module.named_parameters()))
    assert settle(module, x) is module
    with torch.no_grad():
        h = module.first(x)
    torch.testing.assert_close(module.norm.running_mean, h.mean(0))
    torch.testing.assert_close(module.norm.running_var, h.var(0))
    assert not any(part.training for part in module.modules())
    assert module.norm.momentum == 0.1
    for name, one in module.named_parameters():
        assert torch.equal(one, weights[name])


def test_settling_is_the_same_whatever_the_norms_had_seen():
    torch.manual_seed(0)
    one, x = Small(), torch.randn(40, 3)
    other = copy.deepcopy(one)
    other(torch.randn(9, 3) * 50)
    assert torch.equal(settle(one, x).norm.running_var, settle(other, x).norm.running_var)


def test_without_batch_norms_nothing_passes():
    module = nn.Sequential(nn.Linear(3, 2), nn.Dropout(0.5)).train()

    def never(x: torch.Tensor) -> None:
        raise AssertionError

    assert not settle(module, torch.zeros(4, 3), never).training


def test_an_error_in_the_pass_leaves_momenta_as_they_were():
    module = Small()
    with pytest.raises(RuntimeError):
        settle(module, torch.zeros(4, 7))
    assert module.norm.momentum == 0.1


def test_no_run_that_ships_has_a_seed_of_the_control():
    assert len(set(CONTROL_SEEDS)) == len(CONTROL_SEEDS) == 5
    assert [control_seed(k) for k in (0, 4, 5)] == [1001, 1005, 1001]
    seeds = {
        json.loads(path.read_text(encoding="utf-8")).get("seed")
        for path in CHECKPOINTS.rglob("*.card.json")
    }
    assert len(seeds - {None}) >= 3
    assert not seeds & set(CONTROL_SEEDS)


def test_the_control_of_a_run_is_the_same_from_its_source_and_from_its_world(tmp_path):
    source = open_source(TINY, tmp_path)
    one, two = random_init(TINY, source), random_init(TINY)
    for mine, other in zip(one.state_dict().values(), two.state_dict().values(), strict=True):
        assert torch.equal(mine, other)
    assert one.projector[1].running_mean.abs().max() > 0
    assert not one.training


def test_a_control_has_the_weights_of_its_seed_and_not_of_the_run():
    control = random_init(TINY)
    own, run = make_objective(Recipe(**{**TINY.as_json(), "seed": 1001})), make_objective(TINY)
    name = "encoder.body.conv1.0.weight"
    weights = [one.state_dict().get(name, one.prototypes) for one in (control, own, run)]
    assert torch.equal(weights[0], weights[1])
    assert not torch.equal(weights[0], weights[2])


def test_every_way_to_the_control_gives_the_same_network():
    """What failed: random:SEED, random-NAME and two_sensors were three constructions."""
    shipped = Recipe.from_json(load_checkpoint(shipped_file("cross-0"))[1]["recipe"])
    ways = [
        random_init(shipped).encoder,
        load_encoder("random-cross-0").encoder,
    ]
    images = torch.rand(4, 3, 40, 40, generator=torch.Generator().manual_seed(0))
    h = [features_of(way, images) for way in ways]
    assert torch.equal(h[0], h[1])
    bare = load_encoder("random:1001").encoder
    torch.testing.assert_close(features_of(bare, images), h[0], rtol=1e-4, atol=1e-5)


def test_unsettled_and_settled_differ_as_the_first_version_did():
    """RankMe of z of one architecture, by whether its batch norms have seen pictures."""
    pictures = torch.cat(field_pictures(side=40))[:128]
    recipe = Recipe()
    z = [embedded(one, pictures)[1] for one in (unsettled(recipe), random_init(recipe))]
    low, high = (rankme(one) for one in z)
    assert low < 15
    assert high > 35


def test_a_checkpoint_of_step_0_is_settled_and_a_trained_one_is_left_alone():
    stage = load_stage(shipped_file("stages/0000"))
    assert stage.step == 0
    assert stage.objective.projector[1].running_mean.abs().max() > 0
    snapshot = load_checkpoint(shipped_file("cross-0"))
    before, recipe = objective_from(snapshot), Recipe.from_json(snapshot[1]["recipe"])
    after = settled_start(copy.deepcopy(before), recipe)
    for mine, other in zip(before.state_dict().values(), after.state_dict().values(), strict=True):
        assert torch.equal(mine, other)


def test_a_step_0_of_a_folder_that_is_not_here_is_left_alone():
    away = Recipe(**{**TINY.as_json(), "data": "folder:/nowhere"})
    assert settled_start(make_objective(TINY), away).projector[1].running_mean.abs().max() == 0


@pytest.mark.parametrize("sensors", ["both", "rgb", "rgn", "either"])
def test_a_random_classifier_is_settled_down_to_its_head(sensors):
    model = random_classifier("res2next_tiny", classes=3, sensors=sensors, side=24)
    assert not model.training
    assert model.head[0].running_mean.abs().max() > 0
    assert model.encoder.body.bn1.running_var.ne(1).any()


def test_a_bare_encoder_is_its_seeds_with_settled_norms():
    encoder = random_encoder("res2next_tiny", side=24, seed=7)
    own = make_encoder("res2next_tiny", seed=7)
    for mine, other in zip(encoder.parameters(), own.parameters(), strict=True):
        assert torch.equal(mine, other)
    assert encoder.body.bn1.running_var.ne(1).any()
    assert field_pictures(side=24)[0].shape == (SETTLED, 3, 24, 24)
