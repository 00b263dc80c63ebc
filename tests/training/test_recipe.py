"""A recipe survives its journey through JSON, and a bad knob is named in a sentence."""

import json

import pytest

from plantedu.errors import PlantEduError
from plantedu.training.recipe import BOUNDS, Recipe


def test_json_round_trip_gives_an_equal_recipe():
    recipe = Recipe(prototypes=32, probe_factors=("disease",), queue_length=256)
    assert Recipe.from_json(json.loads(json.dumps(recipe.as_json()))) == recipe


@pytest.mark.parametrize("name", sorted(BOUNDS))
def test_each_knob_refuses_what_is_out_of_range(name):
    with pytest.raises(PlantEduError, match=name):
        Recipe(**{name: BOUNDS[name][1] * 2 + 1})


@pytest.mark.parametrize(
    ("knobs", "sentence"),
    [
        ({"epsilon": float("nan")}, "epsilon must be a number"),
        ({"prototypes": 64.5}, "whole number"),
        ({"prototypes": True}, "must be a number"),
        ({"pairing": "sideways"}, "one of cross"),
        ({"epsilon": 0.1, "temperature": 0.1}, "below temperature"),
        ({"batch": 64, "pairs": 32}, "larger than pairs"),
        ({"learning_rate": "fast"}, "must be a number"),
    ],
)
def test_bad_knobs_are_said_in_a_sentence(knobs, sentence):
    with pytest.raises(PlantEduError, match=sentence):
        Recipe(**knobs)


def test_unknown_knob_lists_the_known_ones():
    with pytest.raises(PlantEduError, match=r"no knob.*speed.*prototypes"):
        Recipe.from_json({"speed": 3})


def test_queue_start_is_a_step():
    assert Recipe(steps=1000, queue_start=0.25).queue_start_step == 250
