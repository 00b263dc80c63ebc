"""The slow twins of lesson 11's checks are right, and ways to draw lie apart."""

from itertools import combinations

import numpy as np
import pytest

from plantedu.exercises import checks_11 as checks
from plantedu.statistics.brier import parts, tails


def test_the_slow_parts_are_the_package_s_and_add_up():
    c, o, bins = checks.forecasts()
    rel, res, unc = checks.parts_slowly(c, o, bins)
    assert (rel, res, unc) == pytest.approx(parts(c, o, bins))
    assert rel - res + unc == pytest.approx(((c - o) ** 2).mean())


def test_the_slow_tails_are_the_package_s():
    said = np.linspace(0.1, 0.9, 6)
    assert checks.tails_slowly(said, 4) == pytest.approx(tails(said, 4))


def test_ways_to_draw_end_at_other_places():
    ways = checks.resampled(*checks.uneven())
    ends = {name: np.quantile(drawn, [0.15, 0.85]) for name, drawn in ways.items()}
    ends["one-sided"] = np.quantile(ways["right"], [0.3, 0.7])
    room = 0.06 * float(np.ptp(ends["right"]))
    apart = {(a, b): np.abs(ends[a] - ends[b]).max() / room for a, b in combinations(ends, 2)}
    assert min(apart.values()) > 0.7, min(apart, key=lambda pair: apart[pair])
    assert min(far for pair, far in apart.items() if "right" in pair) > 1.8
