"""Charts of a run, drawn from the store alone: the null, the events and the floors are in them.

At most `MOST` points are drawn, the least and greatest of each bucket, so that a bump survives.
"""

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import altair as alt

from plantedu.charts.chart import Drawing, Part, built, mark, only, table
from plantedu.charts.palette import NAMES, colour, colours
from plantedu.charts.tables import CONTROL, RANDOM, VIEWS, Runs, probe_unit
from plantedu.errors import PlantEduError, require
from plantedu.store.run import Event
from plantedu.store.series import Series, buckets

MOST = 2000
LOSS_PARTS = ("loss", "entropy", "divergence")
DIRECTIONS = {"x1_to_x2": "rgb", "x2_to_x1": "rgn"}
DASHES = {"loss": [1, 0], "entropy": [7, 3], "divergence": [2, 2]}

LOWEST_R2 = -0.3  # a probe that is worse still is drawn on this edge


def thinned(series: Series, most: int, kind: str, name: str) -> Part:
    """A series as part of a table, with at most `most` rows."""
    thin = buckets(series, most)
    return Part(kind, name, thin.steps, thin.values, thin.lows, thin.highs)


def loss_chart(
    runs: Runs,
    events: Sequence[Event],
    *,
    prototypes: int,
    last: int = 0,
    dark: bool = False,
) -> Drawing:
    """Loss = H(q) + KL(q||p) over the steps, with the level ln K of an even code and the events.

    Args:
        runs: Series by name; "loss", "entropy", "divergence" are drawn.
        events: What happened, each marked at its step.
        prototypes: K.
        last: The run's last step, where the axis ends; 0 for the data's own end.
        dark: Whether the page is dark.

    Raises:
        PlantEduError: if no loss was recorded.
    """
    _need(runs, "loss")
    level = math.log(prototypes)
    shown = [name for name in LOSS_PARTS if name in runs]
    most = (MOST - len(events) - 1) // len(shown)
    parts = [thinned(runs[name], most, "line", NAMES[name]) for name in shown]
    parts.append(mark("floor", f"ln K = {level:z.2f}: every code even", value=level))
    parts += [mark("event", event.name, step=event.step) for event in marked(events)]
    loss = runs["loss"]
    said = (
        f"Loss over {loss.steps[-1]} steps: {loss.values[0]:z.2f} at first, {loss.values[-1]:z.2f} "
        f"now; the ln K line, where every code over {prototypes} prototypes is even, stands at "
        f"{level:z.2f}. "
        f"{_events_in_words(events)}"
    )
    return Drawing(_loss_spec(dark, last), table(parts), said)


def direction_chart(runs: Runs, *, last: int = 0, dark: bool = False) -> Drawing:
    """The loss of each direction: the code of one sensor predicted from the other.

    Raises:
        PlantEduError: if the run has no cross-sensor directions.
    """
    shown = [name for name in (*DIRECTIONS, "same_sensor") if name in runs]
    require(bool(shown), "This run recorded no loss by direction.")
    names = {
        "x1_to_x2": "RGB's code, read from RGN",
        "x2_to_x1": "RGN's code, read from RGB",
        "same_sensor": "within one sensor",
    }
    most = MOST // len(shown)
    parts = [thinned(runs[name], most, "line", names[name]) for name in shown]
    now = "; ".join(f"{names[name]} {runs[name].values[-1]:z.2f}" for name in shown)
    colour_of = {**DIRECTIONS, "same_sensor": "both"}
    spec = _lines_spec(
        tuple(names[name] for name in shown),
        tuple(colours(*(colour_of[name] for name in shown), dark=dark)),
        "loss, nats",
        last,
    )
    return Drawing(spec, table(parts), f"Loss by direction, now: {now}.")


def usage_chart(runs: Runs, *, last: int = 0, dark: bool = False) -> Drawing:
    """How evenly the prototypes are used, as a share of K; all used alike is 1.

    Raises:
        PlantEduError: if the run did not record it.
    """
    _need(runs, "prototype_usage")
    usage = runs["prototype_usage"]
    name = "prototypes in use"
    rows = table([thinned(usage, MOST, "line", name)])
    said = (
        f"Share of prototypes in use: {usage.values[0]:z.2f} at first, {usage.values[-1]:z.2f} now."
    )
    spec = _lines_spec((name,), (colour("loss", dark=dark),), "share of K", last)
    return Drawing(spec, rows, said)


