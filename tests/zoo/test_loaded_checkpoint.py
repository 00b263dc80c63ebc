"""Stages: what ruler a log used, which can be compared, how far weights are apart."""

from dataclasses import replace

import pytest
import torch

from plantedu.errors import PlantEduError
from plantedu.training.checkpoints import save_checkpoint
from plantedu.training.fit import State
from plantedu.training.pretrain import make_objective, make_optimizer
from plantedu.training.recipe import Recipe
from plantedu.zoo.evaluation_batch import Ruler
from plantedu.zoo.loaded_checkpoint import check_comparable, distances, load_stage, rulers_of

SMALL = Recipe(
    pairs=64, image_size=16, crop_size=16, batch=8, prototypes=8, hidden_dim=16, projection_dim=8,
    queue_length=4, probe_plants=32, steps=9,
)  # fmt: skip


def staged(folder, name="a", *, used=False, filled=False, **knobs):
    recipe = replace(SMALL, **knobs)
    objective = make_objective(recipe)
    objective.queue_used.fill_(used)
    if filled:
        for sensor in (1, 2):
            objective.queue.insert(sensor, torch.full((4, 8), float(sensor)))
    state = State(objective, make_optimizer(objective, recipe), recipe.steps, step=5)
    state.meta = {"recipe": recipe.as_json()}
    save_checkpoint(folder / f"{name}.safetensors", *state.snapshot())
    return load_stage(folder / f"{name}.safetensors")


def test_a_stage_knows_its_step_its_ruler_and_its_queue(tmp_path):
    off, on = staged(tmp_path), staged(tmp_path, used=True, filled=True)
    assert (off.step, off.name) == (5, f"{tmp_path.name}/a")
    assert (off.ruler, on.ruler) == (Ruler(batch=8), Ruler(queue=4, batch=8))
    assert off.queue == {}
    assert on.queue[2].tolist() == [[2.0] * 8] * 4
    assert not on.objective.training


def test_what_differs_in_plants_crops_or_shape_is_refused(tmp_path):
    one = staged(tmp_path)
    check_comparable([one, staged(tmp_path, "b", seed=3, epsilon=0.03, steps=20)])
    with pytest.raises(PlantEduError, match=r"differ in prototypes \(8 and 9\)"):
        check_comparable([one, staged(tmp_path, "c", prototypes=9)])


def test_distance_of_weights_scaled_by_a_known_factor(tmp_path):
    one, other = staged(tmp_path).objective, staged(tmp_path, "b").objective
    with torch.no_grad():
        other.prototypes.mul_(1.25)
    found = distances(one, other)
    assert found["prototypes"] == pytest.approx(0.25)
    assert found["encoder"] == found["projector"] == 0
    assert 0 < found["all"] < 0.25


def test_two_rulers_always(tmp_path):
    off, on = staged(tmp_path), staged(tmp_path, used=True, filled=True)
    assert rulers_of(off, on) == (Ruler(batch=8), Ruler(queue=4, batch=8))
    assert rulers_of(off, off, 6) == (Ruler(batch=8), Ruler(queue=6, batch=8))
    assert rulers_of(on, on) == (Ruler(queue=4, batch=8), Ruler(batch=8))
