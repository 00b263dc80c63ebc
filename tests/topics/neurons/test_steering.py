"""Steering: the push has its length, other pushes too, noise is shared, readings differ."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from plantedu.errors import PlantEduError
from plantedu.models.denoiser import Denoiser
from plantedu.models.factor_regressor import FactorReader
from plantedu.topics.neurons.sparse_autoencoder import Dictionary, Sparse
from plantedu.topics.neurons.steering import changes, push, side_by_side, steer

DIM = 6


@pytest.fixture(scope="module")
def model():
    x = torch.randn(64, DIM, generator=torch.Generator().manual_seed(0)) * 3
    return Dictionary(x, Sparse(width=8, k=2), torch.Generator().manual_seed(1))


@pytest.fixture(scope="module")
def found():
    denoiser = Denoiser(side=16, slots={"e/h/rgb": DIM}, channels=(16, 16, 16), seed=0).eval()
    h = torch.randn(40, DIM, generator=torch.Generator().manual_seed(2))
    move = torch.ones(DIM)
    return steer(
        denoiser, "e/h/rgb", h[:3], move, h, samples=2, steps=2, nulls=2,
        generator=lambda: torch.Generator().manual_seed(5),
    )  # fmt: skip


def test_a_push_is_a_direction_times_code_times_size(model):
    move = push(model, 3, 0.5, -2)
    assert torch.allclose(move, -2 * 0.5 * model.size * model.directions[3])
    with pytest.raises(PlantEduError, match="features 0 to 7; got 8"):
        push(model, 8, 1, 1)


def test_sets_have_the_same_noise_and_shape(found):
    assert found.plain.shape == found.pushed.shape == (3, 2, 6, 16, 16)
    assert len(found.elsewhere) == 2
    assert 0 < found.length < 5


def test_a_push_of_no_length_changes_nothing(found):
    denoiser = Denoiser(side=16, slots={"e/h/rgb": DIM}, channels=(16, 16, 16), seed=0).eval()
    h = torch.randn(10, DIM, generator=torch.Generator().manual_seed(2))
    still = steer(
        denoiser, "e/h/rgb", h[:2], torch.zeros(DIM), h, samples=1, steps=1, nulls=1,
        generator=lambda: torch.Generator().manual_seed(5),
    )  # fmt: skip
    assert torch.equal(still.plain, still.pushed)
    with pytest.raises(PlantEduError, match="not conditioned on other/h/rgb, but on e/h/rgb"):
        steer(
            denoiser, "other/h/rgb", h, torch.zeros(DIM), h, samples=1, steps=1,
            generator=torch.Generator,
        )  # fmt: skip


def test_changes_are_of_each_plant_and_of_what_the_sensor_shows(found):
    reader = FactorReader(side=16, width=4, dim=8).eval()
    changed = changes(reader, found, ("rgb",))
    assert {"disease: blast", "angle", "light_rgb", "mark: present"} <= set(changed)
    assert "light_rgn" not in changed
    mine, null = changed["angle"]
    assert mine.shape == (3,)
    assert null.shape == (2, 3)
    same = SimpleNamespace(plain=found.plain, pushed=found.plain, elsewhere=(found.plain,))
    assert np.abs(changes(reader, same, ("rgb",))["angle"][0]).max() == 0


def test_sheets_hold_source_told_pushed_and_elsewhere(found):
    sheets = side_by_side(found, np.zeros((3, 3, 32, 32), np.uint8))
    assert sheets["x1"].shape == (3, 7, 3, 16, 16)
    assert sheets["x2"].shape == (3, 6, 3, 16, 16)
