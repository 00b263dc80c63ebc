"""Charts of an event: measures before and after it, and the change of every plant's loss."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from plantedu.charts.chart import Drawing, built
from plantedu.charts.palette import colour
from plantedu.errors import require
from plantedu.statistics.evidence import Evidence

Measure = tuple[str, str, tuple[float, float], tuple[float, float], float | None, Evidence]
Spread = tuple[str, Sequence[float], Sequence[float], str, Evidence, tuple[float, float]]
LOWEST = -0.3  # a worse score of a probe is drawn on this edge
SAYS = {
    "log": "as the log has it",
    "first ruler": "under the first ruler",
    "second ruler": "under the second ruler",
    "ruler alone": "from the ruler alone, weights unchanged",
    "stale queue": "the run's own queue for a fresh one, weights unchanged",
}


def change_chart(measures: Sequence[Measure], *, dark: bool = False) -> Drawing:
    """Each measure as a line from before (ring) to after (dot); the control pair's in grey below.

    Args:
        measures: Name, unit, ends, ends of the control pair, chance, and the change.
        dark: Whether the page is dark.

    Raises:
        PlantEduError: without measures.
    """
    require(bool(measures), "There is nothing to compare yet.")
    rows = [row for one in measures for row in _ends(one)]
    said = "; ".join(
        f"{name} {ends[0]:.2f} to {ends[1]:.2f} (control {null[0]:.2f} to {null[1]:.2f})"
        for name, _, ends, null, _, _ in measures
    )
    units = tuple(dict.fromkeys(unit for _, unit, *_ in measures))
    caption = f"Before and after the event: {said}. {measures[0][-1].caption()}."
    return Drawing(_change_spec(units, dark), pd.DataFrame(rows), caption)


def shift_chart(spreads: Sequence[Spread], *, dark: bool = False) -> Drawing:
    """Change of every plant's loss, from the largest fall to the largest rise, one panel a change.

    The control's plants are drawn in grey, and a dashed rule marks no change.

    Args:
        spreads: Name, sorted changes, sorted changes of the control, verdict, share of the top
            tenth, and the range of an even shift's share.
        dark: Whether the page is dark.

    Raises:
        PlantEduError: without spreads.
    """
    require(bool(spreads), "There is nothing to compare yet.")
    rows = [row for one in spreads for row in _sorted(one)]
    rows += [{"kind": "zero", "what": SAYS.get(one[0], one[0]), "change": 0.0} for one in spreads]
    said = "; ".join(
        f"{SAYS.get(name, name)} {verdict}: mean {np.mean(plants):+.2f} nats (control "
        f"{np.mean(control):+.2f}), the top tenth of the plants has {share.value:.0%} (an even "
        f"shift {even[0]:.0%} to {even[1]:.0%})"
        for name, plants, control, verdict, share, even in spreads
    )
    n = len(spreads[0][1])
    return Drawing(
        _shift_spec(dark), pd.DataFrame(rows), f"Change of each plant's loss, {n} plants: {said}."
    )


def _ends(one: Measure) -> list[dict[str, Any]]:
    name, unit, ends, null, chance, change = one
    low, high = change.interval or (change.value, change.value)
    told = {
        "what": name,
        "unit": unit,
        "chance": chance,
        "change": change.value,
        "low": low,
        "high": high,
        "control change": change.null,
    }
    pairs = {"event": ends, "control": null}
    return [
        told | {"kind": "pair", "pair": pair, "before": max(a, LOWEST), "after": max(b, LOWEST)}
        for pair, (a, b) in pairs.items()
    ]


def _sorted(one: Spread) -> list[dict[str, Any]]:
    name, plants, control, *_ = one
    return [
        {
            "kind": "plant",
            "what": SAYS.get(name, name),
            "pair": pair,
            "share": (k + 0.5) / len(values),
            "change": value,
        }
        for pair, values in (("event", plants), ("control", control))
        for k, value in enumerate(values)
    ]


def _pairs(dark: bool) -> alt.Color:
    range_ = [colour("loss", dark=dark), colour("null", dark=dark)]
    scale = alt.Scale(domain=["event", "control"], range=range_)
    return alt.Color("pair:N", title=None, scale=scale, legend=alt.Legend(orient="top"))


@lru_cache(maxsize=8)
def _change_spec(units: tuple[str, ...], dark: bool) -> dict[str, Any]:
    """A panel a unit, for scales differ; within it a line a measure and pair."""
    page = colour("chance", dark=dark)
    tips = ["what:N", "pair:N"] + [
        alt.Tooltip(f"{name}:Q", format=".3f")
        for name in ("before", "after", "change", "low", "high", "control change", "chance")
    ]
    axis = alt.Axis(labelLimit=230, ticks=False, domain=False)
    y = alt.Y("what:N", title=None, sort=None, axis=axis)
    tint, x = _pairs(dark), alt.X("after:Q", title=None, scale=alt.Scale(zero=False, nice=True))
    rows = alt.Chart(alt.Data(name="rows"))  # one source for all, as a facet wants it
    layers = [rows.mark_tick(color=page, thickness=2).encode(alt.X("chance:Q"), y)]
    for pair, down in (("event", -4), ("control", 5)):
        base = rows.transform_filter(f"datum.pair == '{pair}'")
        line = base.mark_rule(strokeWidth=2, yOffset=down)
        ring = base.mark_point(size=40, filled=False, yOffset=down)
        dot = base.mark_point(size=50, filled=True, opacity=1, yOffset=down)
        layers += [
            line.encode(alt.X("before:Q"), y, x2="after:Q", color=tint),
            ring.encode(alt.X("before:Q"), y, color=tint, tooltip=tips),
            dot.encode(x, y, color=tint, tooltip=tips),
        ]
    panel = alt.layer(*layers).properties(width=300, height=alt.Step(24))
    faceted = panel.facet(row=alt.Row("unit:N", title=None, sort=list(units)))
    return built(faceted.resolve_scale(x="independent", y="independent"))


@lru_cache(maxsize=2)
def _shift_spec(dark: bool) -> dict[str, Any]:
    rows = alt.Chart(alt.Data(name="rows"))  # one source for both, as a facet wants it
    base, zero = (rows.transform_filter(f"datum.kind == '{kind}'") for kind in ("plant", "zero"))
    x = alt.X("share:Q", title="plants, sorted", axis=alt.Axis(format="%", grid=False, tickCount=3))
    y = alt.Y("change:Q", title="change of the loss, nats")
    tips = ["what:N", "pair:N", alt.Tooltip("change:Q", format=".2f")]
    null = colour("null", dark=dark)
    layers = alt.layer(
        zero.mark_rule(color=null, strokeDash=[4, 3]).encode(y),
        base.mark_line(strokeWidth=2).encode(x, y, color=_pairs(dark), tooltip=tips),
    )
    panel = layers.properties(width=210, height=170)
    facet = alt.Facet("what:N", title=None, sort=list(SAYS.values()))
    return built(panel.facet(facet=facet, columns=2))
