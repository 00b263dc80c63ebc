"""Charts of a search for bumps: the curve with what was found, and the statistic with its null."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import altair as alt
import numpy as np

from plantedu.charts.chart import Drawing, Part, built, mark, only, table
from plantedu.charts.palette import colour
from plantedu.charts.training_curves import thinned
from plantedu.store.series import Series
from plantedu.topics.bump.changepoints.finding import Search

MOST = 1500  # points of a line
Marks = Sequence[tuple[float, str]]  # step and name of an event


def bump_chart(
    search: Search, events: Marks, causes: Sequence[str] = (), *, dark: bool = False
) -> Drawing:
    """The curve, each bump as a band over its interval with a rule at its step, and the events.

    Args:
        search: What was found.
        events: Step and name of what is known to have happened.
        causes: First candidate of each bump, for the words.
        dark: Whether the page is dark.
    """
    curve = search.curve
    name = curve.name
    parts = [thinned(_series(curve.steps, curve.values), MOST, "line", name)]
    parts += [_band(bump.step, bump.interval, f"{bump.size:+.2g}") for bump in search.bumps]
    parts += [mark("event", event, step=step) for step, event in events]
    found = "; ".join(
        f"one of {bump.size:+.2f} at step {bump.step:,.0f}, between {bump.interval[0]:,.0f} and "
        f"{bump.interval[1]:,.0f}, p = {bump.p:.2g}"
        + (f", first candidate {cause}" if cause else "")
        for bump, cause in zip(search.bumps, [*causes, *[""] * len(search.bumps)], strict=False)
    )
    said = (
        f"The curve {name} over steps {curve.steps[0]:,.0f} to {curve.steps[-1]:,.0f}, from "
        f"{curve.values[0]:.2f} to {curve.values[-1]:.2f}. Bumps: {found or 'none'}. "
        f"{_events_in_words(events)}Null: a step this strong in one curve of "
        f"{1 / search.level:.0f} without a step (T = {search.null:.1f})."
    )
    return Drawing(_spec("loss", dark, None), table(parts), said)


def null_chart(search: Search, events: Marks, *, dark: bool = False) -> Drawing:
    """T at each row, and the level that the largest T passes with probability `level` by chance.

    Lobes beside a strong step are its echo in the trend: they are gone once it is cut out.

    Args:
        search: What was found.
        events: Step and name of what is known to have happened.
        dark: Whether the page is dark.
    """
    line = thinned(_series(search.steps, search.statistic), MOST, "line", "T")
    label = f"without a step, {1 - search.level:.0%} of curves stay below {search.null:.1f}"
    parts = [line, mark("null", label, value=search.null)]
    parts += [mark("event", event, step=step) for step, event in events]
    best = int(search.statistic.argmax())
    said = (
        f"The strength T of a step at each row of {search.curve.name}, in standard errors: "
        f"largest {search.statistic[best]:.1f} at step {search.steps[best]:,.0f}; null, by "
        f"{len(search.draws)} draws of a wild bootstrap (blocks of {search.block} rows): {label}. "
        f"{_events_in_words(events)}".rstrip()
    )
    return Drawing(_spec("T, standard errors", dark, "null"), table(parts), said)


def _series(steps: np.ndarray, values: np.ndarray) -> Series:
    none = np.full(len(steps), np.nan)
    return Series(steps, values, none, none, none)


def _band(step: float, interval: tuple[float, float], name: str) -> Part:
    """One bump; `low` and `high` are steps here."""
    return Part("bump", name, [step], [np.nan], [interval[0]], [interval[1]])


def _events_in_words(events: Marks) -> str:
    said = ", ".join(f"{name} at step {step:,.0f}" for step, name in events)
    return f"Marked: {said}. " if said else "No events are known. "


@lru_cache(maxsize=8)
def _spec(title: str, dark: bool, level: str | None) -> dict[str, Any]:
    step = alt.X("step:Q", title="step", axis=alt.Axis(tickCount=6, grid=False))
    value = alt.Y("value:Q", title=title, scale=alt.Scale(zero=bool(level)))
    ink, floor, event, null = (
        colour(name, dark=dark) for name in ("loss", "floor", "event", "null")
    )
    layers = [
        only("bump").mark_rect(color=floor, opacity=0.25).encode(x=alt.X("low:Q"), x2="high:Q"),
        only("bump").mark_rule(color=floor, strokeWidth=1.5).encode(step),
        only("bump")
        .mark_text(color=floor, align="left", baseline="bottom", dx=6)
        .encode(step, y=alt.value("height"), text="name:N"),
        only("line")
        .mark_line(color=ink, strokeWidth=1.4)
        .encode(step, value, tooltip=["step:Q", alt.Tooltip("value:Q", format=".3f")]),
        only("event").mark_rule(color=event, strokeDash=[2, 3]).encode(step),
        only("event")
        .mark_text(color=event, align="right", baseline="top", dx=-5)
        .encode(step, y=alt.value(2), text="name:N"),
    ]
    if level:
        words = only("null").mark_text(color=null, align="left", baseline="bottom", dx=4, dy=-2)
        layers += [
            only("null").mark_rule(color=null, strokeDash=[6, 4], strokeWidth=2).encode(value),
            words.encode(value, x=alt.value(0), text="name:N"),
        ]
    return built(alt.layer(*layers).properties(height=170 if level else 300))
