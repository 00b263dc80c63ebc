"""Pairs for a run: held-out plants stay out, the first pass is in order, later ones shuffled."""

import numpy as np
import pytest

from plantedu.data.planting import write_folder
from plantedu.data.worlds import world
from plantedu.errors import PlantEduError
from plantedu.training.recipe import Recipe
from plantedu.training.source import (
    open_source,
    plants_of_step,
    probe_plants,
    probe_targets,
    rendering_ahead,
)

SMALL = Recipe(pairs=64, image_size=16, crop_size=16, batch=16, probe_plants=32)


def test_held_out_plants_are_never_trained_on(tmp_path):
    source = open_source(SMALL, tmp_path)
    seen = {int(k) for step in range(12) for k in plants_of_step(SMALL, source, step)}
    assert seen == set(range(64))
    _, held_out = probe_plants(SMALL, source)
    assert len(held_out) == 32
    assert not seen & set(held_out.tolist())


def test_each_pass_takes_every_plant_once_and_only_the_first_in_order(tmp_path):
    source = open_source(SMALL, tmp_path)
    passes = [
        np.concatenate([plants_of_step(SMALL, source, 4 * epoch + k) for k in range(4)])
        for epoch in range(3)
    ]
    assert passes[0].tolist() == list(range(64))
    for later in passes[1:]:
        assert sorted(later) == list(range(64))
        assert later.tolist() != list(range(64))
    assert passes[1].tolist() != passes[2].tolist()


def test_lesion_factors_are_read_off_diseased_leaves_alone(tmp_path):
    source = open_source(SMALL, tmp_path)
    targets = {(t.name, t.view): t for t in probe_targets(SMALL, source)}
    train, held_out = probe_plants(SMALL, source)
    diseased = source.column("disease", "both")[0] > 0
    masks = targets["lesion_count", "rgb"].masks
    assert masks[0].tolist() == diseased[train].tolist()
    assert masks[1].tolist() == diseased[held_out].tolist()
    assert targets["angle", "rgb"].masks[0].all()


def test_each_sensor_has_its_own_light(tmp_path):
    source = open_source(SMALL, tmp_path)
    rgb, rgn = (source.column("light", view)[0] for view in ("rgb", "rgn"))
    assert abs(np.corrcoef(rgb, rgn)[0, 1]) < 0.4
    assert source.column("light", "both") is None


def test_challenge_folder_is_split_by_plant_and_knows_its_label_alone(tmp_path):
    write_folder(world("calm"), tmp_path / "folder", pairs=60, size=24)
    recipe = Recipe(
        data=f"folder:{tmp_path / 'folder'}", pairs=32, batch=16, image_size=16, crop_size=16
    )
    source = open_source(recipe, tmp_path)
    assert not set(source.train.tolist()) & set(source.held_out.tolist())
    assert {t.name for t in probe_targets(recipe, source)} == {"disease"}
    x1, x2 = source.take(source.train[:4])
    assert x1.shape == x2.shape == (4, 3, 16, 16)


def test_folder_with_fewer_plants_than_a_batch_is_refused(tmp_path):
    write_folder(world("calm"), tmp_path / "folder", pairs=20, size=24)
    recipe = Recipe(data=f"folder:{tmp_path / 'folder'}", batch=128, image_size=16)
    with pytest.raises(PlantEduError, match="lower the batch"):
        open_source(recipe, tmp_path)


def test_nothing_is_rendered_ahead_where_every_pair_is_there(tmp_path, monkeypatch):
    open_source(SMALL, tmp_path).take(np.arange(96))

    def started(*words, **options):
        raise AssertionError("a second process was started for nothing")

    monkeypatch.setattr("plantedu.training.source.subprocess.Popen", started)
    with rendering_ahead(SMALL, tmp_path):
        pass
