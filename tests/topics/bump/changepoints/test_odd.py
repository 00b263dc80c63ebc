"""A few odd rows are taken out; steps, restarts and steep starts stay."""

import numpy as np
import pytest

from plantedu.topics.bump.changepoints.curve import tidy
from plantedu.topics.bump.changepoints.finding import find_bumps
from plantedu.topics.bump.changepoints.odd import odd_ends, without_odd

ROWS = np.arange(400)


def curve(seed=0, step=-0.5):
    noise = 0.03 * np.random.default_rng(seed).standard_normal(len(ROWS))
    return 2 + 2 * (1 + 0.05 * ROWS) ** -0.7 + noise + step * (ROWS >= 200)


def changed(rows, values):
    found = curve()
    found[rows] = values
    return found


ODD = {
    "first row of 50": changed([0], 50),
    "first row of 2,000": changed([0], 2000),
    "two rows of 3.5": changed([300, 301], 3.5),
    "last row of 5": changed([-1], 5),
    "five diverging rows at the end": changed(range(-5, 0), [3, 5, 12, 80, 900]),
    "a spike above 5,000": changed([77], 6000),
    "three spikes": changed([50, 160, 350], 1e9),
    "a last row of 1": changed([-1], 1),
}


@pytest.mark.parametrize("name", ODD)
def test_a_step_is_found_as_without_odd_rows(name):
    (plain,) = find_bumps(tidy(ROWS, curve()), draws=39).bumps
    search = find_bumps(tidy(ROWS, ODD[name]), draws=39)
    (bump,) = search.bumps
    assert (bump.step, bump.p) == (plain.step, plain.p) == (200, 0.025)
    assert bump.size == pytest.approx(plain.size, abs=0.01)
    assert any("left out" in note or "odd rows" in note for note in search.notes)


def test_what_is_no_odd_row_stays():
    restart = curve() + np.where(ROWS >= 120, np.exp(-np.maximum(ROWS - 120, 0) / 10), 0)
    for values in (curve(), restart, curve() - 3.0 * (ROWS >= 390), 2 + 5 / (1.0 + ROWS)):
        assert without_odd(values)[1] == 0
        assert odd_ends(values) == (0, 0)


def test_rows_inside_are_put_on_a_line_between_their_neighbours():
    values = changed([300, 301], 3.5)
    cleaned, count = without_odd(values)
    assert count == 2
    np.testing.assert_allclose(cleaned[299:303], np.linspace(values[299], values[302], 4))


def test_a_curve_over_decades_is_searched_by_its_logarithm_too():
    noise = 1 + 0.03 * np.random.default_rng(0).standard_normal(400)
    values = 1e3 * np.exp(-ROWS / 35) * noise
    stepped = values * np.where(ROWS >= 250, 0.6, 1)
    search = find_bumps(tidy(ROWS, stepped), draws=79)
    bump = min(search.bumps, key=lambda one: abs(one.step - 250))
    assert abs(bump.step - 250) <= 1
    assert -0.5 < bump.size / values[249] < -0.3
    assert any("span more than 2 decades" in note for note in search.notes)
