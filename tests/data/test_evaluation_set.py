"""The evaluation set: nothing that ships was trained on it; the guard refuses plants that were."""

import json
from pathlib import Path

import numpy as np
import pytest

from plantedu.data.evaluation_set import FIRST_HELD_OUT, Known, held_out_rows, require_unseen
from plantedu.data.renderer.pairs import render
from plantedu.data.renderer.worlds import world
from plantedu.errors import PlantEduError

CHECKPOINTS = Path(__file__).parents[2] / "checkpoints"


def test_no_encoder_that_ships_was_trained_on_the_evaluation_set():
    found = 0
    for path in CHECKPOINTS.rglob("*.card.json"):
        recipe = json.loads(path.read_text(encoding="utf-8")).get("recipe") or {}
        if "pairs" in recipe and "held_first" not in recipe:
            found += 1
            assert recipe["pairs"] <= FIRST_HELD_OUT, path.name
    assert found > 20


def test_no_denoiser_that_ships_was_trained_on_the_plants_that_it_is_scored_on():
    recipes = [
        json.loads(path.read_text(encoding="utf-8"))["recipe"]
        for path in (CHECKPOINTS / "denoisers").glob("*.card.json")
    ]
    assert recipes
    for recipe in recipes:
        held_out = held_out_rows(recipe["held_out"], recipe["held_first"])
        assert held_out[0] == FIRST_HELD_OUT
        assert held_out[-1] < recipe["first"]


def test_rows_follow_each_other_from_the_first_held_out_plant():
    assert held_out_rows(3).tolist() == [FIRST_HELD_OUT + k for k in range(3)]
    assert held_out_rows(2, 10).tolist() == [10, 11]
    with pytest.raises(PlantEduError, match="At least one plant"):
        held_out_rows(0)


@pytest.mark.parametrize(
    ("known", "said"),
    [
        (Known("a", "field", 0, 9), r"a was trained on plants 0 to 8 of 'field', and.*plant 8"),
        (Known("a", "nursery", 0, 99), r"of 'nursery', which share their draws with field"),
    ],
)
def test_plants_that_were_trained_on_are_refused(known, said):
    with pytest.raises(PlantEduError, match=said):
        require_unseen(known, world("field"), np.array([20, 8, 30]))


@pytest.mark.parametrize(
    "known",
    [
        Known("behind", "field", 0, 8),
        Known("another seed", "field", 1, 99),
        Known("no world", "", 0, 99),
        Known("a folder", "folder:/somewhere", 0, 99),
    ],
)
def test_plants_that_were_not_trained_on_pass(known):
    require_unseen(known, world("field"), np.array([8, 20]))


def test_worlds_of_one_seed_share_their_plants():
    """Why the guard looks at the seed: the decoy's plant 5 is the field's, but for its mark."""
    one, other = (render(world(name), np.array([5]), size=32) for name in ("field", "decoy"))
    assert np.mean(one.x1 == other.x1) > 0.9
    apart = render(world("field", 1), np.array([5]), size=32)
    assert np.mean(one.x1 == apart.x1) < 0.5
