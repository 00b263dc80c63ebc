"""Several steps are found together; kinks, relaxations and heavy tails are none."""

from itertools import combinations

import numpy as np
import pytest
import scipy.signal

from experiments.validity.bump_series import curve_of
from plantedu.topics.bump.changepoints.curve import tidy
from plantedu.topics.bump.changepoints.finding import find_bumps
from plantedu.topics.bump.changepoints.trend import trend_basis

ROWS = np.arange(400)
TREND = 2 + 3 * (1 + 0.2 * ROWS) ** -0.5
PLACES = {1: (190,), 2: (130, 260), 3: (90, 180, 290), 4: (70, 150, 230, 310)}


def remembering(white, phi):
    return scipy.signal.lfilter([np.sqrt(1 - phi**2)], [1, -phi], white)[100:]


def found(values, seed=0):
    return [bump.step for bump in find_bumps(tidy(ROWS, values), draws=39, seed=seed).bumps]


@pytest.mark.parametrize("count", PLACES)
def test_several_steps_of_ten_deviations_are_all_found(count):
    """One at a time, three were found in .02 of such curves: the others were in the null."""
    right = 0
    for seed in range(3):
        rng = np.random.default_rng([count, seed])
        values = TREND + 0.03 * rng.standard_normal(400)
        for at in PLACES[count]:
            values += 0.3 * rng.choice([-1, 1]) * (at <= ROWS)
        steps = found(values, seed)
        right += all(min(map(abs, np.subtract(steps, at)), default=9) <= 1 for at in PLACES[count])
    assert right == 3  # the true share is above .95


def exhaustive(values, count):
    """The slow twin: rows of the steps that leave least squares beside a smooth trend, of all."""
    rows = np.arange(len(values))
    trend = trend_basis(rows.astype(float), within=48)
    steps = (rows[:, None] >= rows).astype(float)
    steps -= trend @ (trend.T @ steps)
    gram, sums = steps.T @ steps, steps.T @ values
    sets = np.array(list(combinations(range(12, len(rows) - 12), count)))
    sets = sets[(np.diff(sets, axis=1) >= 6).all(1)]
    systems = gram[sets[:, :, None], sets[:, None, :]]
    wanted = sums[sets][:, :, None]
    gains = (wanted * np.linalg.solve(systems, wanted)).sum((1, 2))
    return sets[gains.argmax()]


@pytest.mark.parametrize("places", [(60,), (40, 80), (32, 60, 88)], ids=len)
def test_steps_are_those_of_the_exhaustive_search(places):
    agree = 0
    for seed in range(3):
        rng = np.random.default_rng([len(places), seed])
        values = TREND[:120] + 0.03 * rng.standard_normal(120)
        for at in places:
            values += 0.3 * rng.choice([-1, 1]) * (ROWS[:120] >= at)
        best = exhaustive(values, len(places))
        search = find_bumps(tidy(ROWS[:120], values), draws=39, seed=seed)
        agree += set(best) <= {bump.step for bump in search.bumps}
    assert agree >= 2  # of 3


def kink(rng):
    return TREND + 0.02 * rng.standard_normal(400) + 0.02 * np.maximum(ROWS - 210.5, 0)


def relaxation(rng):
    since = np.maximum(ROWS - 180.3, 0)
    return TREND + 0.02 * rng.standard_normal(400) + 0.8 * np.expm1(-since / 24)


def student(rng):
    return TREND + 0.05 * remembering(rng.standard_t(3, 500), 0.8)


def laplace(rng):
    return TREND + 0.05 * remembering(rng.laplace(size=500), 0.6)


def cauchy(rng):
    return TREND + 0.02 * rng.standard_cauchy(400)


@pytest.mark.parametrize("kind", [kink, relaxation, student, laplace, cauchy])
def test_what_is_no_step_is_not_reported(kind):
    alarms = sum(bool(found(kind(np.random.default_rng(seed)), seed)) for seed in range(6))
    assert alarms <= 1  # at .05 a second comes in 1 of 30; of kinks all were, before


@pytest.mark.parametrize(
    ("kind", "seeds"),
    [
        ("bursts", [12, 40, 47, 57, 58]),
        ("t3", [13, 20, 33, 43]),
    ],
)
def test_noise_that_an_earlier_null_took_for_a_step(kind, seeds):
    """Its draws moved bursts away from their place, and its phi had lost what the step took."""
    alarms = 0
    for seed in seeds:
        generator = np.random.default_rng([2, 100_000 + seed])
        values, _ = curve_of(kind, "power law", generator)
        alarms += bool(find_bumps(tidy(ROWS, values), draws=99, seed=100_000 + seed).bumps)
    assert alarms <= len(seeds) / 2  # of all, before


def test_a_restart_is_found_where_it_jumps():
    for seed in range(4):
        rng = np.random.default_rng(seed)
        decay = np.exp(-np.maximum(ROWS - 220, 0) / 25) * (ROWS >= 220)
        values = TREND + 0.03 * rng.standard_normal(400) + 0.4 * decay
        assert any(abs(step - 220) <= 1 for step in found(values, seed))
