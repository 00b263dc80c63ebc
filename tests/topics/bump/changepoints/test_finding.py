"""Planted bumps are found, smooth curves have none, and the published curve has one."""

from pathlib import Path

import numpy as np
import pytest
from scipy import stats

import plantedu
from plantedu.errors import PlantEduError
from plantedu.topics.bump.changepoints.curve import tidy
from plantedu.topics.bump.changepoints.finding import find_bumps
from plantedu.topics.bump.changepoints.noise import coloured
from plantedu.topics.bump.changepoints.odd import without_odd
from plantedu.topics.bump.changepoints.reading import read_curves

PUBLISHED = Path(plantedu.__file__).parent / "topics/bump/results/published-loss-curve.csv"
ROWS = np.arange(400)


def falling(seed, *steps, phi=(), sd=0.05):
    """A power law with noise, and steps (row, size) in it."""
    noise = coloured(np.array(phi), len(ROWS), 1, np.random.default_rng(seed))[:, 0]
    values = 2 + 3 * (1 + 0.2 * ROWS) ** -0.5 + sd * noise / (noise.std() if phi else 1)
    return tidy(10 * ROWS, values + sum(size * (row <= ROWS) for row, size in steps))


@pytest.mark.parametrize("phi", [(), (0.8,)], ids=["white", "ar"])
@pytest.mark.parametrize("size", [0.25, -0.25])
def test_a_planted_bump_is_found_at_its_row(phi, size):
    (bump,) = find_bumps(falling(8, (237, size), phi=phi), draws=99).bumps
    assert abs(bump.step - 2370) <= 10
    assert bump.interval[0] <= 2370 <= bump.interval[1]
    assert bump.size_interval[0] <= size <= bump.size_interval[1]
    assert bump.p == pytest.approx(0.01)
    assert bump.statistic > bump.null


def test_two_bumps_are_found_one_after_the_other():
    bumps = find_bumps(falling(2, (130, -0.4), (290, 0.3)), draws=99).bumps
    assert [round(bump.step / 10) for bump in bumps] == [130, 290]
    assert bumps[0].size < 0 < bumps[1].size


@pytest.mark.parametrize("at", [50_000, 50_020, 50_034])  # 67 rows a bucket: edge, inside, inside
def test_a_tall_step_inside_a_bucket_of_a_long_curve_is_found(at):
    rows = np.arange(100_000)
    values = 2 * (rows + 1.0) ** -0.1 - 0.1 * (rows >= at)
    values += 0.01 * np.random.default_rng(2).standard_normal(len(rows))
    (bump,) = find_bumps(tidy(rows, values)).bumps
    assert abs(bump.step - at) <= 3
    assert bump.size == pytest.approx(-0.1, abs=0.01)


def test_false_alarms_keep_to_the_level():
    series = 40
    found = [find_bumps(falling(100 + k), draws=39, seed=k, most=1) for k in range(series)]
    alarms = sum(bool(search.bumps) for search in found)
    assert stats.binomtest(alarms, series, 0.05, alternative="greater").pvalue > 0.005


@pytest.mark.parametrize(
    "values",
    [2 + 3 * (1.0 + ROWS) ** -0.5, np.exp(-ROWS / 50), 1 / (1 + np.exp((ROWS - 200) / 58))],
    ids=["power law", "exponential", "slow sigmoid"],
)
def test_smooth_curves_without_noise_have_none(values):
    assert find_bumps(tidy(ROWS, values), draws=39).bumps == ()


def test_a_sharp_sigmoid_is_a_bump():
    curve = falling(3)
    values = curve.values - 0.5 / (1 + np.exp(-(ROWS - 200) / 0.7))
    (bump,) = find_bumps(tidy(ROWS, values), draws=39).bumps
    assert abs(bump.step - 200) <= 2


def test_a_bump_in_a_gap_has_an_interval_as_wide():
    curve = falling(4, (200, -0.7))  # of 5 sd it may be a relaxation of 90 rows as well
    kept = (ROWS < 190) | (ROWS >= 212)
    (bump,) = find_bumps(tidy(curve.steps[kept], curve.values[kept]), draws=39).bumps
    assert bump.interval[0] <= 1890
    assert bump.interval[1] >= 2120


def test_lone_spikes_are_no_bumps_and_steps_are_no_spikes():
    curve = falling(5, (250, 1.0))
    values = curve.values.copy()
    values[[60, 150]] += 4
    cleaned, count = without_odd(values)
    assert count == 2
    assert np.abs(cleaned - curve.values).max() < 0.3
    assert cleaned[249] == values[249]
    assert cleaned[250] == values[250]
    search = find_bumps(tidy(ROWS, values), draws=39)
    steps = np.array([bump.step for bump in search.bumps])
    assert 250 in steps
    assert np.abs(np.subtract.outer(steps, [60, 150])).min() > 10
    assert any("2 odd rows" in note for note in search.notes)


def test_the_published_curve_has_one_bump_in_both_splits():
    for curve in read_curves(PUBLISHED).values():
        search = find_bumps(curve)
        (bump,) = search.bumps
        assert abs(bump.step - 24_901) <= 150
        assert bump.size < -0.2
        assert search.strongest[1] > search.level


@pytest.mark.parametrize("unit", [1e-200, 1e200])
def test_units_do_not_matter(unit):
    curve = falling(6, (200, -0.5))
    (plain,), (other,) = (
        find_bumps(tidy(curve.steps, curve.values * factor), draws=39).bumps for factor in (1, unit)
    )
    assert (other.step, other.p) == (plain.step, plain.p)
    assert other.size == pytest.approx(plain.size * unit)


def test_the_same_seed_gives_the_same_answer():
    first, second = (find_bumps(falling(6, (200, -0.3)), draws=39, seed=7) for _ in range(2))
    assert first.bumps == second.bumps
    np.testing.assert_array_equal(first.draws, second.draws)


@pytest.mark.parametrize(
    ("knobs", "said"),
    [
        ({"level": 0.0}, "level is a probability"),
        ({"within": 3}, "at least 8"),
        ({"draws": 9}, "9 draws cannot show p <= 0.05"),
    ],
)
def test_bad_knobs_are_a_sentence(knobs, said):
    with pytest.raises(PlantEduError, match=said):
        find_bumps(falling(0), **knobs)


def test_the_shortest_curve_is_searched():
    values = np.r_[np.zeros(15), np.ones(15)] + 0.01 * np.random.default_rng(0).standard_normal(30)
    search = find_bumps(tidy(np.arange(30), values), draws=39)
    assert len(search.bumps) <= 1
