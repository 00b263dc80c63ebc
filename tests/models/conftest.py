"""What the tests of the objective share: small crops of noise, and a small objective."""

import pytest
import torch

from plantedu.data.crops import PAIRINGS, CropBatch
from plantedu.models.encoders import make_encoder
from plantedu.models.swav import SwAV

PLANTS = 4


def _crop_batch(pairing="cross", small=0, seed=0, dtype=torch.float32):
    generator = torch.Generator().manual_seed(seed)
    sensors = PAIRINGS[pairing]
    turns = sorted(set(sensors))
    small_sensors = tuple(turns[i % len(turns)] for i in range(small))

    def draw(views, side):
        return torch.rand(views, PLANTS, 3, side, side, generator=generator, dtype=dtype)

    few = draw(small, 8) if small else None
    return CropBatch(draw(len(sensors), 16), sensors, few, small_sensors)


def _objective(pairing="cross", **knobs):
    chosen = {"prototypes": 5, "projection_dim": 6, "hidden_dim": 8, "epsilon": 0.05}
    encoder = make_encoder("res2next_tiny", seed=1)
    return SwAV(encoder, pairing=pairing, seed=2, **(chosen | knobs))


@pytest.fixture
def crop_batch():
    """Crops of four plants for a pairing, drawn from a seed."""
    return _crop_batch


@pytest.fixture
def objective():
    """SwAV on the tiny encoder, with five prototypes, in six dimensions."""
    return _objective
