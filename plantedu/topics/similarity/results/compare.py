"""What `similarity compare` is asked, what it gives, and its chart.

Lesson: 06_similarity.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from plantedu.charts.chart import Drawing
from plantedu.data.evaluation_set import FIRST_HELD_OUT
from plantedu.serialization import revived
from plantedu.statistics.evidence import Evidence
from plantedu.topics.similarity.results.compare_chart import AT, Heat, evidence_chart, heat_map
from plantedu.topics.similarity.results.comparisons import Comparison, Sensor, comparison, of_two

DIGITS = 5


TABLES = ("value", "low", "high", "null", "p")


@dataclass(frozen=True)
class Settings:
    """What is compared and how.

    Attributes:
        comparison: One of those that the lesson shows; "own" takes `encoders`, `layers`, `sensors`.
        measure: Name of a measure.
        encoders: One or two encoders: cross-0 (what ships), run:ID[@WHEN], file:PATH, random:SEED,
            timm:NAME[@FILE], py:MODULE:FUNCTION.
        layers: Their layers.
        sensors: One sensor, or one for each side: rgb, rgn, both.
        plants: n, held-out plants.
        data: Planted world that they are from.
        world_seed: Its seed.
        first: Index of the first plant; behind all that the encoders were trained on.
        shuffles: Orders of the null.
        halves: Half-samples of the interval.
        seed: Draws orders and halves.
    """

    comparison: str = "seeds"
    measure: str = "cka"
    encoders: tuple[str, ...] = ()
    layers: tuple[str, ...] = ("h",)
    sensors: tuple[Sensor, ...] = ("rgb",)
    plants: int = 512
    data: str = "field"
    world_seed: int = 0
    first: int = FIRST_HELD_OUT
    shuffles: int = 199
    halves: int = 100
    seed: int = 0

    def chosen(self) -> Comparison:
        """The comparison that the settings name.

        Raises:
            PlantEduError: for a name that is not there.
        """
        if self.encoders:
            return of_two(self.encoders, self.layers, self.sensors)
        return comparison(self.comparison)


@dataclass(frozen=True, eq=False, kw_only=True)
class CompareResult:
    """A table of likenesses, each with its null and its interval.

    Attributes:
        settings: What was asked for.
        label: The measure, for a reader.
        distance: Small values are the alike ones.
        best: Value of a thing with itself.
        question: What the table answers.
        first, second: Labels of the two sides.
        sides: What they are.
        events: (label of the member before it, what happened).
        tables: value, low, high, null (mean of the shuffles), p; each "first second".
        quantiles: Of the shuffles at `AT`, "at first second".
        dims: Columns of each member of either side.
        notes: What n and dims do to a value, by (first, second); only where there is something.
    """

    settings: Settings
    label: str
    distance: bool
    best: float
    question: str
    first: tuple[str, ...]
    second: tuple[str, ...]
    sides: tuple[str, str]
    events: tuple[tuple[str, str], ...]
    tables: Mapping[str, np.ndarray]
    quantiles: np.ndarray
    dims: tuple[tuple[int, ...], tuple[int, ...]]
    notes: Mapping[tuple[int, int], str]

    @property
    def level(self) -> np.ndarray:
        """What one shuffle in twenty passes."""
        return self.quantiles[AT.index(0.05 if self.distance else 0.95)]

    def evidence(self, i: int, j: int) -> Evidence:
        """One cell with its null."""
        one = {name: float(self.tables[name][i, j]) for name in TABLES}
        sides = f"{self.sides[0]} {self.first[i]} and {self.sides[1]} {self.second[j]}"
        return Evidence(
            question=f"How alike are {sides} ({self.label})?",
            value=one["value"],
            null=one["null"],
            control=f"plants of the second shuffled, {self.settings.shuffles} orders",
            n=self.settings.plants,
            interval=(one["low"], one["high"]),
        )

    def as_json(self) -> dict[str, Any]:
        """Plain values; tables as lists of rows."""
        tables = {name: _rounded(table) for name, table in self.tables.items()}
        return {
            "settings": asdict(self.settings),
            "measure": self.settings.measure,
            "label": self.label,
            "distance": self.distance,
            "best": self.best,
            "question": self.question,
            "first": list(self.first),
            "second": list(self.second),
            "sides": list(self.sides),
            "events": [list(one) for one in self.events],
            **tables,
            "interval": [_rounded(self.tables["low"]), _rounded(self.tables["high"])],
            "level": _rounded(self.level),
            "quantiles": _rounded(self.quantiles),
            "dims": [list(side) for side in self.dims],
            "notes": [[i, j, said] for (i, j), said in self.notes.items()],
            "n": self.settings.plants,
            "seeds": 1,
            "control": f"plants of the second shuffled, {self.settings.shuffles} orders",
        }

    @classmethod
    def from_json(cls, found: Mapping[str, Any]) -> "CompareResult":
        """Read back what `as_json` gave."""
        as_they_are = {name: found[name] for name in ("label", "distance", "best", "question")}
        sides = {name: tuple(found[name]) for name in ("first", "second", "sides")}
        rest: dict[str, Any] = as_they_are | sides
        return cls(
            settings=revived(Settings, found["settings"]),
            events=tuple((label, what) for label, what in found["events"]),
            tables={name: np.asarray(found[name], float) for name in TABLES},
            quantiles=np.asarray(found["quantiles"], float),
            dims=(tuple(found["dims"][0]), tuple(found["dims"][1])),
            notes={(i, j): said for i, j, said in found["notes"]},
            **rest,
        )

    def chart(self, *, dark: bool = False) -> Drawing:
        """The heat map, the null's level in every cell."""
        beyond = int((self.tables["p"] <= 0.05).sum())
        value = self.tables["value"]
        words = (
            f"{self.label} of {len(self.first)} by {len(self.second)} representations, from "
            f"{value.min():z.2f} to {value.max():z.2f}; small numbers: what one shuffle of the "
            f"plants in twenty passes (from {self.level.min():z.3f} to {self.level.max():z.3f}). "
            f"{beyond} of {value.size} cells lie beyond it; by luck {0.05 * value.size:.0f} would. "
            f"{self.evidence(0, 0).caption()}."
        )
        heat = Heat(
            first=self.first,
            second=self.second,
            sides=self.sides,
            value=value,
            level=self.level,
            p=self.tables["p"],
            distance=self.distance,
            best=self.best,
            events=self.events,
            says=words,
        )
        return heat_map(heat, dark=dark)

    def cell_chart(self, i: int, j: int, *, dark: bool = False) -> Drawing:
        """One cell above its null."""
        one = self.evidence(i, j)
        low, high = one.interval or (one.value, one.value)
        p = float(self.tables["p"][i, j])
        says = (
            f"{one.question} {one.value:z.3f}, from {low:z.3f} to {high:z.3f}; shuffled plants "
            f"{one.null + 0.0:z.3f} on average, beyond {self.level[i, j]:z.3f} one time in twenty; "
            f"p = {p:z.3f}. {one.caption()}."
        )
        quantiles = [float(q) for q in self.quantiles[:, i, j]]
        return evidence_chart(
            one.value, (low, high), quantiles, says=says, label=self.label, dark=dark
        )


def _rounded(table: np.ndarray) -> Any:
    return np.round(table, DIGITS).tolist()
