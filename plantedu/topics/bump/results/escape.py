"""The result of `bump escape`: stages of one run under fixed rulers, and the chart.

Lesson: 03_bump.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import altair as alt
import pandas as pd
import tyro

from plantedu.charts.chart import Drawing, built
from plantedu.charts.palette import colour
from plantedu.errors import require
from plantedu.serialization import AsJson
from plantedu.statistics.evidence import Evidence

MEASURES = ("loss", "second", "entropy", "divergence", "disease", "mrr", "rankme")


@dataclass(frozen=True)
class Settings:
    """How much is looked at.

    Attributes:
        plants: Held-out plants behind probe, ranks and RankMe; as many train the probe.
        pack: Held-out plants whose losses are taken.
        queue: Embeddings per sensor in the second ruler.
        probe_seeds: Shuffles of the labels.
        seed: Draws the pack's crops and the probes.
    """

    plants: int = 256
    pack: int = 256
    queue: int = 512
    probe_seeds: int = 3
    seed: int = 0

    def __post_init__(self) -> None:
        require(self.plants >= 20, f"plants must be at least 20, got {self.plants}.")
        require(self.queue >= 1, f"The second ruler needs a queue of at least 1, got {self.queue}.")


@dataclass(frozen=True)
class Stop:
    """One stage: each measure with its null."""

    name: str
    step: int
    measures: dict[str, Evidence]


@dataclass(frozen=True)
class EscapeResult(AsJson):
    """All stages in order.

    Attributes:
        rulers: Names of the two fixed rulers.
        plateau: Step of the stage whose loss is nearest ln K.
        halfway: Step at which each measure has done half of its way; None where it has no way.
    """

    settings: Settings
    rulers: tuple[str, str]
    stops: tuple[Stop, ...]
    plateau: int
    halfway: dict[str, float | None]

    def series(self, measure: str) -> tuple[list[int], list[float]]:
        """Steps and values of one measure."""
        steps = [stop.step for stop in self.stops]
        return steps, [stop.measures[measure].value for stop in self.stops]

    def chart(self, *, dark: bool = False) -> Drawing:
        """A panel a measure over the steps, each with its null, halves marked."""
        stops = [(stop.step, stop.measures) for stop in self.stops]
        return escape_chart(stops, self.rulers, self.halfway, dark=dark)


@dataclass(frozen=True)
class Request(Settings):
    """Stages of one run through its escape from the plateau, under fixed rulers.

    Attributes:
        stages: Names or files of one run; those that ship by default.
    """

    stages: tyro.conf.Positional[tuple[str, ...]] = ()


TITLES = {
    "loss": "loss, first ruler (nats)",
    "second": "loss, second ruler (nats)",
    "entropy": "H(q), first ruler (nats)",
    "divergence": "KL(q||p), first ruler (nats)",
    "disease": "disease, probe (accuracy)",
    "mrr": "partner found (MRR)",
    "rankme": "directions of z (RankMe)",
}


def escape_chart(
    stops: Sequence[tuple[int, Mapping[str, Evidence]]],
    rulers: tuple[str, str],
    halfway: Mapping[str, float | None],
    *,
    dark: bool = False,
) -> Drawing:
    """A panel a measure over the steps; null dashed in grey, the half of its way as a rule.

    Args:
        stops: Step and measures of each stage.
        rulers: Names of the two fixed rulers.
        halfway: Step at which each measure has done half of its way.
        dark: Whether the page is dark.

    Raises:
        PlantEduError: without stages.
    """
    require(bool(stops), "There are no stages to draw yet.")
    names = [name for name in TITLES if name in stops[0][1]]
    rows = [_row(step, name, found[name], halfway) for step, found in stops for name in names]
    first, last = stops[0], stops[-1]
    said = "; ".join(
        f"{TITLES[name]} {first[1][name].value:z.2f} to {last[1][name].value:z.2f} "
        f"({last[1][name].control}: {last[1][name].null:z.2f})"
        + (f", halfway at step {half:z.0f}" if (half := halfway.get(name)) is not None else "")
        for name in names
    )
    caption = (
        f"Stages {first[0]} to {last[0]} under fixed rulers ({rulers[0]}; {rulers[1]}): {said}. "
        f"n = {last[1]['loss'].n}."
    )
    return Drawing(_spec(tuple(TITLES[name] for name in names), dark), pd.DataFrame(rows), caption)


def _row(
    step: int, name: str, found: Evidence, halfway: Mapping[str, float | None]
) -> dict[str, Any]:
    low, high = found.interval or (found.value, found.value)
    return {
        "what": TITLES[name],
        "step": step,
        "value": found.value,
        "low": low,
        "high": high,
        "null": found.null,
        "half": halfway.get(name),
    }


@lru_cache(maxsize=4)
def _spec(titles: tuple[str, ...], dark: bool) -> dict[str, Any]:
    ink, null, event = (colour(name, dark=dark) for name in ("loss", "null", "event"))
    x = alt.X("step:Q", title="step", axis=alt.Axis(tickCount=4, grid=False))
    y = alt.Y("value:Q", title=None, scale=alt.Scale(zero=False))
    tips = ["what:N", "step:Q"]
    tips += [alt.Tooltip(f"{name}:Q", format=".3f") for name in ("value", "low", "high", "null")]
    base = alt.Chart(alt.Data(name="rows"))
    layers = alt.layer(
        base.mark_rule(color=event, strokeDash=[1, 3]).encode(alt.X("half:Q")),
        base.mark_area(color=ink, opacity=0.2).encode(x, alt.Y("low:Q"), y2="high:Q"),
        base.mark_line(color=null, strokeDash=[4, 3]).encode(x, alt.Y("null:Q")),
        base.mark_line(color=ink, point={"size": 25, "color": ink}).encode(x, y, tooltip=tips),
    ).properties(width=200, height=120)
    facet = alt.Facet("what:N", title=None, sort=list(titles))
    return built(layers.facet(facet=facet, columns=3).resolve_scale(y="independent"))
