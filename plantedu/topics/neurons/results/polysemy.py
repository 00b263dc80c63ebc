"""The result of `neurons polysemy`: settings, what was found, the chart.

Lesson: 10_neurons.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import altair as alt
import pandas as pd

from plantedu.charts.chart import Drawing, built, only
from plantedu.charts.palette import colour
from plantedu.data.evaluation_set import FIRST_HELD_OUT
from plantedu.errors import require
from plantedu.serialization import AsJson
from plantedu.statistics.evidence import Evidence

KINDS = ("cross", "rgb_only", "supervised", "random")


@dataclass(frozen=True)
class Settings:
    """Which encoders are compared.

    Attributes:
        cross, rgb_only, supervised, random: Encoders of each kind, one a seed.
        plants: n, plants that none of them was trained on.
        first: Index of the first one.
        shuffles: Orders of the null.
        seed: Draws orders, halves and the turn.
    """

    cross: tuple[str, ...] = ("cross-0", "cross-1", "cross-2")
    rgb_only: tuple[str, ...] = ("rgb_only-0", "rgb_only-1", "rgb_only-2")
    supervised: tuple[str, ...] = ("supervised_rgb-0", "supervised_rgb-1", "supervised_rgb-2")
    random: tuple[str, ...] = ("random:1001", "random:1002", "random:1003")
    plants: int = 1024
    first: int = FIRST_HELD_OUT
    shuffles: int = 100
    seed: int = 0

    def kinds(self) -> dict[str, tuple[str, ...]]:
        """Encoders by kind."""
        return {name: getattr(self, name) for name in KINDS}


@dataclass(frozen=True)
class Measured:
    """One encoder.

    Attributes:
        encoder, kind: Which.
        dead: Units that say the same of every plant.
        numbers: Evidence by name, as in `neurons`.
        same: Does a unit mean the same through both cameras?
    """

    encoder: str
    kind: str
    dead: int
    numbers: dict[str, Evidence]
    same: Evidence


@dataclass(frozen=True)
class PolysemyResult(AsJson):
    """Kinds of encoder beside one another.

    Attributes:
        settings: How it was made.
        encoders: Each encoder.
        means: By number and kind: mean over seeds with Student's interval; null as measured.
        differences: By number and other kind: cross less that kind, with Welch's interval.
    """

    settings: Settings
    encoders: tuple[Measured, ...]
    means: dict[str, dict[str, Evidence]]
    differences: dict[str, dict[str, Evidence]]

    def chart(self, name: str = "index", *, dark: bool = False) -> Drawing:
        """One number: every encoder, the mean of its kind, and its null."""
        dots = [
            (one.kind, one.encoder, one.same if name == "same" else one.numbers[name])
            for one in self.encoders
        ]
        return kinds_chart(dots, self.means[name], dark=dark)


def kinds_chart(
    dots: Sequence[tuple[str, str, Evidence]],
    means: Mapping[str, Evidence],
    *,
    dark: bool = False,
) -> Drawing:
    """One number of every encoder, by kind.

    Args:
        dots: Kind, encoder, its number.
        means: By kind: mean over seeds with its interval; the null is a tick.
        dark: Whether the page is dark.

    Raises:
        PlantEduError: without encoders.
    """
    require(len(dots) > 0, "There is no encoder to show.")
    rows = [
        {"kind": "seed", "of": kind, "encoder": name, "value": one.value, "null": one.null}
        for kind, name, one in dots
    ]
    for kind, one in means.items():
        low, high = one.interval or (one.value, one.value)
        rows.append(
            {"kind": "mean", "of": kind, "value": one.value, "low": low, "high": high,
             "null": one.null}
        )  # fmt: skip
    first = next(iter(means.values()))
    said = "; ".join(
        f"{kind} {one.value:z.3f}"
        + (f" [{one.interval[0]:z.3f}, {one.interval[1]:z.3f}]" if one.interval else "")
        + f", null {one.null:z.3f}, {one.seeds} seed{'s' if one.seeds > 1 else ''}"
        for kind, one in means.items()
    )
    words = (
        f"{first.question} {said}. Dots: seeds; bars: mean with 95 % over seeds; grey ticks: "
        f"{first.control}. n = {first.n} plants."
    )
    return Drawing(_spec(tuple(means), first.question, dark), pd.DataFrame(rows), words)


@lru_cache(maxsize=32)
def _spec(kinds: tuple[str, ...], question: str, dark: bool) -> dict[str, Any]:
    axis = alt.Axis(labelLimit=120, ticks=False, domain=False)
    y = alt.Y("of:N", sort=list(kinds), title=None, axis=axis)
    x = alt.X("value:Q", title=question, scale=alt.Scale(zero=False, nice=True, padding=12))
    seen, null = colour("rgb", dark=dark), colour("null", dark=dark)
    tips = ["of:N", "encoder:N", *(alt.Tooltip(f"{n}:Q", format=".3f") for n in ("value", "null"))]
    mean = only("mean")
    layers = [
        mean.mark_tick(thickness=3, size=22, color=null).encode(alt.X("null:Q", title=question), y),
        mean.mark_rule(strokeWidth=2.5, color=seen).encode(alt.X("low:Q"), y, x2="high:Q"),
        mean.mark_tick(thickness=3, size=16, color=seen).encode(x, y),
        only("seed")
        .mark_point(filled=True, size=60, opacity=0.8, color=colour("rgn", dark=dark))
        .encode(x, y, tooltip=tips),
    ]
    return built(alt.layer(*layers).properties(height=alt.Step(38)))
