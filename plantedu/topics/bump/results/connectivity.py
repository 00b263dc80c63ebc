"""The result of `bump connectivity`: the loss along lines between checkpoints, and the chart.

Lesson: 03_bump.
"""

from collections.abc import Sequence
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
from plantedu.zoo.checkpoint_pairs import Paired


@dataclass(frozen=True)
class Settings:
    """How the line is walked.

    Attributes:
        points: Points on the line, both ends included.
        pack: Held-out plants that are scored.
        queue: Embeddings per sensor in the second ruler; 0 takes the run's own, or 512.
        recalibrated: Training plants that batch norm's statistics are measured on.
        twin: Walk to the permuted twin as well.
        seed: Draws crops, twin and resamples.
    """

    points: int = 11
    pack: int = 128
    queue: int = 0
    recalibrated: int = 256
    twin: bool = True
    seed: int = 0

    def __post_init__(self) -> None:
        require(self.points >= 3, f"A line needs at least 3 points, got {self.points}.")
        require(self.pack >= 16, f"pack must be at least 16 plants, got {self.pack}.")
        require(
            self.recalibrated >= 16, f"recalibrated must be at least 16, got {self.recalibrated}."
        )


@dataclass(frozen=True)
class Line:
    """The loss along one line.

    Attributes:
        pair: "event", "control" or "twin".
        ruler: Name of the ruler.
        batchnorm: "recomputed" or "averaged".
        losses: Mean over the plants at each point, nats.
        barrier: The hill; null: the control pair's under the same ruler and statistics.
        at: Where on the line it is highest.
    """

    pair: str
    ruler: str
    batchnorm: str
    losses: tuple[float, ...]
    barrier: Evidence
    at: float


@dataclass(frozen=True)
class ConnectivityResult(AsJson):
    """All lines.

    Attributes:
        stages: Names of the checkpoints: event's ends, control's ends.
        distances: Relative distance of the weights, of the event's and the control's pair.
        alphas: Points on the line.
    """

    settings: Settings
    stages: tuple[str, ...]
    distances: dict[str, float]
    alphas: tuple[float, ...]
    lines: tuple[Line, ...]

    def of(self, pair: str, ruler: int = 0, batchnorm: str = "recomputed") -> Line:
        """One of the lines; `ruler` 0 is the first, 1 the second."""
        rulers = list(dict.fromkeys(line.ruler for line in self.lines))
        key = (pair, rulers[ruler], batchnorm)
        return next(one for one in self.lines if (one.pair, one.ruler, one.batchnorm) == key)

    def chart(self, *, dark: bool = False) -> Drawing:
        """Loss along alpha, a panel a ruler; the control in grey, averaged statistics dashed."""
        lines = [(x.pair, x.ruler, x.batchnorm, x.losses, x.barrier) for x in self.lines]
        return line_chart(self.alphas, lines, dark=dark)


@dataclass(frozen=True)
class Request(Paired, Settings):
    """The loss along the straight line between two checkpoints, beside a pair without the event."""


Walk = tuple[str, str, str, Sequence[float], Evidence]
PAIRS = {"event": "loss", "control": "null", "twin": "first"}


def line_chart(alphas: Sequence[float], walks: Sequence[Walk], *, dark: bool = False) -> Drawing:
    """Loss over alpha, a panel a ruler; dashed where batch norm's statistics are averaged.

    Args:
        alphas: Points on the line, from 0 to 1.
        walks: Pair, ruler, batch norm, mean loss at each point, and the barrier.
        dark: Whether the page is dark.

    Raises:
        PlantEduError: without lines.
    """
    require(bool(walks), "There is no line to draw yet.")
    rows = [
        {"pair": pair, "ruler": ruler, "batchnorm": norm, "alpha": alpha, "loss": loss}
        for pair, ruler, norm, losses, _ in walks
        for alpha, loss in zip(alphas, losses, strict=True)
    ]
    said = "; ".join(
        f"{pair}, {ruler}, batch norm {norm}: {losses[0]:z.2f} to {losses[-1]:z.2f}, barrier "
        f"{hill.value:z.3f} (control {hill.null:z.3f})"
        for pair, ruler, norm, losses, hill in walks
    )
    caption = f"Loss along the line between two checkpoints. {said}. {walks[0][4].caption()}."
    return Drawing(_spec(dark), pd.DataFrame(rows), caption)


@lru_cache(maxsize=2)
def _spec(dark: bool) -> dict[str, Any]:
    pairs = alt.Scale(
        domain=list(PAIRS), range=[colour(name, dark=dark) for name in PAIRS.values()]
    )
    norms = alt.Scale(domain=["recomputed", "averaged"], range=[[1, 0], [4, 3]])
    top = alt.Legend(orient="top", symbolType="stroke")
    tips = ["pair:N", "ruler:N", "batchnorm:N"]
    tips += [alt.Tooltip("alpha:Q", format=".2f"), alt.Tooltip("loss:Q", format=".3f")]
    line = alt.Chart(alt.Data(name="rows")).mark_line(strokeWidth=2, point={"size": 22})
    panel = line.encode(
        alt.X("alpha:Q", title="from before (0) to after (1)", axis=alt.Axis(tickCount=5)),
        alt.Y("loss:Q", title="loss, nats", scale=alt.Scale(zero=False)),
        color=alt.Color("pair:N", title=None, scale=pairs, legend=top),
        strokeDash=alt.StrokeDash("batchnorm:N", title="batch norm", scale=norms, legend=top),
        tooltip=tips,
    ).properties(width=240, height=220)
    return built(panel.facet(facet=alt.Facet("ruler:N", title=None, sort=None), columns=2))
