"""Runs with a moved switch together: slopes, paired jumps and levels, each beside its null."""

import numpy as np
import pandas as pd
import pytest

from plantedu.errors import PlantEduError
from plantedu.topics.bump.results.switch import ArmRun
from plantedu.topics.bump.switch_summary import (
    aftermath,
    by_run,
    dip_per_batch,
    fixed_jump,
    logged_jump,
    ruler_alone,
    slope_of,
)

STEPS = np.arange(801)


def run(arm, seed, switch=401, *, drop=None, logged=-0.4, fixed=0.0, dip=60):
    return ArmRun(arm, seed, switch, drop, -9.0, logged, fixed, dip, None)


def frame(arm, seed, loss, none=5.0):
    return pd.DataFrame({"arm": arm, "seed": seed, "step": STEPS, "loss": loss, "none": none})


def test_a_slope_is_that_of_least_squares_and_its_null_is_of_dealt_answers():
    x, y = [1.0, 2.0, 3.0, 4.0], [2.1, 3.9, 6.2, 7.8]
    runs = [run("0.5", k) for k in range(4)]
    evidence, intercept = slope_of(runs, x, y, "?")
    slope, level = np.polyfit(x, y, 1)
    assert (evidence.value, intercept) == (pytest.approx(slope), pytest.approx(level))
    low, high = evidence.interval
    assert low < 2 < high
    assert evidence.null < evidence.value
    assert (evidence.n, evidence.seeds) == (4, 4)


def test_a_dip_that_follows_the_queue_has_slope_one_per_batch():
    lengths = {"queue_512": 32, "0.5": 64, "queue_2048": 128}
    runs = [run(arm, k, dip=batches + 10) for arm, batches in lengths.items() for k in (0, 1)]
    assert dip_per_batch(runs).value == pytest.approx(1)
    assert dip_per_batch(runs[:2]) is None


def test_the_ruler_alone_is_paired_and_zero_before_the_switch():
    noise = np.random.default_rng(0).standard_normal(801)
    curves = pd.concat(
        [
            frame("0.5", 0, 5 + noise - 0.3 * (STEPS >= 401)),
            frame("never", 0, 5 + noise),
        ]
    )
    found = ruler_alone(curves, [run("0.5", 0)])
    assert (found.value, found.null) == (pytest.approx(-0.3), 0)
    with pytest.raises(PlantEduError, match="no arm that never switches"):
        ruler_alone(curves[curves.arm == "0.5"], [run("0.5", 0)])


def test_the_jump_of_a_fixed_ruler_stands_beside_its_own_steps():
    walk = 5 + 0.01 * np.random.default_rng(1).standard_normal(801)
    curves = pd.concat([frame("0.5", 0, 5.0, walk), frame("never", 0, 5.0, walk)])
    found = fixed_jump(curves, [run("0.5", 0, fixed=walk[401] - walk[400])])
    calm = np.abs(np.diff(np.concatenate([walk[:401]])))
    assert found.null == pytest.approx(np.concatenate([calm, np.abs(np.diff(walk))]).mean())
    assert found.interval is None
    with pytest.raises(PlantEduError, match="no fixed ruler"):
        fixed_jump(curves, [run("0.5", 0, fixed=None)])


def test_the_logged_jump_is_beside_that_of_runs_which_never_switch():
    runs = [run("0.5", 0), run("0.5", 1, logged=-0.2), run("never", 0, None, logged=0.1)]
    found = logged_jump(runs, runs[:2])
    assert (found.value, found.null) == (pytest.approx(-0.3), pytest.approx(0.1))


def test_levels_after_the_switch_stand_beside_the_arm_without_one():
    fall = np.where(STEPS >= 401, -0.5, 0.0)
    curves = pd.concat(
        [
            *(frame("matched_switch", k, 1 + fall) for k in (0, 1)),
            *(frame("matched", k, np.where(STEPS >= 401, 1.1, 1.0)) for k in (0, 1)),
            frame("published", 0, np.where(STEPS >= 251, 6.0, 6.5)),
        ]
    )
    found = {(one.arm, one.first): one.change for one in aftermath(curves)}
    assert found["matched_switch", 1].value == pytest.approx(-0.5)
    assert found["matched_switch", 1].null == pytest.approx(0.1)
    assert found["published", 21].value == pytest.approx(-0.5)
    assert found["published", 21].null == 0
    assert [arm for arm, _, _ in by_run(curves)] == [
        *("matched", "matched", "matched_switch", "matched_switch", "published")
    ]
