"""Planting: the dial's ends, masks to the byte, draws that belong to the picture, bad input."""

import numpy as np
import pytest

from plantedu.data.renderer.pairs import render
from plantedu.data.renderer.worlds import World
from plantedu.errors import PlantEduError
from plantedu.own.plant import DRAWN, KINDS, encoded_again, null, plant
from plantedu.own.plant_local import LOCAL


@pytest.fixture(scope="module")
def leaves():
    return render(World(), np.arange(3), size=48, do={"disease": "healthy"}).x1


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_at_strength_0_and_something_at_1(leaves, kind):
    bare, full = (plant(leaves, kind, s, seed=3) for s in (0, 1))
    assert (bare.pictures == leaves).all()
    assert not bare.masks.any()
    assert (full.pictures != leaves).any((1, 2, 3)).all()
    assert full.pictures.dtype == np.uint8
    assert full.pictures.shape == leaves.shape


@pytest.mark.parametrize("kind", KINDS)
def test_outside_the_mask_every_byte_is_kept(leaves, kind):
    found = plant(leaves, kind, 0.7, seed=1)
    moved = (found.pictures != leaves).any(1)
    assert not (moved & ~found.masks).any()
    assert found.masks.all() == (kind not in LOCAL)


@pytest.mark.parametrize("kind", KINDS)
def test_a_dial_turns_the_same_draw_further(leaves, kind):
    away = [
        np.abs(plant(leaves, kind, s, seed=2).pictures.astype(int) - leaves).mean()
        for s in (0.1, 0.5, 1)
    ]
    assert away[0] < away[1] < away[2]


def test_a_draw_belongs_to_the_picture_and_not_to_its_place(leaves):
    for kind in DRAWN:
        whole, one = plant(leaves, kind, 1, seed=5), plant(leaves[2:], kind, 1, seed=5)
        assert (whole.pictures[2] == one.pictures[0]).all()


def test_the_null_of_what_is_drawn_is_another_draw_and_else_a_re_encoding(leaves):
    first, again = null(leaves, "noise", 1, seed=0)
    assert (first == plant(leaves, "noise", 1, seed=0).pictures).all()
    assert (first != again).any()
    first, again = null(leaves, "light", 1, seed=0)
    assert (first == leaves).all()
    assert (again == encoded_again(leaves)).all()


def test_two_stops_are_a_quarter_of_the_light():
    grey = np.full((1, 3, 8, 8), 200, np.uint8)
    dark = plant(grey, "light", 1, seed=0).pictures
    assert dark[0, 0, 0, 0] == round(255 * ((200 / 255) ** 2.2 / 4) ** (1 / 2.2))


def test_masks_that_are_given_hold_lesion_and_mark(leaves):
    own = np.zeros((3, 48, 48), bool)
    own[:, 8:40, 8:40] = True
    for kind in LOCAL:
        assert not (plant(leaves, kind, 1, seed=0, where=own).masks & ~own).any()


@pytest.mark.parametrize(
    ("knobs", "says"),
    [
        ({"kind": "rain"}, "No kind"),
        ({"strength": 1.5}, "from 0 to 1"),
        ({"strength": np.nan}, "from 0 to 1"),
        ({"kind": "mark", "where": "middle"}, "corner"),
        ({"kind": "blur", "where": "top left"}, "whole picture"),
        ({"kind": "mark", "where": np.ones((1, 4, 4), bool)}, "Masks are bool"),
        ({"kind": "mark", "where": np.zeros((3, 48, 48), bool)}, "empty"),
        ({"kind": "lesion", "pictures": np.full((2, 3, 32, 32), 90, np.uint8)}, "green"),
        ({"pictures": np.zeros((2, 3, 4, 4), np.uint8)}, "uint8"),
        ({"pictures": np.zeros((2, 3, 32, 32), np.float32)}, "uint8"),
        ({"pictures": np.zeros((0, 3, 32, 32), np.uint8)}, "uint8"),
    ],
)
def test_bad_input_is_refused_in_a_sentence(leaves, knobs, says):
    asked = {"pictures": leaves, "kind": "mark", "strength": 1.0, "seed": 0} | knobs
    with pytest.raises(PlantEduError, match=says):
        plant(asked.pop("pictures"), asked.pop("kind"), asked.pop("strength"), **asked)
