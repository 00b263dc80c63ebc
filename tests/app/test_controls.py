"""Knobs and recipes name each other."""

import shlex

import pytest

from app import recipe_form
from app.recipe_form import CHOICES, PRESETS, SIZES, called, command, recipe_of
from plantedu.errors import PlantEduError
from plantedu.training.recipe import Recipe

PLAIN = {name: getattr(Recipe(), name) for name in (*CHOICES, "seed")} | {
    "size": "full",
    "queue": False,
}


def test_untouched_knobs_are_the_default_run():
    assert recipe_of(PLAIN) == Recipe()


@pytest.mark.parametrize("preset", PRESETS)
def test_every_preset_is_a_valid_recipe(preset):
    recipe_of(PLAIN | PRESETS[preset])


@pytest.mark.parametrize("name", CHOICES)
def test_every_choice_is_within_bounds(name):
    for value in CHOICES[name]:
        clear = {"temperature": 0.4, "epsilon": 0.01}
        recipe_of(PLAIN | clear | {name: value})


def test_quick_is_small_and_queue_is_long():
    recipe = recipe_of(PLAIN | {"size": "quick", "queue": True})
    assert recipe.pairs == SIZES["quick"]["pairs"]
    assert recipe.queue_length > recipe.batch


def test_a_clash_is_a_sentence():
    with pytest.raises(PlantEduError, match="must be below temperature"):
        recipe_of(PLAIN | {"epsilon": 0.3})


def test_names_say_what_differs():
    assert called(Recipe()) == "default, seed 0"
    assert called(Recipe(epsilon=0.05, data="shared_light", seed=3)) == (
        "shared_light, epsilon 0.05, seed 3"
    )


def test_the_command_holds_what_differs_and_nothing_else():
    assert command(Recipe().as_json()) == "python -m plantedu train"
    changed = Recipe(epsilon=0.05, probe_factors=("disease", "angle"))
    assert shlex.split(command(changed.as_json()))[4:] == [
        "--epsilon",
        "0.05",
        "--probe-factors",
        "disease",
        "angle",
    ]


@pytest.mark.parametrize(("given", "steps"), [("60", 60), ("2400", 2400), ("61", 1200), ("", 1200)])
def test_a_link_may_ask_for_any_choice_of_a_slider(monkeypatch, given, steps):
    monkeypatch.setattr(recipe_form.st, "query_params", {"steps": given, "data": "calm"})
    assert recipe_form._linked("steps", 1200) == steps
    assert recipe_form._linked("data", "field") == "field", (
        "Streamlit itself reads choices in words"
    )
