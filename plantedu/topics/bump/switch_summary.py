"""What runs of one recipe with a moved switch say together: slopes and jumps, each with its null.

Each function takes recorded curves (columns arm, seed, step, loss, none) or what `drops` read off
them, and answers one question with an `Evidence`. Arms of a seed share their weights and batches
up to the switch, so differences between them are paired.

Lesson: 03_bump.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd
import scipy

from plantedu.errors import require
from plantedu.statistics.evidence import Evidence, t_interval
from plantedu.topics.bump.results.switch import MOVED, Aftermath, ArmRun
from plantedu.topics.bump.results.switch_arms import ARMS, arm_recipe, switch_step

LENGTHS = ("queue_512", "0.5", "queue_2048")
CONTROLS = {"0.25": "never", "0.5": "never", "0.75": "never", "matched_switch": "matched"}
WINDOWS = ((1, 10), (11, 20), (21, 60), (61, 100), (101, 199))  # steps from the switch on
DEALS = 2000


def by_run(curves: pd.DataFrame) -> Iterator[tuple[str, int, Any]]:
    """Each run's rows by step, in the order of ARMS."""
    for arm in ARMS:
        for seed, own in curves[curves["arm"] == arm].groupby("seed"):
            yield arm, int(seed), own.set_index("step").sort_index()  # type: ignore[arg-type]


def _line(x: Sequence[float], y: Sequence[float]) -> tuple[float, float, tuple[float, float]]:
    """Slope, intercept, and the slope's interval by Student's t."""
    found: Any = scipy.stats.linregress(x, y)
    half = scipy.stats.t.ppf(0.975, len(x) - 2) * found.stderr if len(x) > 2 else np.inf
    slope = float(found.slope)
    return slope, float(found.intercept), (slope - float(half), slope + float(half))


def _shuffled_slope(x: Sequence[float], y: Sequence[float]) -> float:
    """Mean size of the slope when y is shuffled among the runs."""
    generator = np.random.default_rng(0)
    centred = np.asarray(x, float) - np.mean(x)
    slopes = [centred @ generator.permutation(y) / (centred @ centred) for _ in range(DEALS)]
    return float(np.mean(np.abs(slopes)))


def slope_of(
    runs: Sequence[ArmRun], x: Sequence[float], y: Sequence[float], question: str
) -> tuple[Evidence, float]:
    """A line through runs: its slope with interval and null, and its intercept."""
    slope, intercept, interval = _line(x, y)
    evidence = Evidence(
        question=question,
        value=slope,
        null=_shuffled_slope(x, y),
        control="the same, shuffled among the runs, without sign",
        n=len(runs),
        seeds=len({run.seed for run in runs}),
        interval=interval,
    )
    return evidence, intercept


def ruler_alone(curves: pd.DataFrame, moved: Sequence[ArmRun]) -> Evidence:
    """What the queue does to the loss of equal weights on equal batches."""
    loss = curves.pivot(index="step", columns=["arm", "seed"], values="loss")
    both = [run for run in moved if ("never", run.seed) in loss.columns]
    require(bool(both), "There is no arm that never switches to compare with.")
    apart = {run: loss[run.arm, run.seed] - loss["never", run.seed] for run in both}
    jumps = [float(each.loc[run.switch]) for run, each in apart.items()]
    before = [float(each.loc[: (run.switch or 1) - 1].abs().max()) for run, each in apart.items()]
    return Evidence(
        question="By how much does the queue move the loss of the same weights and batch?",
        value=float(np.mean(jumps)),
        null=float(np.max(before)),
        control="the largest difference from the arm that never switches in any step before",
        n=len(both),
        seeds=len({run.seed for run in both}),
        interval=t_interval(jumps),
    )


