"""Many runs at once: every curve thin, in the colour of one setting, with its null behind it."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from plantedu.charts.chart import Drawing, built, only
from plantedu.charts.palette import VALUES, colour, colours
from plantedu.errors import require

DASHES = ([1, 0], [7, 3], [2, 2], [9, 3, 2, 3], [4, 2])
BRUSH = "brush"


def many_chart(
    rows: pd.DataFrame,
    nulls: pd.DataFrame,
    *,
    knob: str,
    unit: str,
    control: str,
    brush: bool = True,
    height: int = 340,
    dark: bool = False,
) -> Drawing:
    """One line a run, and one grey line for each run's null.

    Args:
        rows: One row a point: run, setting (value of the knob, as text), step, value.
        nulls: The same for the control, or one row with a value and no step: a level.
        knob: Which setting the colours stand for.
        unit: What is drawn.
        control: What the null is.
        brush: Whether a rectangle can be drawn on the chart, to choose runs.
        height: In pixels.
        dark: Whether the page is dark.

    Raises:
        PlantEduError: without runs.
    """
    require(len(rows) > 0, "There are no runs to draw; widen the choice.")
    values = in_order(list(set(rows["setting"])))
    ends = rows.sort_values("step").groupby("run").tail(1)
    by_value = ends.groupby("setting")["value"]
    said = "; ".join(
        f"{knob} {value}: {by_value.get_group(value).median():z.2f} "
        f"({by_value.get_group(value).min():z.2f} to {by_value.get_group(value).max():z.2f}, "
        f"{len(by_value.get_group(value))} runs)"
        for value in values
    )
    level = f"{control} {nulls['value'].iloc[-1]:z.2f}" if len(nulls) else f"no {control}"
    alt_text = f"{unit} of {rows['run'].nunique()} runs, at the end by {knob}: {said}; {level}."
    table = pd.concat([nulls.assign(kind=_kind(nulls)), rows.assign(kind="run")])
    return Drawing(_spec(values, knob, unit, brush, height, dark), table, alt_text)


def in_order(values: Sequence[Any]) -> tuple[str, ...]:
    """Values of a setting, numbers by their size."""

    def place(value: str) -> tuple[int, float, str]:
        try:
            return 0, float(value), ""
        except ValueError:
            return 1, 0.0, value

    return tuple(sorted(map(str, values), key=place))


def inside(rows: pd.DataFrame, step: Sequence[float], value: Sequence[float]) -> set[str]:
    """The runs whose line passes through a rectangle."""
    first, last, low, high = min(step), max(step), min(value), max(value)
    found = set()
    for run, points in rows.sort_values("step").groupby("run"):
        steps, values = points["step"].to_numpy(float), points["value"].to_numpy(float)
        if steps[0] > last or steps[-1] < first:
            continue
        ends = np.clip([first, last], steps[0], steps[-1])
        at = np.union1d(ends, steps[(steps > first) & (steps < last)])
        line = np.interp(at, steps, values)
        before, after = line[:-1], line[1:]
        if len(line) == 1:
            before = after = line
        if ((np.minimum(before, after) <= high) & (np.maximum(before, after) >= low)).any():
            found.add(str(run))
    return found


def _kind(nulls: pd.DataFrame) -> str:
    return "level" if len(nulls) and bool(np.isnan(nulls["step"].to_numpy(float)).all()) else "null"


@lru_cache(maxsize=32)
def _spec(
    values: tuple[str, ...], knob: str, unit: str, brush: bool, height: int, dark: bool
) -> dict[str, Any]:
    paints = [VALUES[k % len(VALUES)] for k in range(len(values))]
    scale = alt.Scale(domain=list(values), range=colours(*paints, dark=dark))
    dash = alt.Scale(domain=list(values), range=[DASHES[k % 5] for k in range(len(values))])
    legend = alt.Legend(orient="top", title=knob, symbolSize=300)
    x = alt.X("step:Q", title="step", axis=alt.Axis(tickCount=5, grid=False))
    y = alt.Y("value:Q", title=unit, scale=alt.Scale(zero=False))
    run = alt.Detail("run:N")
    null = colour("null", dark=dark)
    tips = ["run:N", "setting:N", "step:Q", alt.Tooltip("value:Q", format=".3f")]
    lines = only("run").mark_line(strokeWidth=1.2, opacity=0.75)
    lines = lines.encode(
        x,
        y,
        alt.Color("setting:N", scale=scale, legend=legend),
        alt.StrokeDash("setting:N", scale=dash, legend=legend),
        run,
        tooltip=tips,
    )
    if brush:
        lines = lines.add_params(alt.selection_interval(name=BRUSH))
    grey = only("null").mark_line(strokeWidth=0.7, color=null, opacity=0.7).encode(x, y, run)
    level = only("level").mark_rule(color=null, strokeDash=[6, 4]).encode(y)
    return built(alt.layer(grey, level, lines).properties(height=height))
