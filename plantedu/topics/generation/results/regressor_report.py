"""What `generation regressor-report` is asked, what it gives, and its chart.

Lesson: 05_generation.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import altair as alt
import pandas as pd

from plantedu.charts.chart import Drawing, built, only
from plantedu.charts.palette import NAMES, colour, colours
from plantedu.errors import require
from plantedu.serialization import AsJson
from plantedu.statistics.evidence import Evidence


@dataclass(frozen=True)
class Settings:
    """Which plants.

    Attributes:
        plants: Held-out plants of the reader's population.
        side: Pixels a side of the pictures; larger ones than the reader's are read by their means,
            as drawn ones are.
        seed: Draws the resamples and the rough pictures.
    """

    plants: int = 512
    side: int = 128
    seed: int = 0

    def __post_init__(self) -> None:
        require(48 <= self.side <= 512, f"The reader reads 48 to 512 px a side; got {self.side}.")
        require(self.plants >= 16, f"An exam needs at least 16 plants; got {self.plants}.")


@dataclass(frozen=True)
class Mark:
    """How well one factor is read.

    Attributes:
        column: Its column.
        view: The picture that it is read from.
        unit: "accuracy" or "R2".
        score: On real pictures; null: the best constant answer.
        rough: The same on soft and grainy pictures.
    """

    column: str
    view: str
    unit: str
    score: Evidence
    rough: float


@dataclass(frozen=True)
class ReaderResult(AsJson):
    """The marks of every factor, the best read first."""

    settings: Settings
    marks: tuple[Mark, ...]

    def of(self, column: str) -> Mark:
        """One of the marks."""
        return next(one for one in self.marks if one.column == column)

    def chart(self, *, dark: bool = False) -> Drawing:
        """Every mark with its interval, rough pictures and the best constant answer as ticks."""
        rows = [row for one in self.marks for row in _rows(one)]
        said = "; ".join(
            f"{m.column} {m.score.value:z.2f} ({m.unit}, constant {m.score.null:z.2f}, rough "
            f"{m.rough:z.2f})"
            for m in self.marks
        )
        order = tuple(one.column for one in self.marks)
        words = f"How well each factor is read off real pictures: {said}. "
        first, last, caption = self.marks[0], self.marks[-1], self.marks[0].score.caption()
        lost = [
            m.column
            for m in self.marks
            if (m.score.interval or (m.score.value,))[0] <= m.score.null
        ]
        short = (
            f"Read best: {first.column} {first.score.value:z.2f} (constant answer "
            f"{first.score.null:z.2f}); worst: {last.column} {last.score.value:z.2f} "
            f"({last.score.null:z.2f}). {len(lost)} of {len(self.marks)} factors are not read "
            f"better than by a constant: nothing that is drawn can be judged by them. {caption}."
        )
        return Drawing(_spec(order, dark), pd.DataFrame(rows), words + caption, short)


def _rows(one: Mark) -> list[dict[str, Any]]:
    low, high = one.score.interval or (one.score.value, one.score.value)
    named = {"column": one.column, "view": NAMES[one.view]}
    return [
        {"kind": "mark", "score": one.score.value, "low": low, "high": high, **named},
        {"kind": "tick", "of": "best constant answer", "score": one.score.null, **named},
        {"kind": "tick", "of": "soft and grainy pictures", "score": one.rough, **named},
    ]


@lru_cache(maxsize=8)
def _spec(order: tuple[str, ...], dark: bool) -> dict[str, Any]:
    x = alt.X("score:Q", title="R2, or accuracy of a category", scale=alt.Scale(domain=[-0.2, 1]))
    y = alt.Y("column:N", sort=list(order), title=None, axis=alt.Axis(labelLimit=150))
    top = alt.Legend(orient="top", title=None)
    views = [NAMES[view] for view in ("rgb", "rgn", "both")]
    paint = alt.Scale(domain=views, range=colours("rgb", "rgn", "both", dark=dark))
    color = alt.Color("view:N", scale=paint, legend=top)
    marks = ["best constant answer", "soft and grainy pictures"]
    shape = alt.Shape("of:N", legend=top, scale=alt.Scale(domain=marks, range=["stroke", "cross"]))
    ticks = only("tick").mark_point(color=colour("null", dark=dark), angle=90, size=60)
    bars, dots = (
        only("mark").mark_rule(strokeWidth=2),
        only("mark").mark_point(filled=True, size=60, opacity=1),
    )
    layers = [
        ticks.encode(x, y, shape, tooltip=["column:N", "of:N", "score:Q"]),
        bars.encode(alt.X("low:Q"), y, color, x2="high:Q"),
        dots.encode(x, y, color, tooltip=["column:N", alt.Tooltip("score:Q", format=".3f")]),
    ]
    return built(alt.layer(*layers).properties(height=60 + 17 * len(order)))
