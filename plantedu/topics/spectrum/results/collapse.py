"""What `spectrum collapse` is asked, what it gives, and its chart.

Lesson: 07_spectrum.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import altair as alt
import pandas as pd

from plantedu.charts.chart import Drawing, built
from plantedu.charts.palette import colour
from plantedu.errors import require
from plantedu.serialization import AsJson
from plantedu.statistics.evidence import Evidence
from plantedu.topics.spectrum.results.eigenvalues import rank_chart

SAYS = {
    "rankme": "RankMe",
    "pr": "participation ratio",
    "alpha": "alpha, ranks 5 to 32",
    "horn": "directions above shuffled columns",
}
Stops = Sequence[tuple[str, int, Mapping[str, Evidence]]]


@dataclass(frozen=True)
class Settings:
    """How much is looked at.

    Attributes:
        layer: h, z or pixels.
        plants: Held-out plants; both pictures of each are rows.
        halves: Half-samples behind an interval.
        shuffles: Shuffled tables of parallel analysis.
        seed: Draws halves and shuffles.
    """

    layer: str = "z"
    plants: int = 256
    halves: int = 40
    shuffles: int = 39
    seed: int = 0

    def __post_init__(self) -> None:
        require(self.plants >= 8, f"plants must be at least 8, got {self.plants}.")
        require(self.halves >= 10, f"halves must be at least 10, got {self.halves}.")
        require(self.shuffles >= 19, f"shuffles must be at least 19, got {self.shuffles}.")


@dataclass(frozen=True)
class Stop:
    """One checkpoint.

    Attributes:
        name: Which one.
        step: Its step.
        measures: By name; one that is not defined here is left out.
        values: Covariance eigenvalues over their sum, the largest first.
        says: What to mind.
    """

    name: str
    step: int
    measures: dict[str, Evidence]
    values: tuple[float, ...]
    says: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class CollapseResult(AsJson):
    """Checkpoints in order of their steps.

    Attributes:
        settings: How much was looked at.
        dim: Width of the layer.
        rows: Rows behind every number.
        stops: The checkpoints.
        random_values: Covariance eigenvalues of the random-init encoder.
    """

    settings: Settings
    dim: int
    rows: int
    stops: tuple[Stop, ...]
    random_values: tuple[float, ...]

    def chart(self, *, dark: bool = False) -> Drawing:
        """A panel a measure over the steps, with its interval and the random-init encoder."""
        stops = [(stop.name, stop.step, stop.measures) for stop in self.stops]
        return ranks_chart(stops, self.settings.layer, dark=dark)

    def spectrum_chart(self, place: int = -1, *, dark: bool = False) -> Drawing:
        """Eigenvalues of one checkpoint on log axes, beside the first one and random init."""
        stop, first = self.stops[place], self.stops[0]
        lines = {f"step {stop.step}": stop.values}
        nulls = {"random-init encoder": self.random_values}
        if stop is not first:
            nulls = {f"first one, step {first.step}": first.values, **nulls}
        summary = "; ".join(f"{k} {e.value:z.1f}" for k, e in stop.measures.items())
        said = (
            f"{stop.name}, {self.settings.layer}: {len(stop.values)} eigenvalues of the covariance "
            f"over their sum, {self.rows} rows. {summary}. {stop.measures['rankme'].caption()}."
        )
        return rank_chart(lines, nulls, "share of variance", said, dark=dark)


def ranks_chart(stops: Stops, layer: str, *, dark: bool = False) -> Drawing:
    """A panel a measure: value with its interval over the steps, the random-init encoder dashed.

    Args:
        stops: Name, step and measures of each checkpoint, in order.
        layer: Whose spectra.
        dark: Whether the page is dark.

    Raises:
        PlantEduError: without checkpoints.
    """
    require(bool(stops), "There are no checkpoints to draw yet.")
    rows = [
        {
            "measure": SAYS[name],
            "checkpoint": checkpoint,
            "step": step,
            "value": one.value,
            "low": (one.interval or (None, None))[0],
            "high": (one.interval or (None, None))[1],
            "null": one.null,
        }
        for checkpoint, step, measures in stops
        for name, one in measures.items()
    ]
    first, last = stops[0], stops[-1]
    summary = "; ".join(
        f"{SAYS[name]} {first[2][name].value:.1f} to {one.value:.1f} (random init {one.null:.1f})"
        for name, one in last[2].items()
        if name in first[2]
    )
    caption = next(iter(last[2].values())).caption()
    said = f"Spectrum of {layer}, steps {first[1]} to {last[1]}: {summary}. {caption}."
    return Drawing(_spec(dark), pd.DataFrame(rows), said)


@lru_cache(maxsize=2)
def _spec(dark: bool) -> dict[str, Any]:
    ink, null = colour("rgb", dark=dark), colour("null", dark=dark)
    base = alt.Chart(alt.Data(name="rows"))
    x = alt.X("step:Q", title="step", axis=alt.Axis(tickCount=3, grid=False, labelOverlap=True))
    y = alt.Y("value:Q", title=None, scale=alt.Scale(zero=True))
    numbers = [alt.Tooltip(f"{name}:Q", format=".2f") for name in ("value", "low", "high", "null")]
    tips = ["measure:N", "checkpoint:N", "step:Q", *numbers]
    layers = alt.layer(
        base.mark_area(color=ink, opacity=0.2).encode(x, alt.Y("low:Q"), alt.Y2("high:Q")),
        base.mark_line(color=null, strokeDash=[4, 3], strokeWidth=1.5).encode(x, alt.Y("null:Q")),
        base.mark_line(color=ink, strokeWidth=2).encode(x, y),
        base.mark_point(color=ink, size=40, filled=True, opacity=1).encode(x, y, tooltip=tips),
    ).properties(width=250, height=150)
    panels = layers.facet(
        facet=alt.Facet("measure:N", title=None, sort=list(SAYS.values())), columns=2
    )
    return built(panels.resolve_scale(y="independent"))
