"""Where a curve drops: planted drops are found at their step, smooth curves give none."""

import numpy as np
import pandas as pd
import pytest

from plantedu.errors import PlantEduError
from plantedu.topics.bump.drops import AFTER, BEFORE, arm_run, dip_length, find_drop, scores

STEPS = 500


def noisy(seed, curve=0.0, sd=0.14):
    return 5 + curve + sd * np.random.default_rng(seed).standard_normal(STEPS)


def test_the_score_is_that_of_a_plain_loop():
    """Slow twin: a line by polyfit, its standard error for the mean of ten points ahead."""
    loss = noisy(0, curve=-np.log(np.arange(1, STEPS + 1)))
    z = scores(loss)
    assert np.isnan(z[:BEFORE]).all()
    assert np.isnan(z[STEPS - AFTER + 1 :]).all()
    for step in (BEFORE, 250, STEPS - AFTER):
        t = np.arange(BEFORE, dtype=float)
        slope, level = np.polyfit(t, loss[step - BEFORE : step], 1)
        rest = loss[step - BEFORE : step] - (level + slope * t)
        variance = (rest**2).sum() / (BEFORE - 2)
        where = np.arange(BEFORE, BEFORE + AFTER).mean()
        spread = 1 / BEFORE + (where - t.mean()) ** 2 / ((t - t.mean()) ** 2).sum() + 1 / AFTER
        wanted = (loss[step : step + AFTER].mean() - level - slope * where) / (
            variance * spread
        ) ** 0.5
        assert z[step] == pytest.approx(wanted)


@pytest.mark.parametrize("slide", [0.0, 0.03])
def test_a_planted_drop_is_found_at_its_step(slide):
    """Known answer: a fall of 4 noise sd, alone or with a slide after it, at random steps."""
    generator, near = np.random.default_rng(1), 0
    for seed in range(40):
        at = int(generator.integers(150, 450))
        t = np.arange(STEPS)
        fall = np.where(t >= at, -0.56 - slide * np.minimum(t - at, 30), 0.0)
        place, lowest = find_drop(noisy(seed, fall))
        assert lowest < -4.5
        near += abs(place - at) <= 2
    assert near >= 38


@pytest.mark.parametrize(
    "curve",
    [
        np.zeros(STEPS),
        3 * np.arange(1, STEPS + 1) ** -0.5,
        2 * np.exp(-np.arange(STEPS) / 120),
        np.linspace(0, -1, STEPS),
    ],
    ids=["flat", "power law", "decay", "line"],
)
def test_smooth_curves_give_none(curve):
    found = [find_drop(noisy(seed, curve))[0] for seed in range(100, 125)]
    assert found == [None] * 25


def test_the_end_of_a_rise_is_no_drop():
    t = np.arange(STEPS)
    rise = np.clip((t - 100) * 0.01, 0, 2)
    bent = noisy(3, rise, sd=0.02)
    assert np.nanmin(scores(bent)) < -4.5
    assert find_drop(bent)[0] is None


def test_a_dip_is_as_long_as_until_half_is_made_good():
    loss = np.full(STEPS, 5.0)
    loss[200:250] = 3.0
    assert dip_length(loss, 200) == pytest.approx(50, abs=6)
    loss[200:] = 3.0
    assert dip_length(loss, 200) is None


def test_a_curve_of_an_arm_is_read_beside_its_switch():
    steps = np.arange(801)
    loss = np.where(steps >= 401, 4.0, 5.0) + 0.1 * np.sin(steps * 1.7)
    loss[0] = np.nan
    frame = {"loss": loss, "none": np.where(steps % 2, 5.0, 5.01), "disease": np.nan}
    curve = pd.DataFrame(frame | {"disease_null": np.nan}, index=steps)
    curve.loc[800, ["disease", "disease_null"]] = 0.98, 0.33
    run = arm_run("0.5", 0, curve)
    assert (run.switch, run.dip, run.disease) == (401, None, (0.98, 0.33))
    assert abs(run.drop - 401) <= 1
    assert run.logged == pytest.approx(-1, abs=0.1)
    assert run.fixed == pytest.approx(-0.01)
    never = arm_run("never", 0, curve)
    assert (never.switch, never.fixed) == (None, None)


def test_a_short_curve_is_a_sentence():
    with pytest.raises(PlantEduError, match="needs 110 steps"):
        find_drop(np.zeros(109))
