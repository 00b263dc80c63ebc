"""Maps of networks whose cue is known: hits on it, and what each trap says whatever is used."""

import numpy as np
import pytest

from plantedu.topics.report_card import maps
from plantedu.topics.report_card.trial import Mark

pytestmark = pytest.mark.slow  # it trains, or measures a whole method

SEED = 3


def of_trained(marks: list[Mark]) -> list[Mark]:
    """Marks of the two trained networks; the last two are of random weights."""
    return marks[:4]


@pytest.mark.parametrize("method", [maps.ig_beats, maps.slopes_beat, maps.occlusion_beats])
def test_a_used_mark_is_found_and_an_unused_cue_of_a_trained_network_is_not(method):
    marks = method(SEED)
    assert [m.there for m in marks] == [True, False, False, True, False, False]
    assert marks[3].said
    assert not any(m.said for m in of_trained(marks) if not m.there)


def test_five_baselines_are_harder_to_beat_than_one():
    strict, lax = maps.ig_beats(SEED), maps.above_uniform(SEED)
    assert all(a.value <= b.value for a, b in zip(strict, lax, strict=True))
    assert sum(m.said for m in lax) > sum(m.said for m in strict)


def test_a_sum_that_is_right_says_the_same_of_every_network():
    marks = maps.complete(SEED)
    assert all(m.said for m in marks)
    assert {m.there for m in marks} == {True, False}


def test_deletion_by_rendering_knows_the_cue_that_is_used():
    marks = maps.deletion(SEED)
    assert all(m.right for m in marks)
    assert marks == maps.deletion(SEED)
    assert [m.there for m in marks] == [m.there for m in maps.holes(SEED)]


def test_the_difference_from_the_blur_says_the_same_of_every_network():
    marks = maps.difference(SEED)
    values = np.array([m.value for m in marks]).reshape(-1, 2)
    np.testing.assert_allclose(values, np.broadcast_to(values[0], values.shape))
