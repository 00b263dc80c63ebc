"""The result of `bump switch`: where the drop goes when the switch goes, and the charts.

Lesson: 03_bump.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from plantedu.charts.chart import Drawing, built
from plantedu.charts.palette import colour
from plantedu.errors import require
from plantedu.serialization import AsJson
from plantedu.shipped_files import results
from plantedu.statistics.evidence import Evidence
from plantedu.store.series import Series, buckets
from plantedu.topics.bump.results.switch_arms import ARMS, arm_recipe, switch_step

MOVED = ("0.25", "0.5", "0.75")
WITHOUT = ("never", "always", "matched")
RESULT = results() / "03_switch.json"
CURVES = RESULT.with_suffix(".csv.gz")


@dataclass(frozen=True)
class Request:
    """Does the drop of the loss go where the switch goes? From recorded runs, or train an arm.

    Attributes:
        train: Train one arm afresh instead of reading what is recorded; a page always does.
        arm: Which: 0.25, 0.5, 0.75, never, always, matched, matched_switch, published, ...
        seed: Its seed.
        steps: Where the arm shall be cut short; 0 for its own length.
        again: Read the recorded curves anew, where what they say is kept already.
    """

    train: bool = False
    arm: str = "0.5"
    seed: int = 0
    steps: int = 0
    again: bool = False


@dataclass(frozen=True)
class ArmRun(AsJson):
    """What one curve says.

    Attributes:
        switch: First update that used the queue; None without a switch inside the run.
        drop: Step at which the loss was found to fall; None where it was not.
        lowest: The lowest z of the curve, of all steps at which the loss was at a new low.
        logged: Loss in the ten steps from the switch on, minus the ten before it; at half time in
            arms without a switch.
        fixed: Change of the fixed ruler in the step of the switch; None where it was not read.
        dip: Steps from the switch until half of the fall is made good; None without a switch, or
            where that was not reached.
        disease: Probe accuracy at the end, and on shuffled labels.
    """

    arm: str
    seed: int
    switch: int | None
    drop: int | None
    lowest: float
    logged: float
    fixed: float | None
    dip: int | None
    disease: tuple[float, float] | None


@dataclass(frozen=True)
class Aftermath:
    """How far the logged loss lies off its level before the switch, some steps after it.

    Attributes:
        first, last: Steps from the switch on.
        change: Mean over seeds; its null is the same of the arm without a switch, in the same
            steps, or of the run itself before the switch where there is no such arm.
    """

    arm: str
    first: int
    last: int
    change: Evidence


@dataclass(frozen=True)
class SwitchResult(AsJson):
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


MOST = 90  # points of one line
SAYS = {
    "0.25": "queue on at a quarter",
    "0.5": "queue on at half time",
    "0.75": "queue on at three quarters",
    "never": "queue never on",
    "always": "queue on from the first step",
    "matched": "no queue, few prototypes",
}
Point = tuple[str, int, int | None, int | None]


def arms_chart(
    curves: pd.DataFrame, switches: Mapping[str, int | None], *, dark: bool = False
) -> Drawing:
    """The logged loss of every arm, a panel each, a line a seed; the switch marked.

    Args:
        curves: Columns arm, seed, step, loss.
        switches: Step of the switch by arm, None without one; the panels' order.
        dark: Whether the page is dark.

    Raises:
        PlantEduError: without curves.
    """
    require(bool(len(curves)) and bool(switches), "No arm has been trained yet.")
    parts = [_line(arm, int(seed), own) for (arm, seed), own in curves.groupby(["arm", "seed"])]  # type: ignore[arg-type]
    marks = [
        {"kind": "switch", "panel": SAYS[arm], "step": step}
        for arm, step in switches.items()
        if step is not None
    ]
    rows = pd.concat([*parts, pd.DataFrame(marks)], ignore_index=True)
    summary = "; ".join(
        f"{SAYS[arm]}: {'no switch' if step is None else f'switch at step {step}'}, loss at the "
        f"end {curves[(curves.arm == arm) & (curves.step == last)].loss.mean():z.2f}"
        for arm, step in switches.items()
        for last in [curves[curves.arm == arm].step.max()]
    )
    words = f"Logged loss over the steps, {curves.seed.nunique()} seeds an arm. {summary}."
    return Drawing(_arms_spec(tuple(SAYS[arm] for arm in switches), dark), rows, words)


def _line(arm: str, seed: int, own: pd.DataFrame) -> pd.DataFrame:
    """A thinned curve."""
    loss = own.dropna(subset=["loss"])
    values = loss["loss"].to_numpy(dtype=float)
    none = np.full(len(values), np.nan)
    thin = buckets(Series(loss["step"].to_numpy(dtype=np.int64), values, none, none, none), MOST)
    return pd.DataFrame(
        {
            "kind": "line",
            "panel": SAYS[arm],
            "name": f"seed {seed}",
            "step": thin.steps,
            "value": thin.values,
        }
    )


@lru_cache(maxsize=8)
def _arms_spec(panels: tuple[str, ...], dark: bool) -> dict[str, Any]:
    x = alt.X("step:Q", title="step", axis=alt.Axis(tickCount=5, grid=False))
    y = alt.Y("value:Q", title="logged loss, nats", scale=alt.Scale(zero=False))
    base = alt.Chart(alt.Data(name="rows"))
    lines = base.transform_filter("datum.kind == 'line'")
    marks = base.transform_filter("datum.kind == 'switch'")
    ink, event = colour("loss", dark=dark), colour("event", dark=dark)
    layers = alt.layer(
        lines.mark_line(strokeWidth=1, opacity=0.65, color=ink).encode(
            x,
            y,
            alt.Detail("name:N"),
            tooltip=["name:N", "step:Q", alt.Tooltip("value:Q", format=".2f")],
        ),
        marks.mark_rule(color=event, strokeDash=[2, 3], strokeWidth=1.5).encode(x),
    ).properties(width=215, height=130)
    facet = alt.Facet("panel:N", title=None, sort=list(panels))
    return built(layers.facet(facet=facet, columns=3).resolve_scale(y="independent"))


def drops_chart(
    points: Sequence[Point],
    line: tuple[float, float],
    slopes: tuple[float, float],
    *,
    dark: bool = False,
) -> Drawing:
    """Where the drop was found against where the switch was, with the line on which both agree.

    Args:
        points: Arm, seed, step of the switch (None without one), step of the drop (None: none).
        line: Intercept and slope of the regression.
        slopes: Ends of the slope's interval.
        dark: Whether the page is dark.

    Raises:
        PlantEduError: without a run that switches.
    """
    moved = [(arm, seed, s, d) for arm, seed, s, d in points if s is not None and d is not None]
    require(bool(moved), "No run with a switch and a drop yet.")
    rest = [(arm, seed, d) for arm, seed, s, d in points if s is None]
    rows: list[dict[str, Any]] = [
        {"kind": "drop", "name": f"{SAYS[arm]}, seed {seed}", "switch": s, "drop": d}
        for arm, seed, s, d in moved
    ]
    rows += [
        {"kind": "without", "name": f"{SAYS[arm]}, seed {seed}", "column": SAYS[arm], "drop": d}
        for arm, seed, d in rest
        if d is not None
    ]
    ends = [0.0, max(float(s) for _, _, s, _ in moved) * 1.15]
    rows += [{"kind": "identity", "switch": end, "drop": end} for end in ends]
    rows += [{"kind": "fit", "switch": end, "drop": line[0] + line[1] * end} for end in ends]
    steps = ", ".join(f"{s} to {d}" for _, _, s, d in moved)
    none = "; ".join(
        f"{SAYS[arm]}: {found} of {total} runs with a drop"
        for arm in dict.fromkeys(arm for arm, *_ in rest)
        for total in [sum(a == arm for a, *_ in rest)]
        for found in [sum(a == arm and d is not None for a, _, d in rest) or "none"]
    )
    words = (
        f"Step of the drop against step of the switch: {steps}. Slope {line[1]:z.3f} "
        f"[{slopes[0]:z.3f}, {slopes[1]:z.3f}]; on the dashed line both are equal. "
        f"Without a switch: {none}."
    )
    return Drawing(_drops_spec(dark), pd.DataFrame(rows), words)


@lru_cache(maxsize=2)
def _drops_spec(dark: bool) -> dict[str, Any]:
    base = alt.Chart(alt.Data(name="rows"))
    x = alt.X("switch:Q", title="step of the switch", scale=alt.Scale(zero=True))
    y = alt.Y("drop:Q", title="step of the drop found in the loss", scale=alt.Scale(zero=True))
    kinds = {
        k: base.transform_filter(f"datum.kind == '{k}'")
        for k in ("drop", "without", "identity", "fit")
    }
    ink, null = colour("loss", dark=dark), colour("null", dark=dark)
    layers = alt.layer(
        kinds["identity"].mark_line(color=null, strokeDash=[6, 4]).encode(x, y),
        kinds["fit"].mark_line(color=ink, strokeWidth=1).encode(x, y),
        kinds["drop"]
        .mark_point(color=ink, size=80, strokeWidth=1.4, opacity=0.6)
        .encode(x, y, tooltip=["name:N", "switch:Q", "drop:Q"]),
        kinds["without"]
        .mark_tick(color=null, thickness=3, width=14)
        .encode(x=alt.value(4), y=y, tooltip=["name:N", "drop:Q"]),
    )
    return built(layers.properties(height=300))
