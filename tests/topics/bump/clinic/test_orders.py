"""Tests that a learner orders: prices, references, known numbers."""

import numpy as np
import pytest

from plantedu.errors import PlantEduError
from plantedu.topics.bump.clinic.cases import draw_case
from plantedu.topics.bump.clinic.orders import (
    NAMES,
    TESTS,
    largest_step,
    moved_off,
    order,
    price,
    shifts,
    top_share,
)


@pytest.mark.parametrize("name", NAMES)
def test_each_draws_what_was_measured_and_what_it_is_held_against(small_bank, name):
    for seed in range(24):
        drawing = draw_case(seed, source=small_bank).order(name)
        kinds = set(drawing.rows["kind"])
        assert "line" in kinds
        assert kinds & {"null", "band"}
        assert "In grey" in drawing.alt


def test_prices_are_for_logs_evaluations_and_plants_and_paid_once():
    assert {one.price for one in TESTS} == {1, 3, 5}
    assert price(("raw", "raw", "first")) == 4
    assert price(()) == 0
    with pytest.raises(PlantEduError, match="No test is called"):
        order("horoscope")


def test_the_largest_step_is_found_where_it_was_planted():
    noise = np.random.default_rng(0).normal(0, 0.1, 200)
    assert abs(largest_step(noise + (np.arange(200) >= 120)) - 120) <= 1
    assert largest_step(np.ones(10)) == 5


def test_shares_of_the_top_tenth():
    assert top_share(np.ones(20)) == pytest.approx(0.1)
    assert top_share(np.r_[np.zeros(18), -1, 1]) == 1
    assert top_share(np.zeros(20)) == 0


def test_shifts_are_taken_across_the_largest_step():
    shown = 5.0 - (np.arange(100) >= 50)
    looks = {"row": np.arange(0, 100, 10.0), "plants": np.zeros((10, 3))}
    looks["plants"][6:] = [0, -1, -2]
    assert shifts(shown, looks) == pytest.approx([0, -2 / 3, -4 / 3])


def test_what_was_fed_is_told_in_standard_deviations_of_its_start():
    values = np.random.default_rng(1).normal(0, 1, 90)
    values[60:] += 5
    off = moved_off(values)
    assert np.abs(off[5:25]).max() < 4
    assert off[-20:].mean() > 10
