"""Drawn pairs at four times their side: shapes, what is left as it is, cameras of a source."""

import numpy as np
import pytest

from plantedu.errors import PlantEduError
from plantedu.models.pair_upscaler import PairUpscaler
from plantedu.topics.generation.upscaling import (
    enlarged_if,
    upscaled,
    upscaled_cameras,
    upscaler_of,
)


@pytest.fixture(scope="module")
def upscaler():
    return PairUpscaler(width=4, blocks=1)


@pytest.fixture
def pictures():
    return np.random.default_rng(0).integers(0, 256, (2, 3, 6, 8, 8)).astype(np.uint8)


def test_every_pair_stays_in_its_place(upscaler, pictures):
    found = upscaled(upscaler, pictures)
    assert found.shape == (2, 3, 6, 32, 32)
    alone = upscaled(upscaler, pictures[1:, 2:])
    assert np.abs(found[1, 2].astype(int) - alone[0, 0]).max() <= 1


def test_what_is_no_pair_or_has_no_upscaler_is_left(upscaler, pictures):
    assert enlarged_if(None, pictures) is pictures
    one = pictures[:, :, :3]
    assert enlarged_if(upscaler, one) is one
    assert enlarged_if(upscaler, pictures).shape[-1] == 32


def test_cameras_of_a_source_come_back_as_they_were(upscaler, pictures):
    both = np.stack([pictures[0, 0, :3], pictures[0, 0, 3:]])
    found = upscaled_cameras(upscaler, both)
    whole = upscaled(upscaler, pictures[:1, :1])[0, 0]
    assert np.array_equal(found.reshape(6, 32, 32), whole)
    assert np.array_equal(upscaled_cameras(upscaler, both[:1])[0], whole[:3])
    other = pictures[1, 0, 3:]
    three = upscaled_cameras(upscaler, np.stack([*both, other]))
    again = upscaled(upscaler, np.concatenate([both[0], other])[None, None])[0, 0]
    assert np.array_equal(three[:2], found)
    assert np.array_equal(three[2], again[3:]), "another plant's X2 is enlarged with this X1"
    assert upscaled_cameras(upscaler, both[:0]).shape == (0, 3, 32, 32)


def test_another_side_has_no_upscaler_and_a_damaged_one_is_a_sentence(monkeypatch):
    assert upscaler_of(128) == (None, ())
    network, why = upscaler_of(48)
    assert network is not None
    assert why == ()

    def damaged():
        raise PlantEduError("upscaler-0 cannot be read")

    monkeypatch.setattr("plantedu.topics.generation.upscaling.shipped_upscaler", damaged)
    network, why = upscaler_of(48)
    assert network is None
    assert why == ("Pictures are as they were drawn, not enlarged: upscaler-0 cannot be read",)
