"""Features of both sensors: the same plants, one basis, random networks that learned nothing."""

import numpy as np
import pytest
import torch

from plantedu.errors import PlantEduError
from plantedu.topics.spectrum.two_sensors import (
    Amount,
    bare,
    embedded,
    seen_by,
    shares,
    two_sensors,
)
from plantedu.training.pair_source import open_source
from plantedu.training.pretrain import make_objective
from plantedu.training.recipe import Recipe
from plantedu.zoo.random_init import random_init

TINY = Recipe(
    pairs=64, image_size=16, crop_size=16, batch=8, prototypes=12, hidden_dim=16, steps=12,
    projection_dim=8, probe_plants=40, probe_factors=(),
)  # fmt: skip
AMOUNT = Amount(24, 16, crops=True)


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    return open_source(TINY, tmp_path_factory.mktemp("bank"))


@pytest.fixture(scope="module")
def objective():
    return make_objective(TINY).eval()


@pytest.fixture(scope="module")
def seen(objective, source):
    return seen_by(objective, TINY, source, AMOUNT)


def test_layers_have_their_widths_and_rows(seen, objective):
    z, pixels = two_sensors(seen, "z"), two_sensors(seen, "pixels")
    assert [one.shape for one in (*z.train, *z.held_out)] == [(24, 8)] * 2 + [(16, 8)] * 2
    assert [one.shape for one in z.looks] == [(24, 8)] * 3
    assert pixels.train[0].shape == (24, 48)
    assert np.linalg.norm(z.train[0], axis=1) == pytest.approx(np.ones(24), abs=1e-5)
    assert set(z.plants[0]).isdisjoint(z.plants[1])


def test_h_is_given_in_one_basis_of_both_sensors(seen):
    h = two_sensors(seen, "h")
    assert h.width == 512
    assert h.train[0].shape[1] == 64
    assert 0.9 < h.kept <= 1.0001
    rows = [one.astype(np.float64) for one in seen.layers["h"][0]]
    apart = np.linalg.norm(rows[0][0] - rows[1][3])
    assert np.linalg.norm(h.train[0][0] - h.train[1][3]) == pytest.approx(apart, rel=0.02)


def test_two_crops_of_a_picture_differ_and_no_crops_are_none(seen, objective, source):
    first, second, _ = two_sensors(seen, "pixels").looks
    assert np.abs(first - second).max() > 0.01
    without = seen_by(objective, TINY, source, Amount(24, 16))
    assert two_sensors(without, "z").looks == ()


def test_pixel_means_of_x1_and_x2_are_the_pictures(seen, source):
    x1, _ = source.take(source.train[:24])
    found = two_sensors(seen, "pixels").train[0].reshape(24, 3, 16)
    assert found.mean(2) == pytest.approx(x1.reshape(24, 3, -1).mean(2) / 255, abs=1e-4)


def test_a_layer_that_is_not_there_lists_those_that_are(seen):
    with pytest.raises(PlantEduError, match="there are h, z, pixels"):
        two_sensors(seen, "conv3")


def test_more_plants_than_there_are_is_refused(objective, source):
    with pytest.raises(PlantEduError, match="has 40 plants for held_out; 41 are asked for"):
        seen_by(objective, TINY, source, Amount(24, 41))


def test_random_networks_hang_on_their_seed_and_have_settled_norms(source):
    one, same, other = (random_init(TINY, source, seed) for seed in (1, 1, 2))
    images = torch.rand(4, 3, 16, 16, generator=torch.Generator().manual_seed(0))
    assert torch.equal(embedded(one, images)[1], embedded(same, images)[1])
    assert not torch.equal(embedded(one, images)[1], embedded(other, images)[1])
    assert not one.training
    assert one.projector[1].running_mean.abs().max() > 0


def test_shares_are_codes_and_predictions(seen, objective):
    z = seen.layers["z"][1]
    for found in (shares(objective, TINY, z), shares(None, TINY, z, seed=3)):
        for q, p in found:
            assert q.shape == p.shape == (16, 12)
            assert q.sum(1) == pytest.approx(np.ones(16))
            assert p.sum(1) == pytest.approx(np.ones(16))


def test_runs_of_one_architecture_share_their_bare_recipe():
    assert bare(TINY) == bare(Recipe(**{**TINY.as_json(), "seed": 5, "epsilon": 0.03}))
