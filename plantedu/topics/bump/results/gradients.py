"""The result of `bump gradients`: cosines of two objectives, with their nulls, and the chart.

Lesson: 03_bump.
"""

from collections.abc import Sequence
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

CHECKPOINT = "bump-0"
KINDS = ("no queue", "fresh queue", "own queue")


@dataclass(frozen=True)
class Settings:
    """How gradients are measured.

    Attributes:
        batches: Batches of training plants.
        queue: Embeddings per sensor of the fresh queue; 0 takes the run's own length, or 512.
        seed: Draws the crops.
    """

    batches: int = 24
    queue: int = 0
    seed: int = 0

    def __post_init__(self) -> None:
        require(self.batches >= 8, f"batches must be at least 8, got {self.batches}.")


@dataclass(frozen=True)
class Cosine:
    """Two objectives, one part of the network.

    Attributes:
        part: encoder, projector, prototypes, or all.
        a: One objective.
        b: The other one.
        cosine: On the same batch; null: two batches under the first objective.
        apart: Under a on one batch and b on another.
        angle: Cosine of the expected gradients; None where a signal is not distinguished from 0.
        angle_interval: Of the angle, over batches.
        random: Standard deviation of the cosine of random directions.
    """

    part: str
    a: str
    b: str
    cosine: Evidence
    apart: float
    angle: float | None
    angle_interval: tuple[float, float] | None
    random: float


@dataclass(frozen=True)
class GradientsResult(AsJson):
    """All cosines at one checkpoint.

    Attributes:
        checkpoint: Its name.
        step: Its step.
        batch: Plants per batch.
        cosines: By part and pair of objectives.
        noise_scales: Batch size at which noise and signal are equally long, by objective; None
            where no signal is distinguished from 0.
        lengths: Root mean square length of the gradient, by objective.
    """

    settings: Settings
    checkpoint: str
    step: int
    batch: int
    cosines: tuple[Cosine, ...]
    noise_scales: dict[str, float | None]
    lengths: dict[str, float]

    def of(self, part: str, a: str = KINDS[0], b: str = KINDS[1]) -> Cosine:
        """One of the cosines."""
        return next(one for one in self.cosines if (one.part, one.a, one.b) == (part, a, b))

    def chart(self, *, dark: bool = False) -> Drawing:
        """Cosine and angle by part and pair, two batches of one objective in grey."""
        lines = [
            (c.part, f"{c.a} / {c.b}", c.cosine, c.angle, c.angle_interval, c.random)
            for c in self.cosines
        ]
        return cosine_chart(lines, dark=dark)


@dataclass(frozen=True)
class Request(Settings):
    """Cosines of the gradients of the objective without and with a queue, at one checkpoint.

    Attributes:
        checkpoint: A shipped name, a file, or run:ID@WHEN; the shipped plateau by default.
    """

    checkpoint: tyro.conf.Positional[str] = CHECKPOINT


Line = tuple[str, str, Evidence, float | None, tuple[float, float] | None, float]


def cosine_chart(lines: Sequence[Line], *, dark: bool = False) -> Drawing:
    """A panel a part: ring for the cosine on one batch, dot for the noise-corrected angle.

    The grey tick is the cosine of two batches under one objective, the grey band three standard
    deviations of random directions around 0.

    Args:
        lines: Part, pair of objectives, cosine, angle, its interval, spread of random directions.
        dark: Whether the page is dark.

    Raises:
        PlantEduError: without lines.
    """
    require(bool(lines), "There are no cosines to draw yet.")
    rows = pd.DataFrame([_row(*line) for line in lines])
    said = "; ".join(
        f"{part}, {pair}: {cosine.value:z.2f} on one batch (two batches {cosine.null:z.2f})"
        + ("" if true is None else f", angle {true:z.2f}")
        for part, pair, cosine, true, _, _ in lines
    )
    caption = f"Cosine of gradients. {said}. {lines[0][2].caption()}."
    return Drawing(_spec(dark), rows, caption)


def _row(
    part: str,
    pair: str,
    cosine: Evidence,
    true: float | None,
    interval: tuple[float, float] | None,
    random: float,
) -> dict[str, Any]:
    low, high = interval or (true, true)
    return {
        "part": part,
        "pair": pair,
        "cosine": cosine.value,
        "two batches": cosine.null,
        "angle": true,
        "low": low,
        "high": high,
        "below": -3 * random,
        "above": 3 * random,
    }


@lru_cache(maxsize=2)
def _spec(dark: bool) -> dict[str, Any]:
    ink, null = colour("loss", dark=dark), colour("null", dark=dark)
    axis = alt.Axis(labelLimit=200, ticks=False, domain=False)
    y = alt.Y("pair:N", title=None, sort=None, axis=axis)
    names = ("cosine", "two batches", "angle", "low", "high")
    tips = ["part:N", "pair:N", *(alt.Tooltip(f"{name}:Q", format=".3f") for name in names)]
    base = alt.Chart(alt.Data(name="rows"))
    x = alt.X("angle:Q", title="cosine", scale=alt.Scale(zero=True))
    layers = alt.layer(
        base.mark_bar(color=null, opacity=0.35).encode(alt.X("below:Q"), y, x2="above:Q"),
        base.mark_tick(color=null, thickness=3, size=16).encode(alt.X("two batches:Q"), y),
        base.mark_rule(color=ink, strokeWidth=2).encode(alt.X("low:Q"), y, x2="high:Q"),
        base.mark_point(color=ink, size=55, filled=False).encode(
            alt.X("cosine:Q"), y, tooltip=tips
        ),
        base.mark_point(color=ink, size=60, filled=True, opacity=1).encode(x, y, tooltip=tips),
    ).properties(width=330, height=alt.Step(26))
    return built(layers.facet(row=alt.Row("part:N", title=None, sort=None)))
