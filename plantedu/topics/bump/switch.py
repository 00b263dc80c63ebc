"""Move the switch: does the drop of the loss go where the switch goes?

    drop = a + b * switch          b = 1: the drop follows it;   b = 0: it does not

Arms of one recipe switch the queue on at a quarter, a half or three quarters of the run, or never,
or before its first step. In each curve the drop is looked for without being told the switch
(topics/bump/drops.py). Its rule was settled on seeds 0 to 2; later seeds are a test of it.

Two more questions of the same runs: is the fixed ruler (a frozen pack without a queue) continuous
where the logged loss jumps, and how long does the dip last, in batches that the queue holds? It
misleads to call the dip learning: the fixed rulers rise while it lasts.

Source: Caron et al. 2020, arXiv:2006.09882 [caron2020]. Lesson: 03_bump.
"""

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import tyro
from tqdm import tqdm

from plantedu.charts.chart import Drawing
from plantedu.errors import require
from plantedu.serialization import revived
from plantedu.shipped_files import results
from plantedu.statistics.evidence import Evidence
from plantedu.store.run import Metric
from plantedu.topics.bump.drops import ArmRun, arm_run
from plantedu.topics.bump.results.switch_chart import arms_chart, drops_chart
from plantedu.topics.bump.switch_runs import ARMS, arm_recipe, switch_step
from plantedu.topics.bump.switch_summary import (
    LENGTHS,
    MOVED,
    WITHOUT,
    Aftermath,
    aftermath,
    by_run,
    dip_per_batch,
    fixed_jump,
    logged_jump,
    ruler_alone,
    slope_of,
)

RESULT = results() / "03_switch.json"
CURVES = RESULT.with_suffix(".csv.gz")


@dataclass(frozen=True)
class SwitchResult:
    """All runs, and what they say together.

    Attributes:
        runs: One a curve.
        slope: Steps by which the drop moves per step of the switch.
        intercept: Where the line meets the axis, in steps.
        alone: Logged loss at the switch minus that of the arm that never switches, in the same
            step: the same weights and batch, so the ruler alone.
        logged: Jump of the logged loss at the switch, ten steps on either side.
        fixed: Jump of the fixed ruler in the step of the switch.
        dip: Steps that the dip lasts longer per batch that the queue holds more.
        aftermath: How the level moves after the switch, in arms with and without a floor to fall.
        found_without: Runs of arms without a switch in which a drop was found, by arm.
    """

    runs: tuple[ArmRun, ...]
    slope: Evidence
    intercept: float
    alone: Evidence
    logged: Evidence
    fixed: Evidence
    dip: Evidence | None
    aftermath: tuple[Aftermath, ...]
    found_without: dict[str, tuple[int, ...]]

    def as_json(self) -> dict[str, Any]:
        """Plain values; `from_json` reads them back."""
        return asdict(self)

    @classmethod
    def from_json(cls, found: Mapping[str, Any]) -> "SwitchResult":
        """Read a result that a file holds."""
        return revived(cls, found)

    def chart(self, *, dark: bool = False) -> Drawing:
        """Step of the drop against step of the switch; arms without a switch beside it."""
        points = [
            (run.arm, run.seed, run.switch, run.drop)
            for run in self.runs
            if run.arm in (*MOVED, *WITHOUT)
        ]
        low, high = self.slope.interval or (self.slope.value, self.slope.value)
        return drops_chart(points, (self.intercept, self.slope.value), (low, high), dark=dark)


def read_curves(path: Path = CURVES) -> pd.DataFrame:
    """The recorded curves: arm, seed, step, loss, entropy, and the rulers where they were read."""
    require(path.is_file(), f"{path.name} is missing: run `python -m experiments.switch_runs`.")
    return pd.read_csv(path, dtype={"arm": str})


def recorded(path: Path = RESULT) -> SwitchResult:
    """What is kept with the lessons of all runs.

    Raises:
        PlantEduError: if it is missing.
    """
    require(path.is_file(), f"{path.name} is missing: `python -m experiments.bump switch`.")
    said = json.loads(path.read_text(encoding="utf-8"))
    said.pop("command")
    return SwitchResult.from_json(said)


