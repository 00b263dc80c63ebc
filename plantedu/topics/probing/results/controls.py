"""The result of `probing controls`: readers, penalties and numbers of plants, with their controls.

Lesson: 02_training.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any

import altair as alt
import pandas as pd

from plantedu.charts.chart import Drawing, built, only
from plantedu.charts.palette import colour
from plantedu.errors import require
from plantedu.serialization import AsJson
from plantedu.statistics.evidence import Evidence

SMALLEST = 32  # plants of the shortest curve


@dataclass(frozen=True)
class Settings:
    """What is read, and from what.

    Attributes:
        encoder: A shipped encoder.
        factor: A planted factor.
        view: rgb, rgn or both.
        layer: h or z.
        plants: Training plants, and as many held-out ones.
        controls: Random-init encoders, of five.
        seeds: Shuffles and control tasks.
        seed: Draws them.
    """

    encoder: str = "cross-0"
    factor: str = "bloom"
    view: str = "rgb"
    layer: str = "z"
    plants: int = 512
    controls: int = 3
    seeds: int = 2
    seed: int = 0

    def __post_init__(self) -> None:
        for given, known in ((self.view, ("rgb", "rgn", "both")), (self.layer, ("h", "z"))):
            require(given in known, f"One of {', '.join(known)} is meant; got {given!r}.")
        require(self.plants >= 2 * SMALLEST, f"plants must be 64 or more, got {self.plants}.")
        require(1 <= self.controls <= 5, f"controls must be 1 to 5, got {self.controls}.")
        require(self.seeds >= 1, f"seeds must be 1 or more, got {self.seeds}.")


@dataclass(frozen=True)
class ReaderScore:
    """One reader.

    Attributes:
        reader: One of `probe_controls.READERS`.
        evidence: Score in held-out plants; null: shuffled labels.
        control: Score of the control task.
        random_inits: Score from each random-init encoder.
    """

    reader: str
    evidence: Evidence
    control: float
    random_inits: tuple[float, ...]

    @property
    def selectivity(self) -> float:
        """Score less that of the control task."""
        return self.evidence.value - self.control


@dataclass(frozen=True)
class PathOfPenalties:
    """The straight reader under every penalty; see `probe_controls.PathScores`."""

    penalties: tuple[float, ...]
    chosen: float
    first: float
    train: tuple[float, ...]
    score: tuple[float, ...]
    shuffled: tuple[float, ...]
    control: tuple[float, ...]


@dataclass(frozen=True)
class SizeScore:
    """The straight reader with so many training plants, on the encoder and on random inits."""

    plants: int
    score: float
    shuffled: float
    random_inits: tuple[float, ...]


@dataclass(frozen=True)
class ControlsResult(AsJson):
    """One factor from one layer."""

    settings: Settings
    unit: str
    chance: float
    readers: tuple[ReaderScore, ...]
    path: PathOfPenalties
    sizes: tuple[SizeScore, ...]

    def of(self, reader: str) -> ReaderScore:
        """One of the readers."""
        return next(one for one in self.readers if one.reader == reader)

    def chart(self, *, dark: bool = False) -> Drawing:
        """Every reader's score with its three controls."""
        return reader_chart(
            [(r.reader, r.evidence, r.control, r.random_inits) for r in self.readers],
            self.unit,
            dark=dark,
        )

    def path_chart(self, *, dark: bool = False) -> Drawing:
        """Scores of the straight reader over its penalty."""
        return path_chart(asdict(self.path), self.unit, dark=dark)

    def size_chart(self, *, dark: bool = False) -> Drawing:
        """Scores of the straight reader over the number of training plants."""
        return size_chart([asdict(one) for one in self.sizes], self.unit, dark=dark)


LOWEST = -0.5  # scores below it are drawn there, and said
LINES = {"train": "own plants", "score": "held-out plants", "shuffled": "shuffled labels"}
LINES |= {"control": "control task", "random": "random init"}
PAINT = ("first", "fourth", "null", "second", "third")


def reader_chart(
    readers: Sequence[tuple[str, Evidence, float, Sequence[float]]], unit: str, *, dark: bool
) -> Drawing:
    """A line a reader: dot with interval, shuffled and control task as ticks, inits as diamonds.

    Args:
        readers: Name, evidence, control task, random inits.
        unit: What is scored.
        dark: Whether the page is dark.
    """
    rows: list[dict[str, Any]] = []
    for name, e, control, inits in readers:
        low, high = e.interval or (e.value, e.value)
        rows.append(
            {"kind": "reader", "reader": name, "score": e.value}
            | {"low": low, "high": high}
            | {"shuffled": e.null, "control": control}
        )
        rows += [{"kind": "init", "reader": name, "score": x} for x in inits]
    said = "; ".join(
        f"{name} {e.value:z.2f} (shuffled {e.null:z.2f}, control task {control:z.2f}, random init "
        f"{sum(inits) / len(inits):z.2f})"
        for name, e, control, inits in readers
    )
    return Drawing(_readers(unit, dark), pd.DataFrame(rows), f"{unit} by reader: {said}.")


