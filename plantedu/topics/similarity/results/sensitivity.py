"""What `similarity sensitivity` is asked, what it gives, and its chart.

Lesson: 06_similarity.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from functools import lru_cache
from typing import Any, Self

import altair as alt
import numpy as np
import pandas as pd

from plantedu.charts.chart import Drawing, built, only
from plantedu.charts.palette import VALUES, colour, colours
from plantedu.errors import require
from plantedu.serialization import AsJson
from plantedu.statistics.evidence import Evidence
from plantedu.statistics.paired_differences import holm
from plantedu.topics.similarity.results.measure_names import LABELS

NAMED = "cka"  # the measure that was named before any was tried
LEVEL = 0.05
SHAPES = ("circle", "square", "triangle-up", "diamond", "cross")


@dataclass(frozen=True)
class Noticed:
    """One measure on one factor left out.

    Attributes:
        auroc: Chance that a pair with the difference looks less alike; null .5.
        p: Of the exact test over encoders, for this one alone.
        within, between: Mean value without and with the difference.
        sensitivity: Share of pairs with it below the lowest twentieth of those without.
    """

    auroc: Evidence
    p: float
    within: float
    between: float
    sensitivity: float


@dataclass(frozen=True, kw_only=True)
class SensitivityResult(AsJson):
    """Every measure on every factor left out.

    Attributes:
        n: Plants.
        table: By measure and factor left out.
        specificity: By measure.
        labels: Of the measures.
        probes: By factor: what probes read of it, trained on it and not.
        moves: By factor: how far do() moves h, trained on it and not.
        encoders: Trained on all factors; for each factor left out.
    """

    n: int
    table: dict[str, dict[str, Noticed]]
    specificity: dict[str, float]
    labels: dict[str, str]
    probes: dict[str, tuple[float, float]]
    moves: dict[str, tuple[float, float]]
    encoders: tuple[int, int]

    def sensitivity(self, name: str) -> float:
        """Mean over the factors left out."""
        return float(np.mean([one.sensitivity for one in self.table[name].values()]))

    def corrected(self) -> dict[str, dict[str, float]]:
        """p by measure and factor after Holm's correction, within the named one, or the others."""
        families = [[name for name in self.table if (name == NAMED) == first] for first in (1, 0)]
        found: dict[str, dict[str, float]] = {}
        for names in families:
            cells = [(name, factor) for name in names for factor in self.table[name]]
            adjusted = holm([self.table[name][factor].p for name, factor in cells]) if cells else []
            for (name, factor), p in zip(cells, adjusted, strict=True):
                found.setdefault(name, {})[factor] = p
        return found

    def separates(self, name: str) -> int:
        """Factors for which a measure puts every pair with the difference below all without it."""
        return sum(one.auroc.value == 1 for one in self.table[name].values())

    @property
    def least(self) -> float:
        """The smallest p that this many encoders can give: one over the ways to choose."""
        complete, reduced = self.encoders
        return 1 / math.comb(complete + reduced, reduced)

    def as_json(self) -> dict[str, Any]:
        """Plain values, and what follows from them."""
        totals = {
            name: {"sensitivity": self.sensitivity(name), "specificity": self.specificity[name]}
            for name in self.table
        }
        more = {"totals": totals, "corrected": self.corrected(), "least": self.least}
        return super().as_json() | more

    @classmethod
    def from_json(cls, found: Mapping[str, Any]) -> Self:
        """Read back what `as_json` gave."""
        return super().from_json({field.name: found[field.name] for field in fields(cls)})

    def chart(self, *, dark: bool = False) -> Drawing:
        """AUROC of each measure on each factor, chance drawn in."""
        corrected = self.corrected()
        rows = [
            (self.labels[name], factor, one.auroc, corrected[name][factor])
            for name, row in self.table.items()
            for factor, one in row.items()
        ]
        groups: dict[str, list[str]] = {}
        for name, row in self.table.items():
            seen = ", ".join(f for f in row if corrected[name][f] <= LEVEL) or "nothing"
            groups.setdefault(seen, []).append(self.labels[name])
        who = "; ".join(f"{seen} noticed by {', '.join(names)}" for seen, names in groups.items())
        says = (
            f"Chance that encoders that differ in a factor look less alike than two seeds: {who}."
            f" Filled: p at most {LEVEL:g} after Holm's correction. Dashed: .5, blind. "
            f"n = {self.n} plants, {self.encoders[0]} and {self.encoders[1]} encoders; null: two "
            "seeds trained on the same."
        )
        return sensitivity_chart(rows, says=says, dark=dark)


