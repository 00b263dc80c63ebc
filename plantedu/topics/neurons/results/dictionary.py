"""The result of `neurons dictionary`: settings, what was found, the chart.

Lesson: 10_neurons.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Self

import altair as alt
import numpy as np
import pandas as pd

from plantedu.charts.chart import Drawing, built, only
from plantedu.charts.palette import VALUES, colour
from plantedu.errors import require
from plantedu.serialization import AsJson
from plantedu.statistics.evidence import Evidence
from plantedu.topics.neurons.discretised import CONTROLS
from plantedu.topics.neurons.results.recovery import Recovery

JUDGED = 1024  # plants that mark, from the first held-out one on
NULLS = ("neurons", "PCA", "random dictionary", "of an untrained encoder")


@dataclass(frozen=True)
class Settings:
    """What is taken apart, and how.

    Attributes:
        encoder: What ships (cross-0), file:PATH, or random:SEED.
        sensors: Whose pictures it is trained on; marks are of the first one's.
        width: Directions.
        k: Codes that are kept.
        rule: topk or batchtopk.
        steps: Of its training.
        plants: Plants that it is trained on, behind those that mark.
        beside: Train the baselines too: a second seed and a random dictionary.
        untrained: Seed of an encoder that was never trained, taken apart as well; -1 for none.
        controls: Seeds of the positive control; 0 for none.
        seed: Of the dictionary.
    """

    encoder: str = "cross-0"
    sensors: tuple[str, ...] = ("rgb", "rgn")
    width: int = 512
    k: int = 8
    rule: str = "topk"
    steps: int = 300
    plants: int = 2048
    beside: bool = True
    untrained: int = -1
    controls: int = 1
    seed: int = 0

    def __post_init__(self) -> None:
        known = bool(self.sensors) and set(self.sensors) <= set(CONTROLS)
        require(known, f"Sensors are rgb and rgn; got {self.sensors!r}.")
        require(2 <= self.width <= 8192, f"width is from 2 to 8192; got {self.width}.")
        require(1 <= self.k <= self.width, f"k is from 1 to width; got {self.k}.")
        require(self.plants >= 64, f"plants must be 64 or more; got {self.plants}.")
        require(0 <= self.controls <= 20, f"controls is 0 to 20; got {self.controls}.")


@dataclass(frozen=True)
class CodeScores:
    """One way to say x with k codes.

    Attributes:
        name: Which.
        fvu, l0, dead: See `topics/neurons/dictionary_scores.py`.
        duplicates: Share of live directions with another one at a cosine of .9 or more; None where
            they were not counted.
        recovered: Loss recovered of a reader of disease; None where it reads nothing from h.
        auroc: Best unit's AUROC by question, on plants that did not choose it.
    """

    name: str
    fvu: float
    l0: float
    dead: float
    duplicates: float | None
    recovered: float | None
    auroc: dict[str, float]

    @property
    def readable(self) -> float:
        """Mean AUROC over the questions."""
        return float(np.mean(list(self.auroc.values())))


@dataclass(frozen=True)
class Feature:
    """One direction of the dictionary.

    Attributes:
        number: Its place.
        question: What it answers best.
        auroc: How well, on plants that did not choose the question.
        fires: Share of places in which it fires.
        strength: Its code where it fires, mean.
        tops: Plants with most of it, by index.
    """

    number: int
    question: str
    auroc: float
    fires: float
    strength: float
    tops: tuple[int, ...]


@dataclass(frozen=True)
class DictionaryResult(AsJson):
    """A dictionary beside its baselines.

    Attributes:
        settings: How it was made.
        rows: The dictionary first, then its baselines.
        curve: Step, FVU of the batch, share of dead codes.
        agreement: Two seeds, beside two seeds on Gaussian numbers of the same covariance; None
            where a second one was not trained.
        at_random: The same number beside activations drawn at random, a weaker null.
        control: What the same dictionary finds of known directions, and one made for them.
        features: The most readable ones, best first.
        warning: Where the data cannot support its width; else "".
        places: Activations that it was trained on.
    """

    settings: Settings
    rows: tuple[CodeScores, ...]
    curve: tuple[tuple[int, float, float], ...]
    agreement: Evidence | None
    at_random: Evidence | None = field(metadata={"was": "by_lot"})
    control: tuple[Recovery, ...]
    features: tuple[Feature, ...]
    warning: str
    places: int

    @classmethod
    def from_json(cls, found: Mapping[str, Any]) -> Self:
        """Read what a run or a file holds; older ones have other names and fewer parts."""
        if "control" not in found:
            rows = [{"duplicates": None, **row} for row in found["rows"]]
            settings = {"controls": 0, **found["settings"]}
            older = {"control": (), "at_random": found["agreement"], "agreement": None}
            found = {**found, **older, "rows": rows, "settings": settings}
        return super().from_json(found)

    def row(self, name: str) -> CodeScores:
        """One of the rows."""
        return next(one for one in self.rows if one.name == name)

    @property
    def caption(self) -> str:
        """n, seeds and nulls in words."""
        return (
            f"n = {JUDGED} plants that nobody was trained on, 1 seed; "
            "null: neurons, PCA and a random dictionary with the same k and width"
        )

    def chart(self, *, dark: bool = False) -> Drawing:
        """FVU and readability of every row."""
        return worth_chart(self.rows, self.caption, dark=dark)

    def auroc_chart(self, *, dark: bool = False) -> Drawing:
        """Best-unit AUROC by question."""
        return auroc_chart(self.rows, self.caption, dark=dark)

    def curve_chart(self, *, dark: bool = False) -> Drawing:
        """FVU and dead codes as it was trained."""
        return curve_chart(self.curve, dark=dark)


def curve_chart(curve: Sequence[tuple[int, float, float]], *, dark: bool = False) -> Drawing:
    """FVU of each batch and the share of dead codes, by step.

    Raises:
        PlantEduError: before there is a step.
    """
    require(len(curve) > 0, "Not trained yet.")
    rows = [
        {"kind": "curve", "step": step, "of": name, "value": value}
        for step, fvu, dead in curve
        for name, value in (("FVU of the batch", fvu), ("dead codes", dead))
    ]
    step, fvu, dead = curve[-1]
    words = (
        f"A dictionary after {step} steps: {fvu:z.3f} of the variance of a batch is not rebuilt "
        f"(1: no better than the mean), {dead:.0%} of its codes are dead."
    )
    return Drawing(_curve_spec(dark), pd.DataFrame(rows), words)


def worth_chart(rows: Sequence[CodeScores], caption: str, *, dark: bool = False) -> Drawing:
    """FVU, loss not recovered and readability of each way to say x with k codes."""
    require(len(rows) > 0, "There is nothing to compare yet.")
    said = []
    for row in rows:
        scores = (("FVU (lower is better)", row.fvu), ("loss recovered", row.recovered))
        scores += (("best-unit AUROC", row.readable),)
        said += [
            {"kind": "worth", "name": row.name, "of": of, "value": v}
            for of, v in scores
            if v is not None
        ]
    words = "; ".join(
        f"{row.name}: FVU {row.fvu:.3f}, loss recovered {_share(row.recovered)}, AUROC of the best "
        f"unit {row.readable:z.3f}, dead {row.dead:.0%}{_double(row.duplicates)}"
        for row in rows
    )
    names = tuple(row.name for row in rows)
    return Drawing(_worth_spec(names, dark), pd.DataFrame(said), f"{words}. {caption}.")


def auroc_chart(rows: Sequence[CodeScores], caption: str, *, dark: bool = False) -> Drawing:
    """The best unit for each question, a dot for each way to say x."""
    require(len(rows) > 0, "There is nothing to compare yet.")
    order = sorted(rows[0].auroc, key=lambda name: -rows[0].auroc[name])
    said = [
        {"kind": "best", "name": row.name, "question": name, "auroc": row.auroc[name]}
        for row in rows
        for name in order
    ]
    words = "; ".join(
        f"{name} " + ", ".join(f"{row.name} {row.auroc[name]:z.2f}" for row in rows)
        for name in order[:4]
    )
    names = tuple(row.name for row in rows)
    return Drawing(
        _auroc_spec(tuple(order), names, dark),
        pd.DataFrame(said),
        f"AUROC of the best unit for each question, chance .5; the four best: {words}. {caption}.",
    )


def _double(value: float | None) -> str:
    return "" if value is None else f", double {value:.0%}"


def _share(value: float | None) -> str:
    return "not defined (nothing is read)" if value is None else f"{value:z.2f}"


def _hues(names: Sequence[str], dark: bool) -> list[str]:
    return [
        colour("null" if name == "random dictionary" else VALUES[k % len(VALUES)], dark=dark)
        for k, name in enumerate(names)
    ]


@lru_cache(maxsize=8)
def _curve_spec(dark: bool) -> dict[str, Any]:
    hues = [colour("loss", dark=dark), colour("floor", dark=dark)]
    names = ["FVU of the batch", "dead codes"]
    scale, top = alt.Scale(domain=names, range=hues), alt.Legend(orient="top", title=None)
    line = only("curve").mark_line(strokeWidth=2)
    x = alt.X("step:Q", title="step")
    y = alt.Y("value:Q", title="share", scale=alt.Scale(domain=[0, 1], clamp=True))
    color = alt.Color("of:N", scale=scale, legend=top)
    dash = alt.StrokeDash("of:N", scale=alt.Scale(domain=names, range=[[1, 0], [5, 3]]), legend=top)
    return built(alt.layer(line.encode(x, y, color, dash)).properties(height=200))


@lru_cache(maxsize=8)
def _worth_spec(names: tuple[str, ...], dark: bool) -> dict[str, Any]:
    y = alt.Y("name:N", sort=list(names), title=None, axis=alt.Axis(labelLimit=150, ticks=False))
    x = alt.X("value:Q", title="share, or AUROC", scale=alt.Scale(domain=[0, 1], clamp=True))
    kinds = ["FVU (lower is better)", "loss recovered", "best-unit AUROC"]
    hues = [colour(VALUES[k], dark=dark) for k in (1, 2, 0)]
    top = alt.Legend(orient="top", title=None, columns=1)
    color = alt.Color("of:N", scale=alt.Scale(domain=kinds, range=hues), legend=top)
    shape = alt.Shape("of:N", scale=alt.Scale(domain=kinds), legend=top)
    tips = ["name:N", "of:N", alt.Tooltip("value:Q", format=".3f")]
    dots = only("worth").mark_point(filled=True, size=80, opacity=0.95)
    return built(
        alt.layer(dots.encode(x, y, color, shape, tooltip=tips)).properties(height=alt.Step(34))
    )


@lru_cache(maxsize=8)
def _auroc_spec(order: tuple[str, ...], names: tuple[str, ...], dark: bool) -> dict[str, Any]:
    y = alt.Y(
        "question:N",
        sort=list(order),
        title=None,
        axis=alt.Axis(labelLimit=130, labelOverlap=False),
    )
    scale = alt.Scale(domain=[0.4, 1], clamp=True)
    x = alt.X("auroc:Q", title="AUROC of the best unit", scale=scale)
    top = alt.Legend(orient="top", title=None, columns=1)
    color = alt.Color("name:N", scale=alt.Scale(domain=list(names), range=_hues(names, dark)),
                      legend=top)  # fmt: skip
    shape = alt.Shape("name:N", scale=alt.Scale(domain=list(names)), legend=top)
    tips = ["question:N", "name:N", alt.Tooltip("auroc:Q", format=".3f")]
    dots = only("best").mark_point(filled=True, size=55, opacity=0.85)
    chance = (
        alt.Chart(alt.Data(name="rows"))
        .mark_rule(strokeDash=[4, 3], color=colour("chance", dark=dark))
        .encode(alt.XDatum(0.5, scale=alt.Scale(domain=[0.4, 1], clamp=True)))
    )
    layers = [chance, dots.encode(x, y, color, shape, tooltip=tips)]
    return built(alt.layer(*layers).properties(height=alt.Step(17)))
