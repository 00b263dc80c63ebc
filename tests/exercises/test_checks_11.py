"""The slow twins of lesson 11's checks are right, and ways to draw lie apart."""

from itertools import pairwise

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


def test_widths_by_which_ways_are_told_lie_apart():
    widths = sorted(float(np.ptp(ends)) for ends in checks.ends_by_way().values())
    assert min(b / a for a, b in pairwise(widths)) > 1.26


def test_right_intervals_of_other_draws_have_the_same_width():
    each = checks.plants_of_one()
    rng = np.random.default_rng(1)
    found = [rng.choice(each, (checks.RESAMPLES, 20)).mean(1) for _ in range(20)]
    widths = np.ptp(np.quantile(found, [0.15, 0.85], axis=1), axis=0)
    assert float(np.abs(widths / np.ptp(checks.ends_by_way()["right"]) - 1).max()) < 0.1
