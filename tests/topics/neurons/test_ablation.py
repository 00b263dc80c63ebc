"""Ablation: all units at once is one after the other; selective, used, needed: three things."""

import numpy as np
import pytest

from plantedu.errors import PlantEduError
from plantedu.topics.neurons.ablation import agreement, moved, reader_of, refitted
from plantedu.topics.neurons.discretised import DiscreteTarget

N = 300


@pytest.fixture(scope="module")
def planted():
    """Units 0 and 1 carry the class, 1 faintly; 2 is a copy of 0; 3 is noise; 4 is dead."""
    rng = np.random.default_rng(0)
    klass = rng.integers(0, 2, N)
    noise = rng.random((N, 3))
    zero = klass + 0.3 * noise[:, 0]
    units = np.stack([zero, 0.1 * klass + noise[:, 1], zero, noise[:, 2], np.zeros(N)], axis=1)
    return units, DiscreteTarget("class", klass, levels=2), np.arange(N) % 2 == 0


def test_effects_equal_holding_each_unit_at_its_mean(planted):
    units, one, fitted = planted
    reader = reader_of(units, one, fitted=fitted)
    whole, found = reader.r2(units), reader.effects(units)
    for j in range(5):
        held = units.copy()
        held[:, j] = reader.mean[j]
        assert found[j] == pytest.approx(whole - reader.r2(held), abs=1e-9)
    assert found[4] == pytest.approx(0)
    assert found[0] > 10 * abs(found[3])
    assert whole > 0.8


def test_a_redundant_unit_is_leaned_on_and_not_needed(planted):
    units, one, fitted = planted
    stays, anew = refitted(units, one, np.array([0, 2, 1, 3, 4]), (0, 1, 2), fitted=fitted)
    assert stays[0] == anew[0]
    assert stays[1] < stays[0] - 0.1  # the reader leaned on it
    assert anew[1] > anew[0] - 0.01  # its copy says the same
    assert anew[2] < 0.3  # with both gone, it is lost


def test_the_readers_weights_are_the_normal_equations(planted):
    units, one, fitted = planted
    reader = reader_of(units, one, fitted=fitted)
    x = units[fitted][:, :4]
    x = (x - x.mean(0)) / x.std(0)
    y = one.wide()[fitted]
    twin = np.linalg.solve(x.T @ x + 0.02 * len(x) * np.eye(4), x.T @ (y - y.mean(0)))
    assert reader.weights[:4] * units[fitted][:, :4].std(0)[:, None] == pytest.approx(twin)


def test_what_the_head_does_not_read_moves_nothing(planted):
    units, *_ = planted
    found = moved(units, lambda h: h[:, [0]] * 2)
    assert found.tolist() == pytest.approx([1, 0, 0, 0, 0])
    with pytest.raises(PlantEduError, match="same of every plant"):
        moved(units, lambda h: np.ones((len(h), 2)))


def test_rank_agreement_and_few_plants(planted):
    units, one, _ = planted
    assert agreement(np.arange(5.0), np.arange(5.0) ** 3) == pytest.approx(1)
    assert np.isnan(agreement(np.arange(5.0), np.ones(5)))
    with pytest.raises(PlantEduError, match="8 plants on both sides; got 3"):
        reader_of(units, one, fitted=np.arange(N) < 3)
