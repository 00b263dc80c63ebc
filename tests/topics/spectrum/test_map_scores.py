"""A map beside its controls."""

import numpy as np
import pytest

from plantedu.errors import PlantEduError
from plantedu.topics.spectrum.map_scores import fitted, nulls_of, r2_of, scores_of, warnings_of
from plantedu.topics.spectrum.nulls import rotated, shuffled
from plantedu.topics.spectrum.planted import looks, planted
from plantedu.topics.spectrum.score import read


def pair(seed, kind, n=200, dim=8):
    draw = np.random.default_rng(seed)
    x, other = looks(n, dim, generator=draw, reliability=0.9, count=2)
    return x, other @ planted(kind, dim, generator=np.random.default_rng(1)).matrix


def mapped(kind="copy", seed=0):
    x, y = pair(seed, kind, n=300)
    return fitted((x[:200], y[:200]), (x[200:], y[200:]))


def test_every_control_is_there_and_pairs_are_told_from_shuffles():
    own, draw = mapped(), np.random.default_rng(0)
    shuffles = shuffled(own.ridge, own.train[1], own.held_out, generator=draw, draws=39)
    turned = rotated(own.ridge, own.train[1], own.held_out, generator=draw)
    nulls = nulls_of(own, [mapped("rotate"), mapped("invert")], mapped(seed=2), shuffles, turned)
    names = ["shuffled pairs", "random rotation", "random-init encoder", "pixel means"]
    assert [one.name for one in nulls] == [*names, "circular law"]
    assert nulls[0].p_score == nulls[0].p_r2 == pytest.approx(1 / 40)
    assert nulls[1].r2 == pytest.approx(own.r2)
    assert nulls[4].high == pytest.approx(1.96 * 3 / 16)


def test_the_same_map_has_no_excess_and_its_interval_holds_zero():
    own = mapped()
    draw = np.random.default_rng(0)
    score, excess = scores_of(own, [own, own], resamples=39, generator=draw)
    assert excess.value == excess.null == 0
    assert excess.interval == pytest.approx((0, 0))
    assert score.interval[0] <= score.value <= score.interval[1]
    other = mapped("invert")
    _, excess = scores_of(own, [other, other], resamples=39, generator=draw)
    assert excess.value == pytest.approx(own.score - other.score)
    assert excess.interval[0] > 1.5


def test_r2_has_an_interval_over_held_out_plants():
    own = mapped()
    found = r2_of(own, [mapped("rotate")], generator=np.random.default_rng(0))
    assert found.n == 100
    assert found.interval[0] < found.value < found.interval[1]


def test_weak_and_far_from_normal_maps_are_said_to_be():
    draw = np.random.default_rng(0)
    x = draw.normal(size=(60, 4))
    own = fitted((x, draw.normal(size=(60, 4))), (x, draw.normal(size=(60, 4))))
    warnings = " ".join(warnings_of(own, read(np.eye(4) + 9 * np.eye(4, k=1)), width=9, kept=0.5))
    for words in ("9 wide", "50.0%", "far from normal", "next to nothing"):
        assert words in warnings


def test_few_directions_are_said_because_turns_are_misnamed_there():
    draw = np.random.default_rng(0)
    even = draw.normal(size=(200, 16))
    for x, there in ((even * 0.6 ** np.arange(16), True), (even, False)):
        own = fitted((x, x), (x, x))
        warnings = " ".join(warnings_of(own, read(np.eye(16)), width=16, kept=1.0))
        assert ("participation ratio" in warnings) == there


def test_other_plants_in_the_second_set_are_refused():
    x, y = pair(0, "copy", n=10)
    with pytest.raises(PlantEduError, match="row 1 is plant 2"):
        fitted((x, y), (x, y), ([1, 2, *range(5, 13)], [1, 3, *range(5, 13)]))
