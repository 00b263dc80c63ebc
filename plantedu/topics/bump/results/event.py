"""The result of `bump event`: what changed across an event, who moved, and the charts.

Lesson: 03_bump.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from plantedu.charts.chart import Drawing, built
from plantedu.charts.palette import colour
from plantedu.errors import require
from plantedu.serialization import AsJson
from plantedu.statistics.evidence import Evidence
from plantedu.zoo.checkpoint_pairs import Paired


@dataclass(frozen=True)
class Change:
    """One measure at all four checkpoints.

    Attributes:
        name: What is measured.
        unit: Of the measure.
        ends: Before and after the event.
        control_ends: Before and after in the control pair.
        chance: What the measure gives at random; None where that means nothing.
        evidence: The change; null: the control pair's change.
    """

    name: str
    unit: str
    ends: tuple[float, float]
    control_ends: tuple[float, float]
    chance: float | None
    evidence: Evidence


@dataclass(frozen=True)
class Shift:
    """One change of the loss, plant by plant.

    Attributes:
        name: What changed.
        mean: Mean change in nats; null: the control's.
        share: Share of the change that the top tenth of plants has; null: an even shift with the
            control's noise.
        even: Range of the null share, at the level of `share`.
        fell: Plants whose loss fell.
        sign_p: Two-sided sign test of "as many rise as fall".
        verdict: "uniform", "uneven", "concentrated", or "none" where the mean is not distinguished
            from the control's.
        by_class: Mean change of the plants of each class.
        plants: d_i, sorted.
        control: c_i, sorted.
    """

    name: str
    mean: Evidence
    share: Evidence
    even: tuple[float, float]
    fell: int
    sign_p: float
    verdict: str
    by_class: dict[str, float]
    plants: tuple[float, ...]
    control: tuple[float, ...]


@dataclass(frozen=True)
class WhoMoved:
    """Who moved, and why we say so.

    Attributes:
        who: "ruler", "model", "both" or "nobody".
        seen: Share of the logged change that the first ruler sees.
        why: The reason in a sentence or two.
    """

    who: str
    seen: float
    why: str


@dataclass(frozen=True)
class Settings:
    """How much is looked at.

    Attributes:
        plants: Held-out plants behind probes, ranks, RankMe and CKA; as many train the probes.
        pack: Held-out plants whose losses are compared, a multiple of the batch.
        queue: Embeddings per sensor in the second ruler; 0 takes the run's own, or 512.
        probe_seeds: Shuffles of the labels a factor.
        seed: Draws the pack's crops, the probes and the resamples.
    """

    plants: int = 256
    pack: int = 256
    queue: int = 0
    probe_seeds: int = 3
    seed: int = 0

    def __post_init__(self) -> None:
        require(self.plants >= 20, f"plants must be at least 20, got {self.plants}.")
        require(self.pack >= 20, f"pack must be at least 20 plants, got {self.pack}.")
        require(self.probe_seeds >= 1, f"probe_seeds must be 1 or more, got {self.probe_seeds}.")


@dataclass(frozen=True)
class EventResult(AsJson):
    """All that changed, and who moved.

    Attributes:
        stages: Name of each checkpoint: before, after, control before, control after.
        steps: Step of each.
        distances: Relative distance of the weights by part, of the event's and the control's pair.
        rulers: Names of the first and the second ruler.
        changes: Measures at each end.
        alike: Debiased CKA before against after, by layer; null: the control pair's.
        shifts: Changes of the loss by plant.
        verdict: Who moved.
    """

    settings: Settings
    stages: tuple[str, ...]
    steps: tuple[int, ...]
    distances: dict[str, dict[str, float]]
    rulers: tuple[str, str]
    changes: tuple[Change, ...]
    alike: dict[str, Evidence]
    shifts: tuple[Shift, ...]
    verdict: WhoMoved

    def of(self, name: str) -> Change:
        """One of the measures."""
        return next(change for change in self.changes if change.name == name)

    def shift(self, name: str) -> Shift:
        """One of the shifts: "log", "first ruler", "second ruler" or "ruler alone"."""
        return next(one for one in self.shifts if one.name == name)

    def chart(self, *, dark: bool = False) -> Drawing:
        """Each measure before and after, the control pair in grey below it."""
        rows = [
            (c.name, c.unit, c.ends, c.control_ends, c.chance, c.evidence) for c in self.changes
        ]
        return change_chart(rows, dark=dark)

    def shift_chart(self, *, dark: bool = False) -> Drawing:
        """The change of every plant's loss, sorted, under both rulers and from the ruler alone."""
        return shift_chart(
            [(s.name, s.plants, s.control, s.verdict, s.share, s.even) for s in self.shifts],
            dark=dark,
        )


@dataclass(frozen=True)
class Request(Paired, Settings):
    """What changed across an event, beside a pair of checkpoints without one."""


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
        f"{name} {ends[0]:z.2f} to {ends[1]:z.2f} (control {null[0]:z.2f} to {null[1]:z.2f})"
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
        f"{SAYS.get(name, name)} {verdict}: mean {np.mean(plants):+z.2f} nats (control "
        f"{np.mean(control):+z.2f}), the top tenth of the plants has {share.value:.0%} (an even "
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
    values = {
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
        values | {"kind": "pair", "pair": pair, "before": max(a, LOWEST), "after": max(b, LOWEST)}
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
