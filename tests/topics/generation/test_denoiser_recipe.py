"""A denoiser's recipe: read back, refused, and the course's own."""

import json
from dataclasses import replace

import pytest

from plantedu.errors import PlantEduError
from plantedu.shipped_files import checkpoints
from plantedu.topics.generation.denoiser_recipe import RECIPES, Denoise, encoder_and_layers
from plantedu.topics.generation.denoisers import DETAILS


@pytest.mark.parametrize("shares", [(0.5, 0.5), (0.5, 0.4, 0.2), (1.2, -0.2, 0.0)])
def test_shares_of_the_cameras_are_three_that_sum_to_one(shares):
    with pytest.raises(PlantEduError, match="sum to 1"):
        Denoise(shares=shares)
    assert Denoise.from_json(Denoise(shares=(0.3, 0.3, 0.4)).as_json()).shares == (0.3, 0.3, 0.4)


def test_a_recipe_is_read_back_as_it_was():
    for recipe in RECIPES.values():
        assert Denoise.from_json(recipe.as_json()) == recipe


def test_a_recipe_of_older_names_is_read():
    old = {"told": ["cross-0/h"], "untold": 0.2}
    assert Denoise.from_json(old) == Denoise(conditions=("cross-0/h",), unconditional=0.2)
    assert not {"told", "untold"} & set(Denoise().as_json())


def test_a_whole_recipe_of_before_is_what_it_was():
    """A run of last week is read as it was trained, not with today's defaults."""
    new = ("output", "joint", "time_std", "shares", "parts")
    older = {k: v for k, v in Denoise().as_json().items() if k not in new}
    read = Denoise.from_json(older)
    assert (read.output, read.joint, read.time_std, read.parts) == ("target", False, 1.0, 0)
    assert read.shares == (0.5, 0.15, 0.35)
    assert Denoise.from_json({"steps": 7}) == Denoise(steps=7), "a few knobs are today's"


def test_what_ships_is_the_course_s_recipe_from_three_seeds():
    assert RECIPES["48"] == Denoise()
    folder = checkpoints() / "denoisers"
    for where, name, trunk in ((folder, "128", "trunk"), (folder / DETAILS, "detail", "leaf")):
        cards = [json.loads(path.read_text()) for path in sorted(where.glob("*.card.json"))]
        recipes = [Denoise.from_json(card["recipe"]) for card in cards]
        own = RECIPES[name]
        assert recipes == [replace(own, seed=k, start=f"{trunk}-{k}") for k in range(3)]


@pytest.mark.parametrize(
    ("knobs", "said"),
    [
        ({"trained": "head"}, "trained must be one of all, detail; got 'head'"),
        ({"trained": "detail", "start": "leaf-0"}, "there is detail, and a denoiser to start with"),
        ({"trained": "detail", "detail": True}, "there is detail, and a denoiser to start with"),
        ({"detail": True, "side": 50, "fold": 5}, "a side that 8 divides, .* got side 50"),
        ({"detail": True, "output": "target"}, "puts out the picture; got side 48, output target"),
        ({"crop": 16}, "crop is 0 or a multiple of 8 up to the side, 48, where detail alone is"),
    ],
)
def test_detail_is_trained_upon_something(knobs, said):
    with pytest.raises(PlantEduError, match=said):
        Denoise(**knobs)
    upon = {"trained": "detail", "detail": True, "start": "leaf-0"}
    assert Denoise(**upon, crop=16).crop == 16
    for crop in (20, 56):
        with pytest.raises(PlantEduError, match=f"got {crop}"):
            Denoise(**upon, crop=crop)


def test_the_cascade_stands_on_its_own_stages():
    sides = {recipe.side for recipe in RECIPES.values()}
    assert {128, 256} <= sides
    assert all(recipe.low_side in sides | {0} for recipe in RECIPES.values())


def test_a_condition_is_an_encoder_and_layers():
    assert encoder_and_layers("random-cross-0/hz") == ("random-cross-0", "hz")


@pytest.mark.parametrize(
    ("knobs", "said"),
    [
        ({"prediction": "epsilon"}, "prediction must be one of"),
        ({"conditions": ("cross-0",)}, "encoder/layer"),
        ({"conditions": ("cross-0/p",)}, "encoder/layer"),
        ({"first": 4100}, "overlap"),
        ({"batch": 64, "pairs": 32}, "larger than pairs"),
        ({"low_side": 32}, "divide it"),
        ({"start": "run:none"}, "run:ID@WHEN"),
        ({"steps": 1.5}, "whole number"),
        ({"decay": float("nan")}, "decay must be a number"),
    ],
)
def test_what_cannot_be_is_refused(knobs, said):
    with pytest.raises(PlantEduError, match=said):
        replace(Denoise(), **knobs)


def test_an_unknown_knob_is_named():
    with pytest.raises(PlantEduError, match="width"):
        Denoise.from_json({"width": 3})
