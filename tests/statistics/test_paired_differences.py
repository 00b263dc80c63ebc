"""Paired differences: the exact test on few plants, coverage of the null, Holm by hand."""

import itertools

import numpy as np
import pytest

from plantedu.errors import PlantEduError
from plantedu.statistics.paired_differences import corrected, difference, holm


def test_p_equals_all_sign_flips():
    rng = np.random.default_rng(0)
    one, other = rng.normal(size=8) + 0.6, rng.normal(size=8)
    d = one - other
    flips = [np.mean(d * signs) for signs in itertools.product((1, -1), repeat=8)]
    share = np.mean([abs(f) >= abs(d.mean()) - 1e-12 for f in flips])
    found = difference("x", one, other, question="?", seed=0)
    assert found.p == pytest.approx(share, abs=1e-9)
    assert found.evidence.value == pytest.approx(d.mean())
    assert found.ends == (pytest.approx(one.mean()), pytest.approx(other.mean()))
    assert abs(found.evidence.null) < 1e-9


def test_a_planted_difference_is_found_and_none_is_called_none():
    rng = np.random.default_rng(1)
    base = 5 * rng.normal(size=40)
    moved = difference("x", base + 0.5 + 0.3 * rng.normal(size=40), base, question="?", seed=0)
    still = difference("x", base + 0.3 * rng.normal(size=40), base, question="?", seed=0)
    assert (moved.verdict, still.verdict) == ("more", "no difference")
    assert moved.evidence.interval[0] > 0.3
    less = difference("x", base, base + 0.5 + 0.3 * rng.normal(size=40), question="?", seed=0)
    assert less.verdict == "less"
    same = difference("x", base, base, question="?", seed=0)
    assert (same.p, same.verdict) == (1, "no difference")


def test_false_alarms_keep_their_rate():
    rng = np.random.default_rng(2)
    pairs = [(rng.normal(size=10), rng.normal(size=10)) for _ in range(100)]
    alarms = [difference("x", *two, question="?", seed=0).p < 0.05 for two in pairs]
    assert np.mean(alarms) <= 0.12


def test_holm_by_hand():
    assert holm([0.01, 0.04, 0.03, 0.5]) == pytest.approx([0.04, 0.09, 0.09, 0.5])
    assert holm([0.9, 0.8]) == [1, 1]
    assert holm([]) == []
    rng = np.random.default_rng(3)
    one = difference("x", rng.normal(size=9) + 1, rng.normal(size=9), question="?", seed=0)
    assert [c.corrected for c in corrected([one, one])] == [pytest.approx(2 * one.p)] * 2


def test_plants_that_show_nothing_are_left_out_and_too_few_are_refused():
    one = np.array([1.0, 2, np.nan, 3, 4, 5, 6])
    assert difference("x", one, one - 1, question="?", seed=0).evidence.n == 6
    with pytest.raises(PlantEduError, match="needs 5 plants; got 2"):
        difference("x", one[:3], one[:3], question="?", seed=0)
    with pytest.raises(PlantEduError, match="are no pairs"):
        difference("x", one, one[:3], question="?", seed=0)
