"""Neighbours: a slow twin, chance, and a neighbourhood that is everybody."""

import pytest

from plantedu.errors import PlantEduError
from plantedu.topics.similarity.neighbourhood import KnnJaccard, chance


def slow_knn(x, y, k):
    def near(rows):
        rows = rows - rows.mean(0)
        unit = rows / rows.norm(dim=1, keepdim=True)
        found = []
        for i, a in enumerate(unit):
            order = sorted(
                (j for j in range(len(unit)) if j != i), key=lambda j: -float(a @ unit[j])
            )
            found.append(set(order[:k]))
        return found

    pairs = zip(near(x), near(y), strict=True)
    return sum(len(a & b) / len(a | b) for a, b in pairs) / len(x)


def test_equals_its_slow_twin(noise):
    x = noise(0, 25, 4)
    y = x + 0.7 * noise(1, 25, 4)
    assert KnnJaccard(k=5)(x, y).value == pytest.approx(slow_knn(x, y, 5), abs=1e-12)


def test_noise_scores_chance(noise):
    found = [KnnJaccard()(noise(2 * k, 200, 8), noise(2 * k + 1, 200, 8)).value for k in range(5)]
    assert sum(found) / 5 == pytest.approx(chance(200, 10), rel=0.15)
    assert "at random about 0.026" in KnnJaccard()(noise(0, 200, 8), noise(1, 200, 8)).note


def test_a_neighbourhood_that_is_everybody_is_said(noise):
    with pytest.raises(PlantEduError, match="10 neighbours of 11 plants are all"):
        KnnJaccard()(noise(0, 11, 3), noise(1, 11, 3))
    with pytest.raises(PlantEduError, match="got k = 0"):
        KnnJaccard(k=0)


def test_ties_are_no_likeness(noise):
    """Two independent columns of two values: every tie went to the plants that stand first."""
    x, y = ((noise(k, 200, 1) > 0).double() for k in (0, 1))
    found, order = KnnJaccard()(x, y).value, noise(2, 200).argsort()
    assert found == pytest.approx(KnnJaccard()(x[order], y[order]).value, abs=1e-12)
    assert found == pytest.approx(chance(200, 10), rel=0.15)
