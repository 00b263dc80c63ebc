"""Training a reader: it learns, shuffled labels teach nothing, rough pictures, saved and read."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from plantedu.errors import PlantEduError
from plantedu.topics.generation.regressor_training import (
    ReaderRecipe,
    album,
    chance,
    examined,
    reader_from,
    roughened,
    shipped_reader,
    train_reader,
)
from plantedu.training.checkpoints import save_checkpoint

TINY = ReaderRecipe(
    plants=192,
    held_out=64,
    side=16,
    rendered=0,
    width=4,
    dim=16,
    batch=32,
    steps=50,
    learning_rate=6e-3,
)


@pytest.fixture(scope="module")
def state():
    return train_reader(TINY)


@pytest.fixture(scope="module")
def book():
    return album("field", 1, np.arange(192, 256), 16)


def test_a_reader_learns_and_shuffled_labels_teach_nothing(state, book):
    read = {name: each.mean() for name, each in examined(state.objective, book).items()}
    null = train_reader(replace(TINY, shuffled=True, steps=20)).objective
    lost = {name: each.mean() for name, each in examined(null, book).items()}
    columns = ("light_rgb", "light_rgn", "chlorophyll", "soil_rgb")
    assert read["light_rgb"] > 0.4
    assert np.mean([read[column] for column in columns]) > 0.25
    assert max(lost[column] for column in columns) < 0.15


def test_the_score_is_r2_over_the_plants_that_show_the_factor(state, book):
    found = examined(state.objective, book)
    reading = state.objective.read(*book.pictures())["severity"][:, 0].double()
    diseased = book.factors["disease"] > 0
    y = (book.factors["severity"] - 0.5) * 12**0.5
    error = (reading - y)[diseased].square().sum()
    total = (y[diseased] - y[diseased].mean()).square().sum()
    assert len(found["severity"]) == int(diseased.sum())
    assert found["severity"].mean() == pytest.approx(float(1 - error / total), abs=1e-9)
    right = state.objective.read(*book.pictures())["mark"].argmax(1) == book.factors["mark"]
    assert found["mark"].mean() == pytest.approx(float(right.double().mean()))
    assert chance("angle", book.factors) == 0
    counts = torch.bincount(book.factors["mark"])
    assert chance("mark", book.factors) == pytest.approx(float(counts.max() / counts.sum()))


def test_pictures_are_rendered_large_and_brought_down_by_means(book):
    """As drawn pictures are, so that a reader learns from what it will read."""
    large = album("field", 1, np.arange(192, 200), 48)
    small = album("field", 1, np.arange(192, 200), 16, 48)
    blocks = large.x1.reshape(8, 3, 16, 3, 16, 3).mean((3, 5))
    assert np.abs(small.x1 - blocks).max() <= 0.51
    assert np.array_equal(small.factors["angle"], book.factors["angle"][:8])
    assert ReaderRecipe.from_json({"side": 48}).rendered == 0, "a recipe of before the knob"
    with pytest.raises(PlantEduError, match="rendered is 0, or from side 48"):
        ReaderRecipe(rendered=32)


def test_half_of_the_pictures_become_soft_and_half_grainy():
    images = album("field", 1, np.arange(64), 16).pictures()[0]
    generator = torch.Generator().manual_seed(0)
    rough = roughened(images, blur=0.7, grain=0.02, generator=generator)
    same = (rough - images).abs().amax((1, 2, 3)) < 1e-3
    assert 5 <= int(same.sum()) <= 27  # a quarter is left alone
    assert float((rough - images).abs().max()) > 0.02
    assert 0 <= float(rough.min()) <= float(rough.max()) <= 1
    still = roughened(images, blur=0.0, grain=0.0, generator=generator)
    assert torch.allclose(still, images, atol=1e-6)
    flat = roughened(torch.full((8, 3, 16, 16), 0.3), blur=2.0, grain=0.0, generator=generator)
    assert torch.allclose(flat, torch.full_like(flat, 0.3), atol=1e-6)


def test_weights_are_read_back_and_others_refused(state, book, tmp_path):
    path = tmp_path / "checkpoints" / "reader-9.safetensors"
    tensors, meta = state.snapshot()
    half = {k: v.half() if v.is_floating_point() else v for k, v in tensors.items()}
    save_checkpoint(path, half, meta)
    again = shipped_reader("reader-9", root=path.parent)
    angle = [one.read(*book.pictures())["angle"] for one in (again, state.objective)]
    assert torch.allclose(*angle, atol=0.05)
    with pytest.raises(PlantEduError, match="holds no reader"):
        reader_from(tensors, {})
    with pytest.raises(PlantEduError, match="another architecture"):
        reader_from(tensors, {"reader": meta["reader"] | {"dim": 8}})
    with pytest.raises(PlantEduError, match="No checkpoint 'reader-8' ships"):
        shipped_reader("reader-8", root=path.parent)


def test_recipes_refuse_what_cannot_be():
    assert ReaderRecipe.from_json(TINY.as_json()) == TINY
    with pytest.raises(PlantEduError, match="has no flavour"):
        ReaderRecipe.from_json({"flavour": 1})
    with pytest.raises(PlantEduError, match="steps must be at least 2"):
        replace(TINY, steps=1)
    with pytest.raises(PlantEduError, match="blur is 0 to 4"):
        replace(TINY, blur=9.0)
