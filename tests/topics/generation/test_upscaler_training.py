"""Training of the upscaler: squares that lie upon each other, resuming, damage, refusals."""

from dataclasses import replace

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from plantedu.errors import PlantEduError
from plantedu.models.pair_upscaler import TIMES, enlarged
from plantedu.topics.generation.upscaler_training import (
    UpscalerRecipe,
    batch_of_step,
    both_sides,
    shipped_upscaler,
    train_upscaler,
    upscaler_from,
)
from plantedu.training.fit import Observer

SMALL = UpscalerRecipe(
    first=6000, plants=6, side=16, crop=8, width=4, blocks=1, batch=3, steps=4,
    precision="float32",
)  # fmt: skip


@pytest.fixture(scope="module")
def bank(tmp_path_factory):
    return tmp_path_factory.mktemp("bank")


def weights(state):
    return {name: one.clone() for name, one in state.objective.state_dict().items()}


def test_squares_of_both_sides_are_the_same_place_of_the_same_plant(bank):
    """Brought back to the small side, the large square is nearer to its own than to another's."""
    recipe = replace(SMALL, grain=0.0)
    batch = batch_of_step(recipe, both_sides(recipe, bank), 0)
    assert batch.small.shape == (3, 6, 8, 8)
    assert batch.large.shape == (3, 6, 8 * TIMES, 8 * TIMES)
    back = F.avg_pool2d(batch.large, TIMES)
    own = (back - batch.small).abs().mean((1, 2, 3))
    other = (back - batch.small.roll(1, 0)).abs().mean((1, 2, 3))
    assert (own < 0.5 * other).all()


def test_a_step_depends_on_recipe_and_step_alone(bank):
    plants = both_sides(SMALL, bank)
    one, same, next_ = (batch_of_step(SMALL, plants, step) for step in (1, 1, 2))
    assert torch.equal(one.small, same.small)
    assert torch.equal(one.large, same.large)
    assert not torch.equal(one.large, next_.large)


def test_one_camera_may_stand_in_the_place_of_both(bank):
    recipe = replace(SMALL, alone=1.0, grain=0.0)
    batch = batch_of_step(recipe, both_sides(recipe, bank), 0)
    assert torch.equal(batch.small[:, :3], batch.small[:, 3:])
    assert torch.equal(batch.large[:, :3], batch.large[:, 3:])


def test_a_training_that_was_stopped_ends_like_one_that_was_not(bank):
    class Stop(Observer):
        def on_step(self, state, record):
            if record.step == 2:
                self.kept = state.snapshot()
                self.kept = (
                    {n: t.clone() for n, t in self.kept[0].items()}, dict(self.kept[1])
                )  # fmt: skip

    stop = Stop()
    whole = train_upscaler(SMALL, bank_folder=bank, observers=[stop])
    again = train_upscaler(SMALL, bank_folder=bank, resume=stop.kept)
    one, other = weights(whole), weights(again)
    assert all(torch.equal(one[name], other[name]) for name in one)


def test_it_learns_what_the_cubic_does_not_know(bank):
    recipe = replace(SMALL, steps=200, width=16, learning_rate=1e-2, grain=0.0, alone=0.0)
    network = train_upscaler(recipe, bank_folder=bank).objective
    rows = np.arange(6000, 6006)
    plants = both_sides(recipe, bank).take(rows)
    learned = (network.draw(plants.small) - plants.large).abs().mean()
    cubic = (enlarged(plants.small).clamp(0, 1) - plants.large).abs().mean()
    assert float(learned) < 0.97 * float(cubic)


def test_a_checkpoint_is_read_back_and_a_strange_one_is_a_sentence(bank):
    state = train_upscaler(replace(SMALL, steps=1), bank_folder=bank)
    tensors, meta = state.snapshot()
    read = upscaler_from(tensors, meta)
    small = torch.zeros(1, 6, 16, 16)
    assert torch.equal(read.draw(small), state.objective.draw(small))
    with pytest.raises(PlantEduError, match="no upscaler"):
        upscaler_from(tensors, {})
    with pytest.raises(PlantEduError, match="another architecture"):
        upscaler_from(tensors, {"upscaler": replace(SMALL, width=8).as_json()})
    with pytest.raises(PlantEduError, match="no teeth"):
        upscaler_from(tensors, {"upscaler": {"teeth": 1}})


@pytest.mark.parametrize(
    ("knobs", "said"),
    [
        ({"first": 4094}, "held out"),
        ({"batch": 7}, "lower batch"),
        ({"crop": 17}, "crop is from 4"),
        ({"grain": -1.0}, "grain and alone"),
        ({"steps": 0}, "at least 1"),
    ],
)
def test_a_recipe_that_cannot_be_is_a_sentence(knobs, said):
    with pytest.raises(PlantEduError, match=said):
        replace(SMALL, **knobs)


def test_the_shipped_one_enlarges_four_times():
    network = shipped_upscaler()
    assert network.draw(torch.full((1, 6, 48, 48), 0.5)).shape == (1, 6, 192, 192)
