"""Planted maps hold what they promise, and looks have the stated reliability."""

import numpy as np
import pytest

from plantedu.errors import PlantEduError
from plantedu.topics.spectrum.planted import (
    KINDS,
    VERDICTS,
    covariances,
    looks,
    looks_like,
    planted,
)
from plantedu.topics.spectrum.score import read, verdict


@pytest.mark.parametrize("kind", KINDS)
def test_a_planted_map_is_what_it_says(kind):
    head = planted(kind, 8, generator=np.random.default_rng(0))
    found = read(head.matrix)
    fields = (found.score, found.gain, found.turn)
    assert fields == pytest.approx((head.score, head.gain, head.turn), abs=1e-6)
    assert verdict(found) == VERDICTS[kind]


def test_sizes_are_kept():
    draw = np.random.default_rng(0)
    assert read(planted("attenuate", 6, generator=draw, size=0.2).matrix).gain == pytest.approx(0.2)
    assert read(planted("rotate", 6, generator=draw, size=25).matrix).turn == pytest.approx(25)


def test_looks_share_what_their_reliability_says():
    one, other, _ = looks(20_000, 6, generator=np.random.default_rng(0), reliability=0.6)
    assert (one * other).mean() / (one**2).mean() == pytest.approx(0.6, abs=0.02)


def test_looks_like_a_layer_have_its_covariances():
    draw = np.random.default_rng(0)
    a, b = draw.normal(size=(2, 5, 5))
    signal, noise = a @ a.T, b @ b.T / 4
    one, other = looks_like(60_000, signal, noise, generator=draw, count=2)
    shared, own = covariances(one, other)
    assert np.abs(shared - signal).max() < 0.03 * np.abs(signal).max()
    assert np.abs(own - noise).max() < 0.03 * np.abs(noise).max()


def test_what_is_negative_in_a_measured_covariance_counts_as_nothing():
    signal = np.diag([1.0, -0.5])
    one, _ = looks_like(50, signal, np.zeros((2, 2)), generator=np.random.default_rng(0), count=2)
    assert np.abs(one[:, 1]).max() == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({"kind": "swap", "dim": 4}, "one of copy"),
        ({"kind": "copy", "dim": 5}, "even width"),
        ({"kind": "attenuate", "dim": 4, "size": 1.5}, "between 0 and 1"),
        ({"kind": "rotate", "dim": 4, "size": 180.0}, "between 0 and 180"),
    ],
)
def test_bad_orders_are_refused(words, said):
    with pytest.raises(PlantEduError, match=said):
        planted(**words, generator=np.random.default_rng(0))


def test_bad_reliability_is_refused():
    with pytest.raises(PlantEduError, match="reliability"):
        looks(10, 4, generator=np.random.default_rng(0), reliability=0)
