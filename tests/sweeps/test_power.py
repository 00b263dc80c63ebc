"""What a sweep can tell apart: against simulation, against slow loops, and with too few seeds."""

import math

import numpy as np
import pandas as pd
import pytest
import scipy

from plantedu.errors import PlantEduError
from plantedu.store.curves import Curves
from plantedu.sweeps.power import best_of, luck_of_the_best, pace, smallest_difference, spread_of


def curves_with(ends, seconds=10.0):
    """One run an end value: ends by setting."""
    runs, rows = [], []
    for size, values in ends.items():
        for seed, value in enumerate(values):
            name = f"{size}-{seed}"
            row = {"run": name, "steps": 100, "seconds": seconds * size / 32}
            runs.append(row | {"image_size": size, "seed": seed})
            rows += [(name, "loss", 1, 9.0), (name, "loss", 100, value)]
    columns = ["run", "metric", "step", "value"]
    return Curves(
        "", ("image_size", "seed"), pd.DataFrame(runs), pd.DataFrame(rows, columns=columns)
    )


def test_the_spread_is_that_between_seeds_and_not_between_settings():
    ends = {32: [1.0, 2.0, 3.0], 64: [11.0, 12.0, 13.0], 128: [50.0]}
    found = spread_of(curves_with(ends), "loss")
    slow = math.sqrt((np.var(ends[32], ddof=1) + np.var(ends[64], ddof=1)) / 2)
    assert found.value == pytest.approx(slow)
    assert (found.runs, found.settings, found.freedom) == (6, 2, 4)


def test_one_seed_each_tells_no_spread():
    with pytest.raises(PlantEduError, match="No setting was run with two seeds"):
        spread_of(curves_with({32: [1.0], 64: [2.0]}), "loss")


@pytest.mark.parametrize("seeds", [2, 3, 5])
def test_settings_that_are_alike_differ_by_more_in_five_of_a_hundred(seeds):
    """The interval with each sample's own spread is the t-test's; its mean width is ours."""
    generator = np.random.default_rng(0)
    one, two = generator.normal(0, 0.7, (2, 4000, seeds))
    pooled = np.sqrt((one.var(1, ddof=1) + two.var(1, ddof=1)) / 2)
    half = np.array([smallest_difference(float(s), seeds) for s in pooled])
    missed = np.abs(one.mean(1) - two.mean(1)) > half
    assert missed.mean() == pytest.approx(0.05, abs=0.012)
    assert scipy.stats.ttest_ind(one[0], two[0]).pvalue < 0.05 or not missed[0]


def test_one_seed_tells_nothing_apart():
    assert smallest_difference(0.1, 1) == math.inf
    assert smallest_difference(0.1, 3) < smallest_difference(0.1, 2)


@pytest.mark.parametrize(("draws", "known"), [(1, 0.0), (2, 1 / math.sqrt(math.pi)), (20, 1.8675)])
def test_the_best_of_draws_is_known(draws, known):
    assert best_of(draws) == pytest.approx(known, abs=2e-4)


def test_luck_shrinks_with_seeds():
    assert luck_of_the_best(20, 0.1, 4) == pytest.approx(0.5 * luck_of_the_best(20, 0.1, 1))
    assert luck_of_the_best(1, 0.1, 1) == pytest.approx(0, abs=1e-6)


def test_pace_is_of_runs_that_cost_the_same():
    curves = curves_with({32: [1.0, 1.0], 64: [1.0]})
    assert pace(curves, {"image_size": 32, "seed": 7}) == pytest.approx(0.1)
    assert pace(curves, {"image_size": 64}) == pytest.approx(0.2)
    assert pace(curves, {"image_size": 48}) is None
    assert pace(curves, {"encoder": "any"}) == pytest.approx(0.1)
