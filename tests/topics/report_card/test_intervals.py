"""Plants are the units: six pictures of one plant are not six plants."""

import numpy as np

from plantedu.topics.report_card import intervals


def coverage(run) -> float:
    return float(np.mean([mark.covers for seed in range(12) for mark in run(seed)]))


def test_pictures_taken_for_plants_make_intervals_too_narrow():
    plants, pictures = coverage(intervals.over_plants), coverage(intervals.over_pictures)
    assert plants > 0.88
    assert pictures < plants - 0.15


def test_the_best_of_twenty_looks_better_than_it_is():
    best = [m for seed in range(12) for m in intervals.best_of_twenty(seed)]
    again = [m for seed in range(12) for m in intervals.best_rescored(seed)]
    assert np.mean([m.value - m.truth for m in best]) > 0.2
    assert abs(np.mean([m.value - m.truth for m in again])) < 0.1


def test_students_interval_of_few_seeds_is_the_wider_one():
    wide, narrow = intervals.t_of_seeds(1), intervals.bootstrap_of_seeds(1)
    widths = [np.mean([m.interval[1] - m.interval[0] for m in found]) for found in (wide, narrow)]
    assert widths[0] > 1.5 * widths[1]


def test_the_percentile_bootstrap_is_short_where_plants_are_few_or_right():
    """Each pair sees the same numbers."""
    assert coverage(intervals.bootstrap_of_plants) < coverage(intervals.over_plants)
    assert coverage(intervals.long_tail) > coverage(intervals.bootstrap_of_tail)
    assert coverage(intervals.counted) > 0.88
    assert coverage(intervals.bootstrap_of_share) < 0.85
    ends = [m.interval for seed in range(4) for m in intervals.counted(seed)]
    assert all(high > low for low, high in ends)
