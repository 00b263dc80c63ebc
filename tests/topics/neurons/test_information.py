"""Mutual information: against plain loops and scipy, its null, and the indices by hand."""

import math

import numpy as np
import pytest
import scipy.stats

from plantedu.errors import PlantEduError
from plantedu.topics.neurons.discretised import DiscreteTarget, binned
from plantedu.topics.neurons.information import Information, information, mutual_information


def loops(u, f):
    """sum p(a, b) ln p(a, b) / (p(a) p(b)) by counting."""
    n, total = len(u), 0.0
    for a in set(u):
        for b in set(f):
            both = sum(x == a and y == b for x, y in zip(u, f, strict=True)) / n
            if both:
                total += both * math.log(both / (sum(u == a) / n) / (sum(f == b) / n))
    return total


def test_mutual_information_equals_plain_loops_and_scipy():
    rng = np.random.default_rng(0)
    u, f = rng.integers(0, 4, 60), rng.integers(0, 3, 60)
    table = scipy.stats.contingency.crosstab(u, f).count
    g = scipy.stats.chi2_contingency(table, lambda_="log-likelihood", correction=False).statistic
    assert mutual_information(u, f) == pytest.approx(loops(u, f), abs=1e-9)
    assert mutual_information(u, f) == pytest.approx(g / (2 * 60), abs=1e-9)
    assert mutual_information(u, u) == pytest.approx(scipy.stats.entropy(np.bincount(u)), abs=1e-9)


@pytest.fixture(scope="module")
def found():
    """Unit 0 is the number, 1 the class, 2 both, 3 noise, 4 dead."""
    rng = np.random.default_rng(1)
    number, klass, noise = rng.normal(size=300), rng.integers(0, 3, 300), rng.normal(size=(300, 3))
    units = np.stack(
        [number, klass + 0.01 * noise[:, 0], number + klass, noise[:, 1], np.zeros(300)], axis=1
    )
    asked = [
        DiscreteTarget("number", number),
        DiscreteTarget("class", klass, levels=3),
        DiscreteTarget("unseen", noise[:, 2], control=True),
    ]
    return information(units, asked, generator=rng, bins=5, shuffles=199)


def test_planted_meanings_are_found(found):
    assert found.significant[:3, :2].tolist() == [[True, False], [False, True], [True, True]]
    assert found.index[:3].tolist() == [1, 1, 2]
    assert found.participation[0] == pytest.approx(1)
    assert 1.2 < found.participation[2] <= 2
    assert found.share[0, 0] > 0.9


def test_noise_and_dead_units_tell_nothing(found):
    assert found.dead.tolist() == [False] * 4 + [True]
    assert found.index[4] == found.participation[4] == 0
    assert found.value[4].max() < 1e-9


def test_values_equal_the_slow_twin(found):
    rng = np.random.default_rng(1)
    number = rng.normal(size=300)
    codes = binned(number[:, None], 5)[:, 0]
    assert found.value[0, 0] == pytest.approx(loops(codes, codes), abs=1e-6)
    assert found.entropy[0] == pytest.approx(math.log(5), abs=1e-9)


def test_luck_is_called_one_time_in_a_hundred():
    rng = np.random.default_rng(2)
    asked = [DiscreteTarget(str(k), rng.normal(size=150)) for k in range(8)]
    found = information(rng.normal(size=(150, 60)), asked, generator=rng, bins=5, shuffles=100)
    assert found.significant.mean() < 0.03
    assert found.lucky.mean() < 8 * 0.03
    assert (found.mean > 0.03).all()  # the bias of few plants, 16 / 300


def test_the_indices_leave_out_what_cannot_show():
    value = np.array([[1.0, 1.0, 1.0]])
    zero = np.zeros((1, 3))
    one = Information(
        ("a", "b", "c"), value, zero, zero, np.ones(3), np.zeros(1), np.array([False]),
        np.array([False, False, True]),
    )  # fmt: skip
    assert one.index.tolist() == [2]
    assert one.participation[0] == pytest.approx(2)


def test_too_few_shuffles_are_refused():
    with pytest.raises(PlantEduError, match="100 shuffles or more; got 20"):
        information(np.zeros((9, 1)), [DiscreteTarget("a", np.arange(9))], shuffles=20,
                    generator=np.random.default_rng(0))  # fmt: skip
