"""A mark is plain, and knows whether it is right and whether its interval holds."""

import json
from dataclasses import astuple

import numpy as np
import pytest

from plantedu.topics.report_card.trial import Mark, drawn


def test_marks_are_plain_values():
    mark = Mark(np.True_, np.False_, np.float64(1), np.float32(2), (np.float64(0), np.float64(3)))
    assert json.loads(json.dumps(astuple(mark))) == [True, False, 1.0, 2.0, [0.0, 3.0]]


@pytest.mark.parametrize(("there", "said", "right"), [(1, 1, True), (0, 1, False), (0, 0, True)])
def test_right_is_as_planted(there, said, right):
    assert Mark(bool(there), bool(said)).right is right


def test_an_interval_holds_its_truth_or_not():
    assert Mark(True, True, 1.0, 1.2, (0.9, 1.1)).covers is True
    assert Mark(True, True, 2.0, 1.2, (0.9, 1.1)).covers is False
    assert Mark(True, True, 2.0).covers is None
    assert Mark(True, True).covers is None


def test_worlds_and_subjects_have_numbers_of_their_own():
    one, again, other, world = (
        drawn(*x).random() for x in ((1, "a"), (1, "a"), (1, "b"), (2, "a"))
    )
    assert one == again
    assert len({one, other, world}) == 3
