"""The hidden shortcut: found where it is followed, not where it only stands in the pictures."""

import numpy as np
import pytest

from plantedu.own.examination.heads import Head
from plantedu.own.examination.hidden import Hidden, hidden


def world(seed=0, count=80, corner=True):
    """A bright middle names the class, and so does a corner, but for one picture in ten."""
    rng = np.random.default_rng(seed)
    labels = np.arange(count) % 2
    x = rng.integers(60, 120, (count, 3, 32, 32), dtype=np.uint8)
    x[labels == 1, :, 12:20, 12:20] += 90
    other = rng.random(count) < (0.1 if corner else 0.5)
    x[(labels == 1) ^ other, :, :4, :4] += 90
    return x, labels


def head_at(place):
    """A head that reads the brightness of one place."""
    rows, columns = place

    def names(p, of):
        light = p[:, :, rows, columns].astype(float).mean((1, 2, 3)) - 130
        return np.stack([-light, light], 1)

    return Head("a reader of one place", names)


CORNER, MIDDLE = head_at((slice(0, 4), slice(0, 4))), head_at((slice(12, 20), slice(12, 20)))


def test_a_corner_that_is_followed_is_found():
    found = hidden(CORNER, *world(), changed=60)
    assert found.found[0].cue == "cell top, left"
    best = found.found[0]
    assert best.moved.value > 0.5
    assert best.beyond is not None
    assert best.beyond.value > 0.5
    assert Hidden.from_json(found.as_json()) == found


def test_a_corner_that_only_stands_there_is_named_and_not_found():
    found = hidden(MIDDLE, *world(), changed=60)
    assert {one.cue: one.p for one in found.named}["cell top, left"] <= 0.05
    assert found.followed
    assert not found.found


@pytest.mark.parametrize("seed", range(3))
def test_a_corner_at_random_is_not_even_named(seed):
    found = hidden(CORNER, *world(seed, corner=False), changed=60, shuffles=39)
    assert not found.found
