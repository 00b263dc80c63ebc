"""Pairs for a run: held-out plants stay out, the first pass is in order, later ones shuffled."""

from dataclasses import replace

import numpy as np
import pytest

from plantedu.data.challenge.folder import read_folder
from plantedu.data.challenge.render_folder import write_folder
from plantedu.data.render_cache import Bank
from plantedu.data.renderer.worlds import world
from plantedu.errors import PlantEduError
from plantedu.training.classifier.cross_validation import open_challenge
from plantedu.training.fit import Observer
from plantedu.training.pair_source import (
    open_source,
    plants_left_out,
    plants_of_step,
    probe_plants,
    probe_targets,
    rendering_ahead,
)
from plantedu.training.recipe import Recipe

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


class StartedError(Exception):
    """A second process was asked for."""


def test_a_second_process_renders_ahead_where_many_pairs_are_missing_alone(tmp_path, monkeypatch):
    def started(*words, **options):
        raise StartedError

    monkeypatch.setattr("plantedu.training.pair_source.subprocess.Popen", started)
    many = replace(SMALL, pairs=448)
    with rendering_ahead(SMALL, tmp_path):
        pass  # 96 pairs are here before it would have started
    with pytest.raises(StartedError), rendering_ahead(many, tmp_path):
        pass
    monkeypatch.setattr(Bank, "ready", lambda self: 480)
    with rendering_ahead(many, tmp_path):
        pass


@pytest.fixture
def rice(tmp_path):
    """A challenge folder of 40 plants, 28 of them in Train; and a way to spoil some of those."""
    path = tmp_path / "rice"
    write_folder(world("calm"), path, pairs=40, size=16)
    plants = read_folder(path, 16).ids

    def spoil(count):
        for plant in plants[:count]:
            (path / "images" / f"{plant}_rgn.jpg").write_bytes(b"no picture")
        return path

    return spoil


def recipe_of(path, **more):
    return Recipe(data=f"folder:{path}", batch=8, image_size=16, crop_size=16, **more)


def test_who_is_left_out_of_a_folder_is_known_and_told_once(rice, tmp_path):
    source = open_source(recipe_of(rice(2)), tmp_path)
    assert len(source.train) + len(source.held_out) == 26
    heard = []

    class Hears(Observer):
        def on_event(self, step, name, detail):
            heard.append((step, name, detail))

    assert plants_left_out(source, [Hears()]) == 2
    ((step, name, detail),) = heard
    assert (step, name) == (0, "left out")
    assert detail.startswith("2 of 28 plants are left out. First: ")
    assert "_rgn.jpg is not a JPEG or PNG picture" in detail
    assert plants_left_out(open_source(SMALL, tmp_path), [Hears()]) == 0
    assert len(heard) == 1


def test_a_folder_of_which_too_many_are_left_out_is_refused(rice, tmp_path):
    with pytest.raises(PlantEduError, match=r"7 of 28 plants are left out.*pairs check"):
        open_source(recipe_of(rice(7)), tmp_path)
    with pytest.raises(PlantEduError, match=r"Train\.csv: 7 of 28 plants are left out"):
        open_challenge(rice(7), 16)
