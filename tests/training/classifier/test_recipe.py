"""The recipe is a door: it takes what can be and says what cannot."""

import pytest

from plantedu.errors import PlantEduError
from plantedu.training.classifier.elp import REGULARISERS
from plantedu.training.classifier.recipe import BOUNDS, CHOICES, FineTune


def test_there_and_back():
    recipe = FineTune(labels=0.5, sensors="either", split="leaked", hidden=8)
    assert FineTune.from_json(recipe.as_json()) == recipe


def test_every_bound_and_choice_is_a_knob_and_every_regulariser_can_be_chosen():
    knobs = FineTune().as_json().keys()
    assert set(BOUNDS) | set(CHOICES) <= knobs
    for name in REGULARISERS:
        assert FineTune(regulariser=name, label_smoothing=0.1).regulariser == name


@pytest.mark.parametrize("name", BOUNDS)
def test_bounds_hold(name):
    low, high = BOUNDS[name]
    for wrong in (low - 1, high + 1, float("nan"), "3", True):
        with pytest.raises(PlantEduError, match=name):
            FineTune(**{name: wrong})


@pytest.mark.parametrize(
    ("knobs", "said"),
    [
        ({"mode": "frozen"}, "mode must be one of mlp_only"),
        ({"sensors": "uv"}, "sensors must be one of rgb, rgn, both, either"),
        ({"split": "leaked"}, "needs sensors 'either'; got 'both'"),
        ({"regulariser": "smoothing_matched"}, "give label_smoothing"),
        ({"regulariser": "elp_sr_target", "mixup": 0.4}, "set mixup 0"),
        ({"start": "cross-0"}, "start must be scratch, imagenet"),
        ({"batch": 3.5}, "batch must be a whole number"),
    ],
)
def test_what_does_not_fit_together_is_a_sentence(knobs, said):
    with pytest.raises(PlantEduError, match=said):
        FineTune(**knobs)


def test_a_strange_knob_is_named():
    with pytest.raises(PlantEduError, match="no knob \\['epochs'\\]"):
        FineTune.from_json({"epochs": 3})


@pytest.mark.parametrize(("mode", "frozen"), [("mlp_only", 100), ("lp_ft", 30), ("full", 0)])
def test_frozen_steps(mode, frozen):
    assert FineTune(mode=mode, steps=100, probe_share=0.3).frozen_steps == frozen
