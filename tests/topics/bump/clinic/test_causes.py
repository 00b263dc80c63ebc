"""Causes: twelve, each with a reasoning and a test that is there."""

import pytest

from plantedu.errors import PlantEduError
from plantedu.topics.bump.clinic.causes import CAUSES, KEYS, cause
from plantedu.topics.bump.clinic.orders import NAMES


def test_there_are_twelve_and_nothing_is_one_of_them():
    assert len(set(KEYS)) == len(CAUSES) == 12
    assert "nothing" in KEYS
    assert len({one.label for one in CAUSES}) == 12


@pytest.mark.parametrize("one", CAUSES, ids=lambda one: one.key)
def test_each_is_settled_by_a_test_that_is_there_and_says_what_it_is_taken_for(one):
    assert one.settles in NAMES
    assert "aken for" in one.reasoning
    assert cause(one.key) is one


def test_an_unknown_cause_is_refused():
    with pytest.raises(PlantEduError, match="No cause is called 'weather'"):
        cause("weather")
