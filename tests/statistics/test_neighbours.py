"""Neighbours are those of a plain loop, and groups that are there are found."""

import numpy as np
import pytest

from plantedu.statistics.neighbours import agreement, kept, nearest


def slow_nearest(points, k):
    found = []
    for i, here in enumerate(points):
        far = [(float(((here - there) ** 2).sum()), j) for j, there in enumerate(points) if j != i]
        found.append([j for _, j in sorted(far)[:k]])
    return np.array(found)


def test_neighbours_are_those_of_a_plain_loop():
    points = np.random.default_rng(1).integers(0, 5, (40, 2)).astype(float)  # with ties
    assert (nearest(points, 7) == slow_nearest(points, 7)).all()
    assert nearest(points, 39).shape == (40, 39)


def test_agreement_of_known_groups():
    labels = np.arange(90) % 3
    features = np.random.default_rng(0).normal(size=(90, 8)) + 20 * np.eye(8)[labels]
    assert agreement(nearest(features, 10), labels).mean() == 1
    shuffled = np.random.default_rng(0).permutation(labels)
    assert agreement(nearest(features, 10), shuffled).mean() == pytest.approx(1 / 3, abs=0.06)


def test_what_is_kept_of_neighbours():
    near, other = np.array([[1, 2], [0, 2], [0, 1]]), np.array([[2, 1], [0, 3], [4, 5]])
    assert kept(near, other).tolist() == [1, 0.5, 0]
