"""Curves of somebody else's loop: probes by layer beside their nulls, and the loop's loss.

A probe's accuracy on single batches jumps; what is drawn is its running mean, which weighs a batch
.1 and forgets. The numbers in the table and in the store are raw.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import altair as alt
import numpy as np

from plantedu.charts.chart import Drawing, Part, built, mark, only, table
from plantedu.charts.palette import colour, colours
from plantedu.charts.tables import Runs
from plantedu.errors import require
from plantedu.store.run import Event
from plantedu.store.series import Series, buckets

AXES = {
    "step": "training batches so far",
    "loss": "loss, as the loop gives it",
    "probe/LAYER": "share of a batch that a linear probe on the layer names right, before it "
    "learns from the batch; 0 to 1",
    "null/LAYER": "the same of a probe that learns from shuffled labels",
    "start/LAYER": "the same on the random-init twin, through the first episode",
    "chance": "share of the most frequent class so far: the best constant answer",
    "gap/LAYER": "mean p_y - q_y, head minus probe, -1 to 1",
    "valid/LAYER": "the probe on validation data, mean of a pass",
}
MOST, WEIGHT = 1600, 0.1
HUES = ("first", "second", "third", "fourth", "fifth")


def layers_in(runs: Runs) -> list[str]:
    """Layers that are probed, in the order of their keys; a factor of our own runs has a view."""
    return [name.split("/", 1)[1] for name in runs if name.startswith("probe/")]


def loop_chart(runs: Runs, events: Sequence[Event] = (), *, dark: bool = False) -> Drawing:
    """Probes of each layer over the batches, with shuffled labels, chance, start and restarts.

    Args:
        runs: Series by key, see AXES.
        events: Restarts and what else happened.
        dark: Whether the page is dark.

    Raises:
        PlantEduError: if no layer was probed yet.
    """
    layers = layers_in(runs)
    require(bool(layers), "No batch has been probed yet.")
    most = MOST // (2 * len(layers))
    parts, said = [], []
    for layer in layers:
        probe = runs[f"probe/{layer}"]
        parts.append(_smooth("probe", layer, probe, most))
        words = f"{layer} {parts[-1].value[-1]:z.2f}"
        for kind in ("null", "start"):
            if f"{kind}/{layer}" in runs:
                one = _smooth(kind, layer, runs[f"{kind}/{layer}"], most)
                named = {"null": "shuffled labels", "start": "random-init start"}[kind]
                words += f", {named} {one.value[-1]:z.2f}"
                level = mark("start", layer, value=float(one.value[-1]))
                parts.append(one if kind == "null" else level)
        said.append(words)
    level = float(runs["chance"].values[-1]) if "chance" in runs else 0.0
    parts += [mark("chance", "chance", value=level)]
    parts += [mark("event", event.name, step=event.step) for event in events]
    starts = f" The probes started anew {len(events)} times." if events else ""
    last = int(runs[f"probe/{layers[0]}"].steps[-1])
    words = (
        f"Share named right by a linear probe after {last} batches, running mean: "
        f"{'; '.join(said)}. Chance {level:z.2f}.{starts}"
    )
    return Drawing(_spec(tuple(layers), dark), table(parts), words)


def loop_loss_chart(runs: Runs, events: Sequence[Event] = (), *, dark: bool = False) -> Drawing:
    """The loop's own loss, as it gave it, with the probes' restarts.

    Raises:
        PlantEduError: if no loss was logged.
    """
    require("loss" in runs and len(runs["loss"]) > 0, "This loop has logged no loss yet.")
    loss = buckets(runs["loss"], MOST)
    parts = [Part("line", "loss", loss.steps, loss.values, loss.lows, loss.highs)]
    parts += [mark("event", event.name, step=event.step) for event in events]
    words = f"Loss: {loss.values[0]:.3g} at first, {loss.values[-1]:.3g} at step {loss.steps[-1]}."
    return Drawing(_loss_spec(dark), table(parts), words)


def _smooth(kind: str, name: str, series: Series, most: int) -> Part:
    """A running mean that does not lean to where it began, at so many rows."""
    level, weight = 0.0, 0.0
    values = np.empty(len(series))
    for k, value in enumerate(series.values):
        level = (1 - WEIGHT) * level + WEIGHT * float(value)
        weight = (1 - WEIGHT) * weight + WEIGHT
        values[k] = level / weight
    every = np.unique(np.linspace(0, len(values) - 1, min(most, len(values))).astype(int))
    none = np.full(len(every), np.nan)
    return Part(kind, name, series.steps[every], values[every], none, none)


def _axis() -> alt.X:
    return alt.X("step:Q", title=AXES["step"], axis=alt.Axis(tickCount=5, grid=False))


def _restarts(dark: bool) -> alt.Chart:
    paint = colour("event", dark=dark)
    return only("event").mark_rule(color=paint, strokeDash=[2, 3], opacity=0.6).encode(_axis())


@lru_cache(maxsize=32)
def _spec(layers: tuple[str, ...], dark: bool) -> dict[str, Any]:
    hues = [HUES[k % len(HUES)] for k in range(len(layers))]
    scale = alt.Scale(domain=list(layers), range=colours(*hues, dark=dark))
    paint = alt.Color("name:N", scale=scale, legend=alt.Legend(orient="top", title=None))
    value = alt.Y("value:Q", title="share named right", scale=alt.Scale(domain=[0, 1]))
    tips = ["name:N", "kind:N", "step:Q", alt.Tooltip("value:Q", format=".3f")]
    null = colour("null", dark=dark)
    chance = only("chance").mark_rule(color=colour("chance", dark=dark), strokeDash=[1, 3])
    shuffled = only("null").mark_line(strokeWidth=1, color=null)
    layers_ = [
        _restarts(dark),
        chance.encode(value),
        only("start").mark_rule(strokeDash=[6, 4], opacity=0.8).encode(value, paint),
        shuffled.encode(_axis(), value, alt.Detail("name:N"), tooltip=tips),
        only("probe").mark_line(strokeWidth=1.8).encode(_axis(), value, paint, tooltip=tips),
    ]
    return built(alt.layer(*layers_).properties(height=260))


@lru_cache(maxsize=2)
def _loss_spec(dark: bool) -> dict[str, Any]:
    line = only("line").mark_line(strokeWidth=1.4, color=colour("loss", dark=dark))
    value = alt.Y("value:Q", title="loss", scale=alt.Scale(zero=False))
    line = line.encode(_axis(), value, tooltip=["step:Q", alt.Tooltip("value:Q", format=".4g")])
    return built(alt.layer(_restarts(dark), line).properties(height=220))


def others_chart(runs: Runs, name: str, *, dark: bool = False) -> Drawing:
    """Any other series of a log, as it is.

    Raises:
        PlantEduError: if it was not logged.
    """
    require(name in runs, f"This run has recorded no {name}.")
    one = buckets(runs[name], MOST)
    parts = [Part("line", name, one.steps, one.values, one.lows, one.highs)]
    words = f"{name}: {one.values[0]:.3g} at first, {one.values[-1]:.3g} at step {one.steps[-1]}."
    return Drawing(_other_spec(name, dark), table(parts), words)


@lru_cache(maxsize=32)
def _other_spec(name: str, dark: bool) -> dict[str, Any]:
    line = only("line").mark_line(strokeWidth=1.4, color=colour("first", dark=dark))
    value = alt.Y("value:Q", title=name, scale=alt.Scale(zero=False))
    line = line.encode(_axis(), value, tooltip=["step:Q", alt.Tooltip("value:Q", format=".4g")])
    return built(line.properties(height=160))
