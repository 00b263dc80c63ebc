"""What `generation effects` is asked, what it gives, and its chart.

Lesson: 05_generation.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import altair as alt
import pandas as pd

from plantedu.charts.chart import Drawing, built, only
from plantedu.charts.palette import VALUES, colour
from plantedu.data.renderer.factors import SENSORS
from plantedu.errors import require
from plantedu.serialization import AsJson
from plantedu.statistics.evidence import Evidence

LOWEST = 1e-4  # what moves less is drawn on this edge


@dataclass(frozen=True)
class Settings:
    """What is changed, and who looks.

    Attributes:
        encoder: Whose representation.
        layers: h, z or both.
        sensors: Whose pictures it is conditioned on.
        random: The same network with random weights; its h stands beside.
        plants: Plants on which do() is tried.
        side: Pixels a side.
        seed: Draws which plant gives which its value.
    """

    encoder: str = "cross-0"
    layers: tuple[str, ...] = ("h", "z")
    sensors: tuple[str, ...] = SENSORS
    random: str = "random-cross-0"
    plants: int = 64
    side: int = 48
    seed: int = 0

    def __post_init__(self) -> None:
        require(self.plants >= 8, f"plants must be at least 8, got {self.plants}.")
        known = bool(self.sensors) and set(self.sensors) <= set(SENSORS)
        require(known, f"Sensors are rgb and rgn; got {self.sensors!r}.")


@dataclass(frozen=True)
class Moved:
    """What one factor does to one representation.

    Attributes:
        column: The factor's column.
        view: Which pictures show it.
        of: The representation, such as "cross-0 h".
        effect: Total effect; null: do(f = its own value).
    """

    column: str
    view: str
    of: str
    effect: Evidence


@dataclass(frozen=True)
class EffectsResult(AsJson):
    """Every factor on every representation."""

    settings: Settings
    moved: tuple[Moved, ...]

    def of(self, column: str, name: str) -> Evidence:
        """The effect of one factor on one representation."""
        return next(m.effect for m in self.moved if (m.column, m.of) == (column, name))

    @property
    def names(self) -> tuple[str, ...]:
        """The representations, the asked ones first."""
        return tuple(dict.fromkeys(m.of for m in self.moved))

    def chart(self, *, dark: bool = False) -> Drawing:
        """Each factor's effect on each representation, random weights in grey."""
        rows = [(m.column, m.of, m.effect) for m in self.moved]
        return effect_chart(rows, null=f"{self.settings.random} h", dark=dark)


def effect_chart(
    lines: Sequence[tuple[str, str, Evidence]], *, null: str, dark: bool = False
) -> Drawing:
    """Total effects by factor, the largest of the first representation on top.

    Args:
        lines: Factor, representation, effect.
        null: The representation of random weights, drawn in grey.
        dark: Whether the page is dark.

    Raises:
        PlantEduError: without lines.
    """
    require(bool(lines), "There is nothing to show yet.")
    names = tuple(dict.fromkeys(name for _, name, _ in lines))
    first = sorted((one for one in lines if one[1] == names[0]), key=lambda one: -one[2].value)
    order = tuple(column for column, *_ in first)
    rows = [_row(*line) for line in lines]
    said = "; ".join(
        f"{column} " + ", ".join(f"{name} {e.value:z.3f}" for c, name, e in lines if c == column)
        for column in order
    )
    words = f"How far do() of each factor moves a representation: {said}. {lines[0][2].caption()}."
    return Drawing(_spec(order, names, null, dark), pd.DataFrame(rows), words, _short(lines, null))


def _short(lines: Sequence[tuple[str, str, Evidence]], null: str) -> str:
    """The largest effect of every representation, beside random weights."""
    names = [name for name in dict.fromkeys(name for _, name, _ in lines) if name != null]
    random = {column: e.value for column, name, e in lines if name == null}
    said = []
    for name in names:
        own = [(column, e) for column, of, e in lines if of == name]
        column, most = max(own, key=lambda one: one[1].value)
        more = sum(e.value > random.get(column, math.inf) for column, e in own)
        said.append(
            f"{name}: {column} moves it most, {most.value:z.2f} of the variance over plants"
            + (f" (random weights {random[column]:z.2f})" if column in random else "")
            + f"; {more} of {len(own)} factors move it more than random weights"
        )
    return f"{'. '.join(said)}. Dots: do() of each factor. {lines[0][2].caption()}."


def _row(column: str, name: str, one: Evidence) -> dict[str, Any]:
    low, high = one.interval or (one.value, one.value)
    ends = {"low": max(low, LOWEST), "high": max(high, LOWEST)}
    at = max(one.value, LOWEST)
    return {
        "kind": "effect",
        "factor": column,
        "of": name,
        "effect": at,
        "exact": one.value,
        **ends,
    }


@lru_cache(maxsize=8)
def _spec(order: tuple[str, ...], names: tuple[str, ...], null: str, dark: bool) -> dict[str, Any]:
    hues = [
        colour("null" if name == null else VALUES[k], dark=dark) for k, name in enumerate(names)
    ]
    top = alt.Legend(orient="top", title=None)
    color = alt.Color("of:N", scale=alt.Scale(domain=list(names), range=hues), legend=top)
    shape = alt.Shape("of:N", legend=top, scale=alt.Scale(domain=list(names)))
    scale = alt.Scale(type="log", domain=[LOWEST, 1])
    title = "total effect of do(), share of the variance over plants"
    x = alt.X("effect:Q", title=title, scale=scale)
    y = alt.Y("factor:N", sort=list(order), title=None, axis=alt.Axis(labelLimit=150))
    tips = ["factor:N", "of:N", alt.Tooltip("exact:Q", format=".4f")]
    bars, dots = only("effect").mark_rule(strokeWidth=1.5), only("effect")
    layers = [
        bars.encode(alt.X("low:Q", scale=scale), y, color, x2="high:Q"),
        dots.mark_point(filled=True, size=55, opacity=0.9).encode(x, y, color, shape, tooltip=tips),
    ]
    return built(alt.layer(*layers).properties(height=60 + 18 * len(order)))
