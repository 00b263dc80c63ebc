"""Move the switch: does the drop of the loss go where the switch goes?

    drop = a + b * switch          b = 1: the drop follows it;   b = 0: it does not

Arms of one recipe switch the queue on at a quarter, a half or three quarters of the run, or never,
or before its first step. In each curve the drop is looked for without knowing the switch
(topics/bump/drops.py). Its rule was settled on seeds 0 to 2; later seeds are a test of it.

Two more questions of the same runs: is the fixed ruler (a frozen pack without a queue) continuous
where the logged loss jumps, and how long does the dip last, in batches that the queue holds? It
misleads to call the dip learning: the fixed rulers rise while it lasts.

Source: Caron et al. 2020, arXiv:2006.09882 [caron2020]. Lesson: 03_bump.
"""

from collections.abc import Mapping
from contextlib import suppress

import pandas as pd

from plantedu.errors import require
from plantedu.topics.bump.drops import arm_run
from plantedu.topics.bump.loss_observer import watched
from plantedu.topics.bump.results.switch import (
    MOVED,
    WITHOUT,
    ArmRun,
    Request,
    SwitchResult,
    read_curves,
    recorded,
)
from plantedu.topics.bump.results.switch_arms import ARMS, arm_recipe
from plantedu.topics.bump.switch_summary import (
    LENGTHS,
    aftermath,
    by_run,
    dip_per_batch,
    fixed_jump,
    logged_jump,
    ruler_alone,
    slope_of,
)
from plantedu.topics.method import Context, Method


def summarised(curves: pd.DataFrame) -> SwitchResult:
    """What the curves of all arms say.

    Raises:
        PlantEduError: without an arm that switches, or with fewer than three such runs.
    """
    runs = tuple(arm_run(arm, seed, own) for arm, seed, own in by_run(curves))
    moved = [run for run in runs if run.arm in MOVED]
    require(len(moved) >= 3, f"A slope needs three runs that switch or more, got {len(moved)}.")
    found = [run for run in moved if run.drop is not None]
    slope, intercept = slope_of(
        found,
        [float(run.switch or 0) for run in found],
        [float(run.drop or 0) for run in found],
        "By how many steps does the drop move when the switch moves by one?",
    )
    without = {
        arm: tuple(run.drop for run in runs if run.arm == arm and run.drop is not None)
        for arm in WITHOUT
    }
    return SwitchResult(
        runs,
        slope,
        intercept,
        ruler_alone(curves, moved),
        logged_jump(runs, moved),
        fixed_jump(curves, moved),
        dip_per_batch([run for run in runs if run.arm in LENGTHS and run.dip is not None]),
        aftermath(curves),
        without,
    )


def arm_named(words: str) -> str:
    """The arm that somebody means: .5 is 0.5.

    Raises:
        PlantEduError: for an arm that there is not.
    """
    with suppress(ValueError):
        words = f"{float(words):g}"
    require(words in ARMS, f"No arm is called {words!r}; there are {', '.join(ARMS)}.")
    return words


def _run(settings: Request, context: Context) -> SwitchResult | ArmRun:
    if not settings.train and context.work is None:
        return summarised(read_curves()) if settings.again else recorded()
    return trained(settings, context)


def trained(settings: Request, context: Context) -> ArmRun:
    """Train one arm, its numbers logged as it goes.

    Raises:
        PlantEduError: for an arm that there is not.
    """
    arm = arm_named(settings.arm)
    knobs = {"steps": settings.steps} if settings.steps else {}
    recipe = arm_recipe(arm, settings.seed, **knobs)
    context.restart()

    def heard(step: int, steps: int, values: Mapping[str, float]) -> None:
        context.step(step, steps)
        wanted = {n: v for n, v in values.items() if n in ("loss", "entropy") or "ruler" in n}
        context.log(step, wanted)
        context.check()

    curve = watched(recipe, bank_folder=context.bank, tell=heard)
    found = arm_run(arm, settings.seed, curve, recipe=recipe)
    if found.switch is not None:
        context.event(found.switch, "queue on", f"arm {arm}")
    return found


def tell(result: SwitchResult | ArmRun) -> None:
    """Print a result: of one arm a line, of all of them what they say together."""
    if isinstance(result, ArmRun):
        print(in_a_line(result))
        return
    print("\n".join(in_a_line(run) for run in result.runs))
    for one in (result.slope, result.alone, result.logged, result.fixed, result.dip):
        if one is not None:
            ends = "" if one.interval is None else " [{:.3f}, {:.3f}]".format(*one.interval)
            print(f"{one.question} {one.value:.3f}{ends} ({one.control}: {one.null:.3f})")


def in_a_line(run: ArmRun) -> str:
    """One run in a line."""
    switch = f"switch {run.switch}" if run.switch else "no switch"
    drop = f"drop {run.drop}" if run.drop else f"no drop (lowest z {run.lowest:.1f})"
    return f"{run.arm:<15} seed {run.seed}   {switch:<11} {drop}, dip {run.dip or 'none'}"


METHOD = Method(Request, _run, tell)
