"""What can be read off a pair: the exam of the network that reads planted factors.

    score      accuracy of a category; of a number R2 = 1 - sum (r - y)^2 / sum (y - mean y)^2

on held-out plants of the reader's own population, each factor on the plants that show it. Beside it
stands the best constant answer; the score against the factors of other plants is on the reader's
card. Again with pictures made soft and grainy, as a generator makes them: what falls there is read
from fine grain, and no generated picture should be judged by it.

A factor that cannot be read off real pictures cannot be read off generated ones. That a network of
this size does not read it does not mean that it is not there.

Source: a reader beside its control in the spirit of Hewitt & Liang 2019, arXiv:1909.03368
[hewitt2019]. Lesson: 05_generation.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from typing import Any

import altair as alt
import numpy as np
import pandas as pd
import tyro

from plantedu.charts.chart import Drawing, built, only
from plantedu.charts.palette import NAMES, colour, colours
from plantedu.data.renderer.factors import COLUMNS
from plantedu.errors import require
from plantedu.models.factor_regressor import FactorReader, view_of
from plantedu.serialization import revived
from plantedu.statistics.evidence import Evidence
from plantedu.statistics.intervals import plants_interval
from plantedu.topics.generation.regressor_training import (
    SHIPPED_READER,
    Album,
    ReaderRecipe,
    album,
    chance,
    examined,
    roughened,
    shipped_reader,
)
from plantedu.training.seeding import generator_for

ROUGH = {"blur": 0.7, "grain": 0.02}


@dataclass(frozen=True)
class Settings:
    """Which plants.

    Attributes:
        plants: Held-out plants of the reader's population.
        seed: Draws the resamples and the rough pictures.
    """

    plants: int = 512
    seed: int = 0

    def __post_init__(self) -> None:
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
class ReaderResult:
    """The marks of every factor, the best read first."""

    settings: Settings
    marks: tuple[Mark, ...]

    def of(self, column: str) -> Mark:
        """One of the marks."""
        return next(one for one in self.marks if one.column == column)

    def as_json(self) -> dict[str, Any]:
        """Plain values; `ReaderResult.from_json` reads them back."""
        return asdict(self)

    @classmethod
    def from_json(cls, found: Mapping[str, Any]) -> "ReaderResult":
        """Read a result that a run or a file holds."""
        return revived(cls, found)

    def chart(self, *, dark: bool = False) -> Drawing:
        """Every mark with its interval, rough pictures and the best constant answer as ticks."""
        rows = [row for one in self.marks for row in _rows(one)]
        said = "; ".join(
            f"{m.column} {m.score.value:.2f} ({m.unit}, constant {m.score.null:.2f}, rough "
            f"{m.rough:.2f})"
            for m in self.marks
        )
        order = tuple(one.column for one in self.marks)
        words = f"How well each factor is read off real pictures: {said}. "
        return Drawing(
            _spec(order, dark), pd.DataFrame(rows), words + self.marks[0].score.caption()
        )


def exam(reader: FactorReader, book: Album, settings: Settings) -> ReaderResult:
    """Examine a reader.

    Args:
        reader: The network.
        book: Plants that it has not seen.
        settings: Seed of resamples and rough pictures.
    """
    generator = generator_for(settings.seed, "exam")
    soft = [roughened(x, **ROUGH, generator=generator) for x in book.pictures()]
    rough = replace(book, x1=_bytes(soft[0]), x2=_bytes(soft[1]))
    found, again = examined(reader, book), examined(reader, rough)
    marks = [
        Mark(
            column,
            view_of(column),
            "accuracy" if COLUMNS[column].levels else "R2",
            Evidence(
                question=f"How well is {column} read off a pair that nobody has seen?",
                value=float(each.mean()),
                null=chance(column, book.factors),
                control="best constant answer",
                n=len(each),
                interval=plants_interval(each, kind="share" if COLUMNS[column].levels else "mean"),
            ),
            float(again[column].mean()),
        )
        for column, each in found.items()
    ]
    marks.sort(key=lambda one: -one.score.value)
    return ReaderResult(settings, tuple(marks))


def held_out(settings: Settings) -> Album:
    """Plants of the reader's own population after those that it was trained on."""
    recipe = ReaderRecipe()
    plants = np.arange(recipe.plants, recipe.plants + settings.plants)
    return album(recipe.data, recipe.world_seed, plants, recipe.side)


def _bytes(images: Any) -> np.ndarray:
    return (images * 255).round().byte().numpy()


def _rows(one: Mark) -> list[dict[str, Any]]:
    low, high = one.score.interval or (one.score.value, one.score.value)
    named = {"column": one.column, "view": NAMES[one.view]}
    return [
        {"kind": "mark", "score": one.score.value, "low": max(low, -0.2), "high": high, **named},
        {"kind": "tick", "of": "best constant answer", "score": one.score.null, **named},
        {"kind": "tick", "of": "soft and grainy pictures", "score": max(one.rough, -0.2), **named},
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


@dataclass(frozen=True)
class Options(Settings):
    """What can be read off a pair?

    Attributes:
        reader: Name of a reader that ships.
        json: Print the result as one JSON object on the last line.
    """

    reader: str = SHIPPED_READER
    json: bool = False


def job(work: Any) -> dict[str, Any]:
    """The same for a page: the request holds the settings."""
    settings = Settings(**work.run.request)
    return exam(shipped_reader(), held_out(settings), settings).as_json()


def main(argv: list[str]) -> int:
    """`python -m plantedu generation regressor-report [--plants 512] [--json]`."""
    options = tyro.cli(Options, args=argv, prog="python -m plantedu generation regressor-report")
    settings = Settings(options.plants, options.seed)
    result = exam(shipped_reader(options.reader), held_out(settings), settings)
    print(f"{'':20}{'score':>8}{'interval':>17}{'constant':>10}{'rough':>8}")
    for m in result.marks:
        low, high = m.score.interval or (0, 0)
        print(
            f"{m.column:20}{m.score.value:8.3f}   [{low:5.2f}, {high:5.2f}]{m.score.null:10.3f}"
            f"{m.rough:8.3f}  {m.unit}, {NAMES[m.view]}"
        )
    print(result.marks[0].score.caption())
    if options.json:
        print(json.dumps(result.as_json()))
    return 0
