"""The result of `bump objectives`: checkpoints under every objective, and the chart.

Lesson: 03_bump.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from typing import Any

import altair as alt
import pandas as pd
import tyro

from plantedu.charts.chart import Drawing, built, only
from plantedu.charts.palette import colour
from plantedu.errors import require
from plantedu.serialization import AsJson
from plantedu.statistics.evidence import Evidence

NAMES = ("bump/0350", "bump-0", "bump/0410", "bump/0430", "bump/0450", "bump/0800")


@dataclass(frozen=True)
class CheckpointLoss:
    """One checkpoint under one ruler.

    Attributes:
        ruler: In words.
        checkpoint: Name of its file.
        queue, batch, epsilon: The ruler.
        loss: In nats; its null is random-init weights.
        entropy, divergence: H(q) and KL(q||p), which sum to the loss.
        floor: ln(K/N), or 0.
    """

    ruler: str
    checkpoint: str
    queue: int
    batch: int
    epsilon: float
    loss: Evidence
    entropy: float
    divergence: float
    floor: float


@dataclass(frozen=True)
class Difference:
    """Two checkpoints under one ruler, plant by plant.

    Attributes:
        change: Loss of `after` minus loss of `before`; its null is the 95 % quantile of the same
            with random signs, without sign.
        p: Share of the random ones that are as large.
    """

    ruler: str
    before: str
    after: str
    change: Evidence
    p: float


@dataclass(frozen=True)
class ObjectivesResult(AsJson):
    """All readings, and the differences of neighbouring checkpoints."""

    readings: tuple[CheckpointLoss, ...]
    differences: tuple[Difference, ...]

    def of(self, checkpoint: str, queue: int, batch: int | None = None) -> CheckpointLoss:
        """The first reading of a checkpoint with this queue (and batch)."""
        return next(
            r
            for r in self.readings
            if (r.checkpoint, r.queue) == (checkpoint, queue) and batch in (None, r.batch)
        )

    def chart(self, *, dark: bool = False) -> Drawing:
        """A row a ruler, checkpoints along x, floor and random init drawn."""
        return rulers_chart(
            [
                (
                    r.ruler,
                    r.checkpoint,
                    r.loss.value,
                    r.loss.interval or (r.loss.value, r.loss.value),
                    r.entropy,
                    r.loss.null,
                    r.floor,
                )
                for r in self.readings
            ],
            dark=dark,
        )


@dataclass(frozen=True)
class Settings:
    """Which rulers, and on what.

    Attributes:
        queue: Past embeddings per sensor that take part in Sinkhorn; 0 is none. By default none,
            and as many as the first checkpoint's own run has (512 where that has none).
        epsilon: Softness of the codes; 0 for the recipe's own.
        batch: Plants that share out the prototypes together; 0 for the recipe's own.
        plants: Held-out plants in the pack.
        seed: Draws crops, resamples and signs.
    """

    queue: tyro.conf.UseAppendAction[tuple[int, ...]] = ()
    epsilon: tyro.conf.UseAppendAction[tuple[float, ...]] = ()
    batch: tyro.conf.UseAppendAction[tuple[int, ...]] = ()
    plants: int = 256
    seed: int = 0

    def grid(self, *, queue: int, batch: int) -> list[tuple[int, float | None, int]]:
        """(queue, epsilon, batch) of every ruler: all combinations, or our choice of four.

        Args:
            queue, batch: The recipe's own.
        """
        if self.queue or self.epsilon or self.batch:
            found = product(self.queue or (0, queue), self.epsilon or (0.0,), self.batch or (0,))
            return [(q, epsilon or None, b or batch) for q, epsilon, b in found]
        return [(0, None, batch), (queue, None, batch), (0, 0.05, batch), (0, None, 4 * batch)]


@dataclass(frozen=True)
class Request(Settings):
    """Every checkpoint under every ruler, on one frozen pack of plants.

    Attributes:
        checkpoints: Shipped names, files, or run:ID@WHEN; the bump run's by default.
    """

    checkpoints: tyro.conf.Positional[tuple[str, ...]] = ()


Drawn = tuple[str, str, float, tuple[float, float], float, float, float]


def rulers_chart(readings: Sequence[Drawn], *, dark: bool = False) -> Drawing:
    """A row a ruler, checkpoints along x: the loss with its interval, H(q) below it, the floor.

    Args:
        readings: Ruler, checkpoint, loss, its interval, H(q), the loss of random-init weights,
            and the ruler's floor, in nats.
        dark: Whether the page is dark.

    Raises:
        PlantEduError: without readings.
    """
    require(bool(readings), "Name at least one checkpoint and one ruler.")
    columns = ("ruler", "checkpoint", "loss", "interval", "entropy", "null", "floor")
    rows = pd.DataFrame([dict(zip(columns, r, strict=True)) for r in readings])
    rows[["low", "high"]] = rows.pop("interval").to_list()
    rows["kind"] = "reading"
    places = list(dict.fromkeys(rows["checkpoint"]))
    said = []
    for ruler in dict.fromkeys(one[0] for one in readings):
        own = [one for one in readings if one[0] == ruler]
        losses = ", ".join(f"{name} {loss:z.2f} (H {h:z.2f})" for _, name, loss, _, h, _, _ in own)
        said.append(f"{ruler}: {losses}; random init {own[0][5]:z.2f}, floor {own[0][6]:z.2f}")
    words = f"Loss and its part H(q) of each checkpoint under each ruler. {'. '.join(said)}."
    rulers = tuple(dict.fromkeys(rows["ruler"]))
    return Drawing(_rulers_spec(rulers, tuple(places), dark), rows, words)


@lru_cache(maxsize=32)
def _rulers_spec(rulers: tuple[str, ...], places: tuple[str, ...], dark: bool) -> dict[str, Any]:
    names = alt.Axis(labelAngle=-35, labelOverlap=False)
    x = alt.X("checkpoint:N", title=None, sort=list(places), axis=names)
    axis = alt.Axis(tickCount=4)
    y = alt.Y("loss:Q", title="nats", scale=alt.Scale(zero=False), axis=axis)
    base = only("reading")
    ink, spread, null, floor = (
        colour(name, dark=dark) for name in ("loss", "entropy", "null", "floor")
    )
    tips = ["ruler:N", "checkpoint:N"] + [
        alt.Tooltip(f"{name}:Q", format=".2f") for name in ("loss", "entropy", "null", "floor")
    ]
    layers = alt.layer(
        base.mark_rule(color=floor, strokeDash=[6, 4]).encode(alt.Y("floor:Q", title="nats")),
        base.mark_tick(color=null, thickness=3, width=26).encode(x, alt.Y("null:Q")),
        base.mark_point(color=spread, shape="diamond", size=40).encode(x, alt.Y("entropy:Q")),
        base.mark_rule(color=ink, strokeWidth=2).encode(x, alt.Y("low:Q"), alt.Y2("high:Q")),
        base.mark_point(color=ink, filled=True, size=60, opacity=1).encode(x, y, tooltip=tips),
    ).properties(width=max(300, 40 * len(places)), height=170)
    panel = alt.Facet("ruler:N", title=None, sort=list(rulers))
    return built(layers.facet(facet=panel, columns=2))
