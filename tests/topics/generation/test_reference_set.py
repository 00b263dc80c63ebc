"""Slopes by hand, distances by loops, and encoders that do not know a sensor."""

import numpy as np
import pytest
import torch

from plantedu.errors import PlantEduError
from plantedu.topics.generation.reference_set import (
    ReferenceSet,
    knn_novelty,
    nearest_distance,
    representations_by_slot,
    slope_on,
)
from plantedu.zoo.encoders import load_encoder


def test_one_plant_is_rendered_alone_and_all_of_them_once():
    """A first look waited for 256 plants where it showed one."""
    asked = []

    def take(rows):
        asked.append(rows.tolist())
        pictures = np.tile(rows[:, None, None, None].astype(np.uint8), (1, 3, 4, 4))
        return pictures, pictures + 100

    plants = ReferenceSet(np.array([7, 9, 12]), {}, take, 4)
    x1, x2 = plants.pair(1)
    assert asked == [[9]]
    assert (x1 == 9).all()
    assert (x2 == 109).all()
    assert plants.x1[:, 0, 0, 0].tolist() == [7, 9, 12]
    assert plants.x2[:, 0, 0, 0].tolist() == [107, 109, 112]
    assert asked == [[9], [7, 9, 12]]


def test_the_slope_of_a_planted_line_is_found():
    draw = np.random.default_rng(0)
    f, noise = draw.normal(3, 2, 5000), draw.normal(size=(5000, 3)) * 0.1
    planted = np.array([1.0, -2.0, 0.0])
    h = torch.from_numpy(f[:, None] * planted + noise).float()
    np.testing.assert_allclose(slope_on(h, f), planted, atol=0.01)
    shuffled = slope_on(h, draw.permutation(f))
    assert float(shuffled.norm()) < 0.1


def test_a_factor_that_stands_still_has_no_slope():
    with pytest.raises(PlantEduError, match="no direction"):
        slope_on(torch.randn(5, 3), np.ones(5))


def test_distance_is_the_loop_of_its_formula():
    draw = torch.Generator().manual_seed(0)
    rows, familiar = torch.randn((4, 6), generator=draw), torch.randn((30, 6), generator=draw)
    std = familiar.double().std(0)
    for k, found in enumerate(nearest_distance(rows, familiar)):
        far = sorted(float(((rows[k] - other) / std).norm()) / 6**0.5 for other in familiar)
        assert float(found) == pytest.approx(sum(far[:10]) / 10, abs=1e-5)


def test_a_stranger_is_told_from_a_neighbour():
    draw = torch.Generator().manual_seed(0)
    familiar, held_out = (torch.randn((300, 8), generator=draw) for _ in range(2))
    for part in (familiar, held_out):
        part[:, 4:] = 0
    stranger = torch.zeros(1, 8)
    stranger[0, 7] = 5.0
    slots = [{"a": rows} for rows in (familiar, held_out)]
    far = knn_novelty({"a": stranger}, *slots)
    assert far["beyond"] == 1
    near = knn_novelty({"a": held_out[:1]}, *slots)
    assert near["distance"] < far["usual"] * 3
    assert near["beyond"] < 1


def test_an_encoder_of_one_sensor_is_not_told_by_the_other():
    supervised, picture = load_encoder("supervised_rgb-0"), np.zeros((1, 3, 48, 48), np.uint8)
    assert set(representations_by_slot(supervised, x1=picture, x2=picture)) == {
        "supervised_rgb-0/h/rgb"
    }
    with pytest.raises(PlantEduError, match="saw only rgb"):
        representations_by_slot(supervised, x2=picture)
    assert representations_by_slot(supervised) == {}
