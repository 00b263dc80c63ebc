"""A whole report: planted units come out, a turn takes the axes away, nulls stand beside."""

import numpy as np
import pytest

from plantedu.errors import PlantEduError
from plantedu.topics.neurons.discretised import DiscreteTarget
from plantedu.topics.neurons.unit_report import Way, turned, unit_report

N = 240


def planted(seed=0):
    rng = np.random.default_rng(seed)
    factors = rng.random((N, 4))
    klass = rng.integers(0, 3, N)
    asked = [DiscreteTarget("disease", klass, levels=3)]
    asked += [DiscreteTarget(name, factors[:, k]) for k, name in enumerate(("a", "b", "c"))]
    asked += [DiscreteTarget("hidden", factors[:, 3], control=True)]
    units = np.stack([klass == 1, klass == 2, *factors[:, :3].T, np.zeros(N)], axis=1).astype(float)
    return units, asked, rng.random((N, 3))


@pytest.fixture(scope="module")
def found():
    units, asked, means = planted()
    way = Way(bins=5, shuffles=100)
    rows = np.arange(4096, 4096 + N)
    return unit_report(units, asked, means, rows, way=way, head=lambda h: h[:, :2])


def test_planted_units_tell_one_factor_each_and_turned_ones_many(found):
    assert (found.dead, len(found.units), found.head) == (1, 5, True)
    index = found.numbers["index_turned"]
    assert index.value <= 1.4 < index.null
    assert found.numbers["disentanglement"].value > 0.9 > found.numbers["disentanglement"].null
    assert found.numbers["mig"].value > found.numbers["mig"].null
    assert [unit.significant[0] for unit in found.units] == [0, 0, 1, 2, 3]


def test_every_number_has_its_null(found):
    for name, one in found.numbers.items():
        assert np.isfinite([one.value, one.null]).all(), name
        assert one.n == N
    assert found.numbers["index"].null < 0.3
    assert found.numbers["monosemanticity"].value > found.numbers["monosemanticity"].null
    assert found.numbers["false"].value <= 0.4


def test_units_that_the_head_reads_move_it_and_plants_are_named(found):
    assert found.units[0].moved > 0.1
    assert found.units[2].moved == 0
    assert min(found.units[0].tops) >= 4096
    assert found.units[0].score > 1
    assert found.units[0].effect > 0.1 > abs(found.units[2].effect)


def test_the_profile_holds_what_is_beyond_luck(found):
    profile = found.profile()
    assert profile.shape == (5, 5)
    assert profile[2, 1] > 0.8
    assert (profile >= 0).all()


def test_a_turn_keeps_distances_and_forgets_axes():
    x = np.random.default_rng(0).random((20, 6))
    y = turned(x, np.random.default_rng(1))
    assert np.linalg.norm(y, axis=1) == pytest.approx(np.linalg.norm(x - x.mean(0), axis=1))
    assert np.abs(np.corrcoef(x.T, y.T)[:6, 6:]).max() < 0.99


def test_what_cannot_be_asked_is_said():
    units, asked, means = planted()
    rows = np.arange(N)
    with pytest.raises(PlantEduError, match="use is one of the factors asked about"):
        unit_report(units, asked, means, rows, way=Way(use="nose"))
    with pytest.raises(PlantEduError, match="1 of 2 units are alive"):
        unit_report(units[:, [0, 5]], asked, means, rows, way=Way())
    with pytest.raises(PlantEduError, match="not finite"):
        unit_report(units * np.nan, asked, means, rows, way=Way())
