from itertools import pairwise

import numpy as np
import pytest

from plantedu.store.series import Series, buckets


def series(values) -> Series:
    values = np.asarray(values, dtype=np.float64)
    steps = np.arange(len(values), dtype=np.int64)
    return Series(steps, values, values - 1, values + 1, steps / 10.0)


def slow_buckets(values: np.ndarray, count: int) -> set[int]:
    """The plain-loop twin: index of the first least and first greatest value of each bucket."""
    edges = np.linspace(0, len(values), count + 1).astype(int)
    kept = set()
    for low, high in pairwise(edges):
        part = list(values[low:high])
        kept |= {low + part.index(min(part)), low + part.index(max(part))}
    return kept


@pytest.mark.parametrize("most", [10, 77, 2000])
def test_thinning_equals_the_loop(most):
    values = np.random.default_rng(0).normal(size=4999).round(1)  # with ties
    thin = buckets(series(values), most)
    assert set(thin.steps.tolist()) == slow_buckets(values, most // 2)
    assert len(thin) <= most


def test_a_bump_of_one_step_survives_and_keeps_its_neighbours_in_order():
    values = np.zeros(1_000_000)
    values[654_321] = 5.0
    thin = buckets(series(values), 2000)
    assert len(thin) <= 2000
    assert thin.values[thin.steps == 654_321].tolist() == [5.0]
    assert (np.diff(thin.steps) > 0).all()
    assert (thin.highs - thin.values == 1).all()


def test_a_short_series_is_left_as_it_is():
    whole = series([3.0, 1.0, 2.0])
    assert buckets(whole, 3) is whole


def test_no_number_is_news_too():
    values = np.linspace(0, 1, 10_000)
    values[7_000:7_002] = np.nan
    values[9_999] = np.inf
    thin = buckets(series(values), 99)
    assert len(thin) <= 99
    assert np.isnan(thin.values).sum() >= 1
    assert 7_000 in thin.steps
    assert thin.values[-1] == np.inf
    assert len(buckets(series(np.full(5000, np.nan)), 30)) <= 30


def test_later_points_follow():
    whole = series([3.0, 1.0, 2.0])
    both = whole.at(np.array([0, 1])).then(whole.at(np.array([2])))
    assert both.values.tolist() == whole.values.tolist()
    assert both.seconds.tolist() == whole.seconds.tolist()
