"""Networks by name, in words."""

import pytest

from plantedu.zoo.recipes import ARMS, ENCODERS, recipe_of


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("cross-2", "SwAV cross"),
        ("random-0", "random init"),
        ("cross", None),
        ("cross-x", None),
        ("other-1", None),
    ],
)
def test_a_name_is_a_recipe_and_a_seed(name, words):
    assert recipe_of(name) == words


def test_encoders_are_the_networks_that_no_label_made():
    assert set(ARMS) - set(ENCODERS) == {"supervised_both-0"}
