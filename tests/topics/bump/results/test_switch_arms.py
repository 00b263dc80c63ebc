"""The arms: what differs between them is the switch, and the rulers that watch change nothing."""

import math
from dataclasses import replace

import pytest

from plantedu.errors import PlantEduError
from plantedu.topics.bump.loss_observer import both_rulers
from plantedu.topics.bump.results.switch_arms import arm_recipe, switch_step
from plantedu.training.fit import Observer
from plantedu.training.pretrain import train
from plantedu.training.recipe import Recipe

TINY = Recipe(
    pairs=64, image_size=16, crop_size=16, batch=8, steps=8, prototypes=24, hidden_dim=16,
    projection_dim=8, probe_plants=32, probe_factors=(), queue_length=16, queue_start=0.5,
)  # fmt: skip


class Diary(Observer):
    def __init__(self):
        self.rows, self.events = {}, []

    def on_step(self, state, record):
        self.rows[record.step] = dict(record.values)

    def on_event(self, step, name, detail):
        self.events.append((step, name))


def test_arms_of_a_seed_differ_in_the_switch_alone():
    base = arm_recipe("0.5", 1).as_json()
    for arm in ("0.25", "0.75", "never", "always"):
        other = arm_recipe(arm, 1).as_json()
        differing = {name for name in base if base[name] != other[name]}
        assert differing <= {"queue_start", "queue_length"}
    assert {arm_recipe("0.5", seed).start for seed in range(6)} == {
        f"shipped:cross-{k}" for k in range(3)
    }
    with pytest.raises(PlantEduError, match="No arm is called 'often'"):
        arm_recipe("often", 0)


def test_matched_arms_have_no_floor_with_or_without_a_queue():
    for arm in ("matched", "matched_switch"):
        recipe = arm_recipe(arm, 0)
        assert {r.floor(recipe.prototypes) for r in both_rulers(recipe).values()} == {0.0}
    recipe = arm_recipe("0.5", 0)
    floors = {n: r.floor(recipe.prototypes) for n, r in both_rulers(recipe).items()}
    assert floors == {"none": pytest.approx(math.log(32)), "queue": 0.0}


@pytest.mark.parametrize(
    ("knobs", "step"),
    [
        ({}, 5),
        ({"queue_start": 0.25, "queue_length": 32}, 5),  # not full before
        ({"queue_start": 1.0}, None),
        ({"queue_start": 0.0}, None),
        ({"queue_length": 0}, None),
    ],
)
def test_the_switch_is_where_the_training_says(tmp_path, knobs, step):
    recipe, diary = replace(TINY, **knobs), Diary()
    train(recipe, bank_folder=tmp_path, observers=[diary])
    assert switch_step(recipe) == step
    inside = [s for s, name in diary.events if name == "queue on" and s > 1]
    assert inside == ([step] if step else [])
