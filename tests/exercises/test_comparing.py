"""Form before value; the mistake that an answer looks like; sentences hold both numbers."""

import numpy as np
import pytest
import torch

from plantedu.exercises.comparing import Either, expect, same, shown
from plantedu.exercises.exercise import Failed

KNOWN = np.array([[1.0, 2.0]])


def failed(got, known=KNOWN, **more) -> Failed:
    with pytest.raises(Failed) as raised:
        same(got, known, of="a world", **more)
    return raised.value


@pytest.mark.parametrize(
    ("got", "known"),
    [
        (KNOWN + 1e-7, KNOWN),
        (torch.ones(2, requires_grad=True), torch.ones(2)),
        (np.float32(0.5), 0.5),
        (torch.tensor(3), 3),
        (1, 1.0),
        (np.bool_(True), True),
        ([1.0, KNOWN], (1.0, KNOWN)),
        ({"a": 1.0}, {"a": 1.0}),
        (None, None),
        (np.array([np.nan, 1]), np.array([np.nan, 1])),
    ],
)
def test_the_same(got, known):
    same(got, known, of="a world")


@pytest.mark.parametrize(
    ("got", "known", "said"),
    [
        (None, KNOWN, "None (is there a return?)"),
        (torch.ones(1, 2), KNOWN, "a tensor"),
        (KNOWN.T, KNOWN, "(2, 1)"),
        (KNOWN.astype(int), KNOWN, "integer"),
        (KNOWN.astype(np.float16), KNOWN, "float16"),
        (torch.ones(2, dtype=torch.bfloat16), torch.ones(2), "bfloat16"),
        (KNOWN * np.nan, KNOWN, "2 numbers that are NaN"),
        (np.array([1.0]), 1.0, "a number"),
        ("1", 1.0, "a number"),
        (1, True, "True or False"),
        (float("nan"), 1.0, "NaN"),
        ((1.0,), (1.0, 2.0), "a tuple of 1"),
        ((1.0, KNOWN), (1.0, 2.0), "part 2"),
        ({"b": 1.0}, {"a": 1.0}, "keys"),
        (2.0, None, "None"),
    ],
)
def test_another_form_is_told_as_such(got, known, said):
    error = failed(got, known)
    assert error.kind == "form"
    assert said in error.sentence


def test_the_mistake_of_an_answer_is_named():
    error = failed(KNOWN * 2, mistakes={"halved": KNOWN / 2, "doubled": KNOWN * 2, "x": "text"})
    assert (error.mistake, error.kind) == ("doubled", "wrong")
    assert error.sentence == "For a world the answer is [1, 2] (1, 2); got [2, 4] (1, 2)."
    assert failed(KNOWN * 3, mistakes={"doubled": KNOWN * 2}).mistake == ""
    both = {"doubled": KNOWN * 2, "added to itself": KNOWN + KNOWN}
    assert failed(KNOWN * 2, mistakes=both).mistake == ""  # this world cannot tell them apart


def test_the_mistake_of_an_answer_of_another_form_is_named():
    error = failed(KNOWN.T, mistakes={"turned": KNOWN.T})
    assert (error.mistake, error.kind) == ("turned", "wrong")
    assert "(2, 1)" in error.sentence


def test_integers_are_compared_exactly():
    assert failed(np.array([1000001]), np.array([1000000])).kind == "wrong"


def test_long_arrays_are_cut():
    assert shown(np.arange(20)) == "[0, 1, 2, 3, 4, 5, 6, 7, ...]"


def test_expect():
    expect(True, "never said")
    with pytest.raises(Failed, match="said") as raised:
        expect(False, "said", mistake="m")
    assert raised.value.mistake == "m"


def test_what_mistakes_answer_is_computed_for_wrong_answers_alone():
    def slow():
        asked.append(1)
        return {"doubled": KNOWN * 2}

    asked = []
    same(KNOWN, KNOWN, of="a world", mistakes=slow)
    assert asked == []
    assert failed(KNOWN * 2, mistakes=slow).mistake == "doubled"


def test_one_mistake_made_in_two_ways():
    either = {"scaled": Either((KNOWN * 2, KNOWN * 3)), "halved": KNOWN / 2}
    assert failed(KNOWN * 3, mistakes=either).mistake == "scaled"
    assert failed(KNOWN * 4, mistakes=either).mistake == ""