@dataclass(frozen=True)
class Settings:
    """Which measure notices that a factor was left out of an encoder's training?

    Attributes:
        plants: Held-out plants.
        measures: Which measures; all when none is named.
        encoders: Encoders for each factor left out, trained here where they are not kept yet (half
            a minute of one core each, and eight for the null); 0 takes all that are kept.
    """

    plants: int = 512
    measures: tuple[str, ...] = ()
    encoders: int = 0

    def __post_init__(self) -> None:
        strange = [name for name in self.measures if name not in LABELS]
        require(
            not strange, f"No similarity measure is called {strange}; there are {list(LABELS)}."
        )
        require(4 <= self.plants <= 1024, f"plants must be from 4 to 1024, got {self.plants}.")
        require(0 <= self.encoders <= 20, f"encoders must be from 0 to 20, got {self.encoders}.")


def sensitivity_chart(
    rows: Sequence[tuple[str, str, Evidence, float]], *, says: str, dark: bool = False
) -> Drawing:
    """AUROC of each measure on each factor left out; filled where the test notices.

    Args:
        rows: (measure, factor, AUROC, p).
        says: What the chart shows.
        dark: Whether the page is dark.

    Raises:
        PlantEduError: without rows.
    """
    require(bool(rows), "There is nothing to show yet.")
    table: list[dict[str, Any]] = [
        {
            "kind": "noticed" if p <= 0.05 else "blind",
            "measure": measure,
            "left_out": factor,
            "auroc": one.value,
            "low": (one.interval or (one.value,))[0],
            "high": (one.interval or (one.value,))[-1],
            "p": p,
        }
        for measure, factor, one, p in rows
    ]
    table.append({"kind": "null", "auroc": rows[0][2].null})
    measures = tuple(dict.fromkeys(measure for measure, *_ in rows))
    factors = tuple(dict.fromkeys(factor for _, factor, *_ in rows))
    return Drawing(_spec(measures, factors, dark), pd.DataFrame(table), says)


@lru_cache(maxsize=8)
def _spec(measures: tuple[str, ...], factors: tuple[str, ...], dark: bool) -> dict[str, Any]:
    axis = alt.Axis(labelLimit=220, ticks=False, domain=False, grid=True)
    y = alt.Y("measure:N", title=None, sort=list(measures), axis=axis)
    ticks = alt.Axis(tickCount=5)
    scale = alt.Scale(domain=[0, 1])
    x = alt.X("auroc:Q", title="less alike (AUROC)", scale=scale, axis=ticks)
    down = alt.YOffset("left_out:N", scale=alt.Scale(domain=list(factors), paddingOuter=0.4))
    names = list(factors)
    tints = alt.Scale(domain=names, range=colours(*VALUES[: len(names)], dark=dark))
    legend = alt.Legend(orient="top", title="left out", columns=1)
    tint = alt.Color("left_out:N", scale=tints, legend=legend)
    shapes = alt.Scale(domain=names, range=list(SHAPES[: len(names)]))
    shape = alt.Shape("left_out:N", scale=shapes, legend=legend)
    tips = ["measure:N", "left_out:N"]
    tips += [alt.Tooltip(f"{name}:Q", format=".3f") for name in ("auroc", "low", "high", "p")]
    layers: list[alt.Chart] = [
        only("null").mark_rule(strokeDash=[4, 3], strokeWidth=2, color=colour("null", dark=dark))
        .encode(x)
    ]  # fmt: skip
    for kind in ("noticed", "blind"):
        base, filled = only(kind), kind == "noticed"
        ends = base.mark_rule(strokeWidth=1.5, opacity=0.7)
        layers += [
            ends.encode(alt.X("low:Q"), y, down, tint, x2="high:Q"),
            base.mark_point(filled=filled, size=70, opacity=1, strokeWidth=1.5).encode(
                x, y, down, tint, shape, tooltip=tips
            ),
        ]
    return built(alt.layer(*layers).properties(height=alt.Step(11, **{"for": "offset"})))
