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

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from plantedu.charts.palette import NAMES
from plantedu.data.renderer.factors import COLUMNS
from plantedu.models.factor_regressor import FactorReader, at_side, view_of
from plantedu.serialization import settings_of
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
from plantedu.topics.generation.results.regressor_report import Mark, ReaderResult, Settings
from plantedu.topics.method import Context, Method
from plantedu.training.seeding import generator_for

ROUGH = {"blur": 0.7, "grain": 0.02}


def exam(reader: FactorReader, book: Album, settings: Settings) -> ReaderResult:
    """Examine a reader.

    Args:
        reader: The network.
        book: Plants that it has not seen.
        settings: Seed of resamples and rough pictures.
    """
    generator = generator_for(settings.seed, "exam")
    small = (at_side(x, reader.side) for x in book.pictures())
    soft = [roughened(x, **ROUGH, generator=generator) for x in small]
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
    return album(recipe.data, recipe.world_seed, plants, settings.side)


def _bytes(images: Any) -> np.ndarray:
    return (images * 255).round().byte().numpy()


@dataclass(frozen=True)
class Request(Settings):
    """What can be read off a pair?

    Attributes:
        reader: Name of a reader that ships.
    """

    reader: str = SHIPPED_READER


def _run(asked: Request, context: Context) -> ReaderResult:
    settings = settings_of(asked, Settings)
    return exam(shipped_reader(asked.reader), held_out(settings), settings)


def tell(result: ReaderResult) -> None:
    """Print every mark with its interval, the best constant answer, and rough pictures."""
    print(f"{'':20}{'score':>8}{'interval':>17}{'constant':>10}{'rough':>8}")
    for m in result.marks:
        low, high = m.score.interval or (0, 0)
        print(
            f"{m.column:20}{m.score.value:8.3f}   [{low:5.2f}, {high:5.2f}]{m.score.null:10.3f}"
            f"{m.rough:8.3f}  {m.unit}, {NAMES[m.view]}"
        )
    print(result.marks[0].score.caption())


METHOD = Method(Request, _run, tell)
