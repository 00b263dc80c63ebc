"""The planted shortcut's world: the mark is in one sensor, goes with disease, and training ends."""

import numpy as np
import pytest
import torch

from plantedu.data.renderer.worlds import draw_factors
from plantedu.errors import PlantEduError
from plantedu.topics.attacks.shortcut_training import (  # fmt: skip
    CORNER,
    diseased,
    shortcut_views,
    shortcut_world,
    train_with_shortcut,
)

PLANTS = np.arange(3)


def test_the_mark_is_in_the_corner_of_rgn_alone():
    world = shortcut_world(1.0)
    bare, marked = (shortcut_views(world, PLANTS, mark=m) for m in ("absent", "present"))
    moved = (bare.int() - marked.int()).abs()
    assert not moved[0].any()
    assert moved[1, :, :, -CORNER:, -CORNER:].max() > 60
    outside = moved[1].clone()
    outside[:, :, -CORNER:, -CORNER:] = 0
    assert outside.float().mean() < 0.5  # the file's JPEG may tremble


def test_the_mark_goes_with_disease_at_full_strength():
    rows = np.arange(200)
    full = draw_factors(shortcut_world(1.0), rows)
    assert (full["mark"] == (full["disease"] > 0)).all()
    assert torch.equal(diseased(shortcut_world(1.0), rows), diseased(shortcut_world(0.0), rows))


def test_a_quick_network_is_trained_the_same_twice():
    first, again = (train_with_shortcut(1.0, plants=32, steps=2) for _ in "12")
    assert not first.training
    for a, b in zip(first.parameters(), again.parameters(), strict=True):
        assert torch.equal(a, b)


def test_too_few_plants_are_refused():
    with pytest.raises(PlantEduError, match="a batch"):
        train_with_shortcut(1.0, plants=8)
