"""The guessing game scores sides."""

import json

import pytest

from plantedu.errors import PlantEduError
from plantedu.topics.attribution.results.guessing import Game, Round

GAME = Game("lesions-0", tuple(Round("gxi", f"p{k}", {}, side) for k, side in enumerate("abba")))


def test_right_and_wrong():
    assert GAME.right(["a", "b", "a", "b"]) == (True, True, False, False)
    assert Game.from_json(json.loads(json.dumps(GAME.as_json()))) == GAME


@pytest.mark.parametrize("given", [["a", "b"], ["a", "b", "c", "a"], []])
def test_other_answers_are_a_sentence(given):
    with pytest.raises(PlantEduError, match="Say a or b for each of 4 rounds"):
        GAME.right(given)