def rate_chart(runs: Runs, *, last: int = 0, dark: bool = False) -> Drawing:
    """The learning rate over the steps.

    Raises:
        PlantEduError: if the run did not record it.
    """
    _need(runs, "learning_rate")
    rate = runs["learning_rate"]
    rows = table([thinned(rate, MOST, "line", "learning rate")])
    spec = _lines_spec(("learning rate",), (colour("event", dark=dark),), "learning rate", last)
    return Drawing(spec, rows, f"Learning rate, {rate.values[-1]:.2g} now.")


def probe_chart(
    runs: Runs, factor: str, *, begins: str = RANDOM, last: int = 0, dark: bool = False
) -> Drawing:
    """One factor's probes over the steps, from each sensor's features and from both.

    Drawn with each: the 95 % band over held-out plants, the same probe on shuffled labels, chance,
    and as a dashed line the random-init control. A run from another encoder has that one's value
    (step 0) as a thin line too, and so has a run that recorded no control.

    Args:
        runs: Series by name.
        factor: Which one.
        begins: What the run began with, see `tables.beginning`.
        last: The run's last step, where the axis ends; 0 for the data's own end.
        dark: Whether the page is dark.

    Raises:
        PlantEduError: if a probe comes without its shuffled-label null.
    """
    views = [view for view in VIEWS if f"probe/{factor}/{view}" in runs]
    require(bool(views), f"This run does not probe {factor!r}.")
    own = begins != RANDOM
    parts = [part for view in views for part in _probe_parts(runs, factor, view, len(views), own)]
    unit = probe_unit(runs, factor)
    said = _probe_alt(runs, factor, views, begins)
    return Drawing(_probe_spec(unit, dark, last), table(parts), said)


def marked(events: Sequence[Event]) -> list[Event]:
    """Events that a chart marks: what changed the run, not its bookkeeping."""
    quiet = {"start", "checkpoint", "render done", "worker lost", "worker back", "given back"}
    return [event for event in events if event.name not in quiet]


def _probe_parts(runs: Runs, factor: str, view: str, views: int, own: bool) -> list[Part]:
    name = f"probe/{factor}/{view}"
    null, chance, control = (name.replace("probe", k, 1) for k in ("null", "chance", "random"))
    _need(runs, null)
    most = MOST // (2 * views) - 2
    first = float(runs[name].values[0])
    level = float(runs[chance].values[0]) if chance in runs else 0.0
    parts = [
        thinned(runs[name], most, "probe", NAMES[view]),
        thinned(runs[null], most, "null", NAMES[view]),
        mark("chance", NAMES[view], value=level),
    ]
    if control in runs:
        parts.append(mark(CONTROL, NAMES[view], value=float(runs[control].values[0])))
    return (
        parts if control in runs and not own else [*parts, mark("step 0", NAMES[view], value=first)]
    )


def _probe_alt(runs: Runs, factor: str, views: Sequence[str], begins: str) -> str:
    now = ", ".join(
        f"{NAMES[view]} {runs[f'probe/{factor}/{view}'].values[-1]:z.2f} "
        f"({begins} {runs[f'probe/{factor}/{view}'].values[0]:z.2f}"
        f"{_control_alt(runs, f'random/{factor}/{view}')})"
        for view in views
    )
    null = runs[f"null/{factor}/{views[-1]}"].values[-1]
    step = runs[f"probe/{factor}/{views[-1]}"].steps[-1]
    unit = probe_unit(runs, factor)
    return f"Probe for {factor}, {unit} at step {step}: {now}; shuffled labels {null:z.2f}."


def _control_alt(runs: Runs, name: str) -> str:
    return f", {CONTROL} {runs[name].values[0]:z.2f}" if name in runs else ""


def _events_in_words(events: Sequence[Event]) -> str:
    said = ", ".join(f"{event.name} at step {event.step}" for event in marked(events))
    return f"Marked: {said}." if said else ""


def _need(runs: Runs, name: str) -> None:
    if name not in runs or not len(runs[name]):
        raise PlantEduError(f"This run has recorded no {name} yet.")


def _steps(last: int, title: str | None = "step") -> alt.X:
    """The axis of steps, up to the last step of the run where that is known."""
    scale = alt.Scale(domain=[0, last]) if last else alt.Undefined
    return alt.X("step:Q", title=title, axis=alt.Axis(tickCount=5, grid=False), scale=scale)


