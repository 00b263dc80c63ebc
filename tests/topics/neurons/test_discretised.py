"""Codes: equal shares, ties kept together, and doors that refuse what means nothing."""

import numpy as np
import pytest

from plantedu.errors import PlantEduError
from plantedu.topics.neurons.discretised import DiscreteTarget, binned, checked_units, dead, named


def test_codes_of_a_number_hold_equally_many_plants():
    codes = binned(np.random.default_rng(0).normal(size=(100, 2)), 5)
    assert (np.bincount(codes[:, 0]) == 20).all()


def test_equal_values_share_a_code():
    x = np.array([0.0] * 6 + [1, 2, 3, 4])[:, None]
    codes = binned(x, 4)[:, 0]
    assert len(set(codes[:6])) == 1
    assert codes[7:].min() > codes[0]  # 1 lies below the third edge, 1.75


def test_a_factor_is_asked_about_where_it_shows():
    values = np.arange(10.0)
    one = DiscreteTarget("severity", values, shown=values >= 6)
    assert one.codes(2).tolist() == [0, 0, 1, 1]
    assert DiscreteTarget("disease", np.array([2, 0, 2]), levels=3).wide().tolist() == [
        [0, 1],
        [1, 0],
        [0, 1],
    ]


def test_a_factor_with_one_value_is_refused_by_name():
    with pytest.raises(PlantEduError, match="'mark' has one value in all of these 9 plants"):
        DiscreteTarget("mark", np.ones(9), levels=2).codes(2)


@pytest.mark.parametrize(
    ("units", "said"),
    [
        (np.full((9, 3), np.nan), "3 of 3 units have activations that are not finite"),
        (np.zeros((9, 3, 1)), "plants by units; got"),
        (np.zeros((3, 3)), "8 plants or more are needed; got 3"),
    ],
)
def test_activations_that_are_none_are_refused(units, said):
    with pytest.raises(PlantEduError, match=said):
        checked_units(units)


def test_dead_units_and_names():
    assert dead(np.array([[0.0, 1], [0, 2]])).tolist() == [True, False]
    one = DiscreteTarget("a", np.arange(3))
    assert named([one]) == ("a",)
    with pytest.raises(PlantEduError, match="named twice"):
        named([one, one])
    with pytest.raises(PlantEduError, match="no factor"):
        named([])
    with pytest.raises(PlantEduError, match="2 bins"):
        binned(np.zeros((3, 1)), 1)
