"""Buckets of rows, and the way back to the row."""

import numpy as np
import pytest

from plantedu.topics.bump.changepoints.coarse import Buckets, finer, placed
from plantedu.topics.bump.changepoints.curve import tidy


def stepped(rows, at, *, size=1.0, noise=0.25, seed=0):
    values = np.random.default_rng(seed).standard_normal(rows) * noise
    return tidy(2.0 * np.arange(rows), values + size * (np.arange(rows) >= at))


def test_short_curves_are_their_own_buckets():
    curve = stepped(100, 50)
    buckets = Buckets.of(curve)
    assert buckets.size == 1
    np.testing.assert_array_equal(buckets.values, curve.values)
    assert finer(buckets, 50, 49, 52) == (100.0, (96.0, 104.0))


def test_buckets_are_means_and_leave_out_a_rest():
    buckets = Buckets.of(stepped(1003, 500), most=100)
    assert (buckets.size, len(buckets.values)) == (11, 91)
    assert buckets.values[3] == pytest.approx(buckets.curve.values[33:44].mean())
    assert buckets.steps[3] == 66


@pytest.mark.parametrize("at", [5000, 5017, 5049])
def test_a_step_inside_a_bucket_is_placed_among_the_rows(at):
    buckets = Buckets.of(stepped(10_000, at, seed=at), most=200)
    bucket = at // buckets.size
    step, (low, high) = finer(buckets, bucket, bucket, bucket)
    assert abs(step - 2 * at) <= 6
    assert low < 2 * at <= high
    assert high - low < 2 * buckets.size


def test_placing_equals_trying_every_row():
    values = stepped(60, 33, seed=4).values
    cubic = np.vander(np.linspace(-1, 1, 60), 4)
    left = [
        np.linalg.lstsq(np.column_stack([cubic, np.arange(60) >= k]), values, rcond=None)[1][0]
        for k in range(8, 52)
    ]
    best, (low, high) = placed(values, margin=8)
    assert best == 8 + int(np.argmin(left))
    assert low <= best <= high
