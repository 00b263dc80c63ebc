"""The frozen pack: another ruler gives another number, with the weights unchanged."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch

from plantedu.data.crops import CropBatch
from plantedu.errors import PlantEduError
from plantedu.training.pair_source import open_source
from plantedu.training.pretrain import make_objective
from plantedu.training.recipe import Recipe
from plantedu.zoo.evaluation_batch import Ruler, make_pack

RECIPE = Recipe(
    pairs=64, image_size=16, crop_size=16, batch=8, steps=4, prototypes=24, hidden_dim=16,
    projection_dim=8, probe_plants=32, epsilon=0.05,
)  # fmt: skip


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    return open_source(RECIPE, tmp_path_factory.mktemp("bank"))


def scored(source, ruler, recipe=RECIPE, **options):
    pack = make_pack(recipe, source, plants=32, queue=64, **options)
    objective = make_objective(recipe).eval()
    return pack, objective, pack.seen_by(objective).score(ruler)


@pytest.mark.parametrize("queue", [0, 40])
@pytest.mark.parametrize("pairing", ["cross", "within_both"])
@pytest.mark.parametrize("small", [0, 2])
def test_a_pack_scores_as_the_objective_does(source, queue, pairing, small):
    recipe = replace(RECIPE, pairing=pairing, small_crops=small, small_size=8)
    pack, objective, score = scored(source, Ruler(queue=queue, batch=8), recipe)
    past = {s: rows[-queue:] for s, rows in pack.seen_by(objective).past.items()}
    wanted = []
    for k in range(0, 32, 8):
        crops = pack.crops
        small_crops = None if crops.small is None else crops.small[:, k : k + 8]
        batch = CropBatch(
            crops.large[:, k : k + 8], crops.large_sensors, small_crops, crops.small_sensors
        )
        loss = objective.score(batch, queue=past if queue else None)
        wanted.append((float(loss.total), float(loss.parts["entropy"])))
    assert score.loss.mean() == pytest.approx(np.mean([w[0] for w in wanted]), rel=1e-5)
    assert score.entropy.mean() == pytest.approx(np.mean([w[1] for w in wanted]), rel=1e-5)
    assert score.divergence == pytest.approx(score.loss - score.entropy)


def test_the_same_pack_twice_is_the_same_to_the_bit(source):
    one, other = (scored(source, Ruler(batch=8))[2] for _ in range(2))
    assert np.array_equal(one.loss, other.loss)
    assert not np.array_equal(one.loss, scored(source, Ruler(batch=8), seed=1)[2].loss)


def test_the_floor_holds_and_a_queue_lowers_it(source):
    short, long = Ruler(batch=8), Ruler(batch=8, queue=64)
    assert short.floor(24) == pytest.approx(math.log(3))
    assert long.floor(24) == 0.0
    seen = make_pack(RECIPE, source, plants=32, queue=64).seen_by(make_objective(RECIPE))
    generator = torch.Generator().manual_seed(0)
    z, one, two = (torch.randn(n, 8, generator=generator) for n in (64, 64, 64))
    sharp = replace(seen, z=z.reshape(2, 32, 8), past={1: one, 2: two}, iterations=300)
    assert sharp.score(short).entropy.mean() > short.floor(24) - 0.02
    assert sharp.score(long).entropy.mean() < short.floor(24) - 0.5


def test_the_queue_of_a_run_can_stand_in(source):
    pack, objective, own = scored(source, Ruler(batch=8, queue=40))
    generator = torch.Generator().manual_seed(0)
    old = torch.nn.functional.normalize(torch.randn(40, 8, generator=generator), dim=1)
    other = pack.seen_by(objective, past={1: old, 2: old}).score(Ruler(batch=8, queue=40))
    assert abs(other.loss.mean() - own.loss.mean()) > 1e-3


def test_scoring_changes_nothing(source):
    pack = make_pack(RECIPE, source, plants=32, queue=8)
    objective = make_objective(RECIPE).train()
    before = {k: v.clone() for k, v in objective.state_dict().items()}
    pack.seen_by(objective).score(Ruler(batch=8, queue=8))
    assert all(torch.equal(v, before[k]) for k, v in objective.state_dict().items())
    assert objective.training


def test_bad_rulers_say_what_is_missing(source):
    pack = make_pack(RECIPE, source, plants=16)
    seen = pack.seen_by(make_objective(RECIPE))
    with pytest.raises(PlantEduError, match="queue of 0, not of 8"):
        seen.score(Ruler(batch=8, queue=8))
    with pytest.raises(PlantEduError, match="16 plants, fewer than 32"):
        seen.score(Ruler(batch=32))
    with pytest.raises(PlantEduError, match="as many held out: 32"):
        make_pack(RECIPE, source, plants=33)
    with pytest.raises(PlantEduError, match="as many plants: 64"):
        make_pack(RECIPE, source, plants=16, queue=65)


def test_names_of_rulers():
    assert Ruler(batch=16).name == "no queue, batch 16"
    assert Ruler(batch=8, queue=4, epsilon=0.05).name == "queue of 4, batch 8, ε 0.05"