def curves_chart(curves: pd.DataFrame, *, dark: bool = False) -> Drawing:
    """The loss of every arm and seed over the steps, each switch marked."""
    shown = [arm for arm in ARMS if arm in set(curves["arm"]) and arm in (*MOVED, *WITHOUT)]
    switches = {arm: switch_step(arm_recipe(arm, 0)) for arm in shown}
    own: Any = curves[curves["arm"].isin(shown)]
    return arms_chart(own, switches, dark=dark)


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


def job(work: Any) -> dict[str, Any]:
    """Train one arm in a worker, its numbers in the store as it goes: one click, one arm.

    The request: "arm", "seed", and "steps" where the arm shall be cut short.
    """
    from plantedu.store.paths import home
    from plantedu.topics.bump.loss_observer import watched

    asked = work.run.request
    arm, seed = arm_named(str(asked["arm"])), int(asked.get("seed", 0))
    work.store.rewind(work.run.id, -1)

    def tell(step: int, steps: int, values: Mapping[str, float]) -> None:
        if step <= 1:
            work.store.set_step(work.run.id, step, steps)
        shown = {n: v for n, v in values.items() if n in ("loss", "entropy") or "ruler" in n}
        rows = [Metric(step, name, value) for name, value in shown.items()]
        work.store.log(work.run.id, rows, step=step)
        work.check()

    knobs = {} if asked.get("steps") is None else {"steps": int(asked["steps"])}
    recipe = arm_recipe(arm, seed, **knobs)
    curve = watched(recipe, bank_folder=home() / "bank", tell=tell)
    found = arm_run(arm, seed, curve, recipe=recipe)
    if found.switch is not None:
        work.store.event(work.run.id, found.switch, "queue on", f"arm {arm}")
    return asdict(found)


@dataclass(frozen=True)
class Options:
    """Does the drop of the loss go where the switch goes? From recorded runs, or train an arm.

    Attributes:
        train: Train one arm afresh instead of reading what is recorded.
        arm: Which: 0.25, 0.5, 0.75, never, always, matched, matched_switch, published, ...
        seed: Its seed.
        again: Read the recorded curves anew, where what they say is kept already.
        json: Print the result as one JSON object on the last line.
    """

    train: bool = False
    arm: str = "0.5"
    seed: int = 0
    again: bool = False
    json: bool = False


def main(argv: list[str]) -> int:
    """`python -m plantedu bump switch [--train --arm .5 --seed 7] [--json]`."""
    options = tyro.cli(Options, args=argv, prog="python -m plantedu bump switch")
    if options.train:
        from plantedu.store.paths import home
        from plantedu.topics.bump.loss_observer import watched

        arm = arm_named(options.arm)
        recipe = arm_recipe(arm, options.seed)
        with tqdm(total=recipe.steps + 1, leave=False) as bar:
            curve = watched(recipe, bank_folder=home() / "bank", tell=lambda *_: bar.update(1))
        run = arm_run(arm, options.seed, curve)
        print(told(run))
        said = asdict(run)
    else:
        found = summarised(read_curves()) if options.again else recorded()
        print("\n".join(told(run) for run in found.runs))
        for one in (found.slope, found.alone, found.logged, found.fixed, found.dip):
            if one is not None:
                ends = "" if one.interval is None else " [{:.3f}, {:.3f}]".format(*one.interval)
                print(f"{one.question} {one.value:.3f}{ends} ({one.control}: {one.null:.3f})")
        said = found.as_json()
    if options.json:
        print(json.dumps(said))
    return 0


def told(run: ArmRun) -> str:
    """One run in a line."""
    switch = f"switch {run.switch}" if run.switch else "no switch"
    drop = f"drop {run.drop}" if run.drop else f"no drop (lowest z {run.lowest:.1f})"
    return f"{run.arm:<15} seed {run.seed}   {switch:<11} {drop}, dip {run.dip or 'none'}"