@lru_cache(maxsize=64)
def _loss_spec(dark: bool, last: int) -> dict[str, Any]:
    names = [NAMES[part] for part in LOSS_PARTS]
    paint = alt.Scale(domain=names, range=colours(*LOSS_PARTS, dark=dark))
    dash = alt.Scale(domain=names, range=[DASHES[part] for part in LOSS_PARTS])
    legend = alt.Legend(orient="top", title=None, symbolSize=400)
    value = alt.Y("value:Q", title="nats", scale=alt.Scale(zero=False))
    lines = only("line").mark_line(strokeWidth=1.6)
    lines = lines.encode(
        _steps(last),
        value,
        alt.Color("name:N", scale=paint, legend=legend),
        alt.StrokeDash("name:N", scale=dash, legend=legend),
        tooltip=["name:N", "step:Q", alt.Tooltip("value:Q", format=".3f")],
    )
    floor = colour("floor", dark=dark)
    level = only("floor").mark_rule(color=floor, strokeDash=[6, 4]).encode(value)
    words = only("floor").mark_text(color=floor, align="right", baseline="bottom", dx=-4, dy=-2)
    words = words.encode(value, x=alt.value("width"), text="name:N")
    return built(alt.layer(lines, level, words, *_event_marks(dark, last)).properties(height=330))


def _event_marks(dark: bool, last: int) -> list[alt.Chart]:
    """A rule at the step of each event, and its name beside its upper end."""
    paint = colour("event", dark=dark)
    rules = only("event").mark_rule(color=paint, strokeDash=[2, 3]).encode(_steps(last))
    words = only("event").mark_text(color=paint, align="left", baseline="top", dx=5)
    return [rules, words.encode(_steps(last), y=alt.value(2), text="name:N")]


@lru_cache(maxsize=64)
def _lines_spec(
    names: tuple[str, ...], paint: tuple[str, ...], title: str, last: int
) -> dict[str, Any]:
    scale = alt.Scale(domain=list(names), range=list(paint))
    legend = alt.Legend(orient="top", title=None, columns=1) if len(names) > 1 else None
    lines = only("line").mark_line(strokeWidth=1.4)
    lines = lines.encode(
        _steps(last),
        alt.Y("value:Q", title=title, scale=alt.Scale(zero=False)),
        alt.Color("name:N", scale=scale, legend=legend),
        tooltip=["name:N", "step:Q", alt.Tooltip("value:Q", format=".3g")],
    )
    return built(lines.properties(height=250 if legend else 210))


@lru_cache(maxsize=64)
def _probe_spec(unit: str, dark: bool, last: int) -> dict[str, Any]:
    names = [NAMES[view] for view in VIEWS]
    scale = alt.Scale(domain=names, range=colours(*VIEWS, dark=dark))
    paint = alt.Color("name:N", scale=scale, legend=None)
    ends = alt.Scale(domain=[0, 1] if unit == "accuracy" else [LOWEST_R2, 1], clamp=True)
    value = alt.Y("value:Q", title=None, scale=ends, axis=alt.Axis(tickCount=4))
    step = _steps(last, None)
    low, high = alt.Y("low:Q", scale=ends), alt.Y2("high:Q")
    null = colour("null", dark=dark)
    tooltip = ["name:N", "kind:N", "step:Q", alt.Tooltip("value:Q", format=".3f")]
    layers = [
        only("chance").mark_rule(color=colour("chance", dark=dark), strokeDash=[1, 3]),
        only("step 0").mark_rule(strokeWidth=0.8, opacity=0.8).encode(paint),
        only(CONTROL).mark_rule(strokeDash=[6, 4], opacity=0.8).encode(paint),
        only("null").mark_area(opacity=0.12, color=null, line=False).encode(step, low, high),
        only("null").mark_line(strokeWidth=1, color=null, tooltip=True),
        only("probe").mark_area(opacity=0.18).encode(step, low, high, paint),
        only("probe").mark_line(strokeWidth=1.8, point=alt.OverlayMarkDef(size=14)),
    ]
    layers[:3] = [layer.encode(value) for layer in layers[:3]]
    layers[3] = layers[3].encode(alt.Detail("name:N"))
    layers[4] = layers[4].encode(step, value, alt.Detail("name:N"), tooltip=tooltip)
    layers[6] = layers[6].encode(step, value, paint, tooltip=tooltip)
    return built(alt.layer(*layers).properties(height=170))