def path_chart(path: Mapping[str, Any], unit: str, *, dark: bool) -> Drawing:
    """Own plants, held-out plants, shuffled labels and control task over the penalty."""
    rows = [
        {"kind": "line", "x": x, "line": LINES[name], "score": y}
        for name in ("train", "score", "shuffled", "control")
        for x, y in zip(path["penalties"], path[name], strict=True)
    ]
    marks = {"chosen by left-out plants": path["chosen"], "first version": path["first"]}
    rows += [{"kind": "mark", "x": x, "words": words} for words, x in marks.items()]
    at = list(path["penalties"]).index(path["chosen"])
    near = min(path["penalties"], key=lambda p: abs(p - path["first"]))
    first = path["score"][list(path["penalties"]).index(near)]
    said = (
        f"{unit} over the penalty: {path['score'][at]:z.2f} in held-out plants where left-out "
        f"plants choose it ({path['chosen']:.2g}), {first:z.2f} near the first version's "
        f"{path['first']:g}; control task {path['control'][0]:z.2f} with next to none."
    )
    return Drawing(_lines(unit, "penalty / n", dark), pd.DataFrame(rows), said)


def size_chart(sizes: Sequence[Mapping[str, Any]], unit: str, *, dark: bool) -> Drawing:
    """The encoder, shuffled labels and random inits over the number of training plants."""
    rows = []
    for one in sizes:
        inits = one["random_inits"]
        scores = {"score": one["score"], "shuffled": one["shuffled"]}
        scores["random"] = sum(inits) / len(inits)
        rows += [
            {"kind": "line", "x": one["plants"], "line": LINES[k], "score": v}
            for k, v in scores.items()
        ]
    said = ", ".join(f"{one['score']:z.2f} with {one['plants']}" for one in sizes)
    words = f"{unit} in held-out plants over the number of training plants: {said}."
    return Drawing(_lines(unit, "training plants", dark), pd.DataFrame(rows), words)


@lru_cache(maxsize=4)
def _readers(unit: str, dark: bool) -> dict[str, Any]:
    base, inits = only("reader"), only("init")
    ink, null, chance, event = (colour(k, dark=dark) for k in (PAINT[1], *PAINT[2:][::2], PAINT[3]))
    y = alt.Y("reader:N", title=None, sort=None)
    x = alt.X("score:Q", title=unit, scale=alt.Scale(domain=[LOWEST, 1]))
    tips = ["reader:N"] + [
        alt.Tooltip(f"{k}:Q", format=".2f") for k in ("score", "shuffled", "control")
    ]
    layers = alt.layer(
        base.mark_rule(color=ink, strokeWidth=2).encode(alt.X("low:Q"), alt.X2("high:Q"), y),
        base.mark_tick(color=null, thickness=3, size=18).encode(alt.X("shuffled:Q"), y),
        base.mark_tick(color=event, thickness=3, size=18).encode(alt.X("control:Q"), y),
        inits.mark_point(color=chance, shape="diamond", size=50).encode(x, y),
        base.mark_point(color=ink, filled=True, size=70, opacity=1).encode(x, y, tooltip=tips),
    )
    return built(layers.properties(height=190))


@lru_cache(maxsize=8)
def _lines(unit: str, along: str, dark: bool) -> dict[str, Any]:
    lines, marks = only("line"), only("mark")
    names = list(LINES.values())
    paint = alt.Scale(domain=names, range=[colour(k, dark=dark) for k in PAINT])
    x = alt.X("x:Q", title=along, scale=alt.Scale(type="log"))
    y = alt.Y("score:Q", title=unit, scale=alt.Scale(domain=[LOWEST, 1]))
    hue = alt.Color("line:N", scale=paint, title=None, legend=alt.Legend(orient="bottom"))
    tips = ["line:N", alt.Tooltip("x:Q", format=".2g"), alt.Tooltip("score:Q", format=".2f")]
    layers = alt.layer(
        marks.mark_rule(color=colour("chance", dark=dark), strokeDash=[3, 3]).encode(x),
        marks.mark_text(align="left", dx=3, baseline="top").encode(
            x, y=alt.value(2), text="words:N"
        ),
        lines.mark_line(point=True).encode(x, y, hue, tooltip=tips),
    )
    return built(layers.properties(height=290))