def logged_jump(runs: Sequence[ArmRun], moved: Sequence[ArmRun]) -> Evidence:
    """The jump of the logged loss."""
    jumps = [run.logged for run in moved]
    return Evidence(
        question="By how much does the logged loss fall at the switch, ten steps on either side?",
        value=float(np.mean(jumps)),
        null=float(np.mean([abs(run.logged) for run in runs if run.arm == "never"] or [0.0])),
        control="the arm that never switches, at half time, without sign",
        n=len(moved),
        seeds=len({run.seed for run in moved}),
        interval=t_interval(jumps),
    )


def fixed_jump(curves: pd.DataFrame, moved: Sequence[ArmRun]) -> Evidence:
    """The jump of the fixed ruler, beside its changes from step to step without a switch."""
    jumps = [run.fixed for run in moved if run.fixed is not None]
    elsewhere: list[float] = []
    for arm, seed, own in by_run(curves):
        if arm not in (*MOVED, "never"):
            continue
        switch = switch_step(arm_recipe(arm, seed))
        calm = own["none"] if switch is None else own["none"].loc[: switch - 1]
        each = calm.diff()[calm.index.to_series().diff() == 1]
        elsewhere += each.dropna().abs().tolist()
    require(bool(jumps) and bool(elsewhere), "These curves have no fixed ruler at the switch.")
    return Evidence(
        question="By how much does the fixed ruler change in the step of the switch?",
        value=float(np.mean(jumps)),
        null=float(np.mean(elsewhere)),
        control=f"its change in one step without a switch, without sign ({len(elsewhere)} steps)",
        n=len(jumps),
        seeds=len({run.seed for run in moved}),
        interval=t_interval(jumps),
    )


def dip_per_batch(runs: Sequence[ArmRun]) -> Evidence | None:
    """Length of the dip on length of the queue, in batches."""
    recipes = [arm_recipe(run.arm, run.seed) for run in runs]
    x = [recipe.queue_length / recipe.batch for recipe in recipes]
    if len(set(x)) < 2 or len(x) < 3:
        return None
    asked = "How many steps longer is the dip per batch that the queue holds more?"
    return slope_of(runs, x, [float(run.dip or 0) for run in runs], asked)[0]


def aftermath(curves: pd.DataFrame) -> tuple[Aftermath, ...]:
    """The level after the switch, of every arm that switches, beside its control."""
    runs = {(arm, seed): own["loss"] for arm, seed, own in by_run(curves)}
    found = []
    for arm in dict.fromkeys(arm for arm, _ in runs):
        at = switch_step(arm_recipe(arm, 0))
        if at is None:
            continue
        for first, last in WINDOWS:
            here = [loss for (name, _), loss in runs.items() if name == arm]
            control = CONTROLS.get(arm, "never" if arm in LENGTHS else "")
            there = [loss for (name, _), loss in runs.items() if name == control]
            found.append(Aftermath(arm, first, last, _level(arm, here, there, at, first, last)))
    return tuple(found)


def _level(
    arm: str, here: Sequence[Any], there: Sequence[Any], at: int, first: int, last: int
) -> Evidence:
    """Change of level of one arm in one window."""
    changes = [_change(loss, at, at + first - 1, at + last - 1) for loss in here]
    nulls = [_change(loss, at, at + first - 1, at + last - 1) for loss in there]
    before = [_change(loss, at - 50, at - 50, at - 1) for loss in here]
    return Evidence(
        question=f"How far is the loss of {arm} off its level before the switch, "
        f"{first} to {last} steps on?",
        value=float(np.mean(changes)),
        null=float(np.mean(nulls or before)),
        control="the arm without a switch, same steps"
        if nulls
        else "the fifty steps before the switch beside the fifty before those",
        n=len(changes),
        seeds=len(changes),
        interval=t_interval(changes),
    )


def _change(loss: Any, at: int, first: int, last: int) -> float:
    """Mean of some steps minus the mean of the fifty before `at`."""
    return float(loss.loc[first:last].mean() - loss.loc[at - 50 : at - 1].mean())
