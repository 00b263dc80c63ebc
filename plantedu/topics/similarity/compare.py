"""When are two representations the same? Every pair beside the same pair with its plants shuffled.

    value      a measure of the family (`topics/similarity/family.py`) on n held-out plants
    null       the same with the plants of the second side in other orders: mean, and the level that
               one order in twenty passes
    p          share of orders at least as alike, exact for plants drawn independently
    interval   half-samples of plants, drawn without putting back

A bootstrap that puts back draws some plants twice; two copies are a perfect pair, and CKA and
neighbours rise for no reason. So halves are drawn.

Shuffling answers the least question: is there any relation? Encoders of the same pictures nearly
always have one. Beside it stand a random-init encoder, the pictures themselves, and another seed.
What a value *means* is for a planted difference to say (`grounding`).

Source: Kornblith et al. 2019, arXiv:1905.00414 [kornblith2019]; Phipson & Smyth 2010
[phipson2010]; Politis & Romano 1994 [politis1994]. Lesson: 06_similarity.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from plantedu.charts.chart import Drawing
from plantedu.errors import require
from plantedu.statistics.evidence import Evidence
from plantedu.topics.method import Context, Method
from plantedu.topics.similarity.comparisons import Comparison
from plantedu.topics.similarity.request import Settings
from plantedu.topics.similarity.results.compare_chart import AT, Heat, evidence_chart, heat_map
from plantedu.training.weights_spec import parse_start

DIGITS = 5
TABLES = ("value", "low", "high", "null", "p")


@dataclass(frozen=True, eq=False)
class SimilarityResult:
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
    def from_json(cls, found: Mapping[str, Any]) -> "SimilarityResult":
        """Read back what `as_json` gave."""
        as_they_are = {name: found[name] for name in ("label", "distance", "best", "question")}
        sides = {name: tuple(found[name]) for name in ("first", "second", "sides")}
        rest: dict[str, Any] = as_they_are | sides
        return cls(
            settings=Settings.from_json(found["settings"]),
            events=tuple((label, what) for label, what in found["events"]),
            tables={name: np.asarray(found[name], float) for name in TABLES},
            quantiles=np.asarray(found["quantiles"], float),
            dims=(tuple(found["dims"][0]), tuple(found["dims"][1])),
            notes={(i, j): said for i, j, said in found["notes"]},
            **rest,
        )

    def chart(self, *, dark: bool = False) -> Drawing:
        """The heat map, the null's level in every cell."""
        told = int((self.tables["p"] <= 0.05).sum())
        value = self.tables["value"]
        words = (
            f"{self.label} of {len(self.first)} by {len(self.second)} representations, from "
            f"{value.min():.2f} to {value.max():.2f}; small numbers: what one shuffle of the "
            f"plants in twenty passes (from {self.level.min():.3f} to {self.level.max():.3f}). "
            f"{told} of {value.size} cells lie beyond it; by luck {0.05 * value.size:.0f} would. "
            f"{self.evidence(0, 0).caption()}."
        )
        heat = Heat(
            *(self.first, self.second, self.sides, value, self.level, self.tables["p"]),
            *(self.distance, self.best, self.events, words),
        )
        return heat_map(heat, dark=dark)

    def cell_chart(self, i: int, j: int, *, dark: bool = False) -> Drawing:
        """One cell above its null."""
        one = self.evidence(i, j)
        low, high = one.interval or (one.value, one.value)
        p = float(self.tables["p"][i, j])
        says = (
            f"{one.question} {one.value:.3f}, from {low:.3f} to {high:.3f}; shuffled plants "
            f"{one.null + 0.0:.3f} on average, beyond {self.level[i, j]:.3f} one time in twenty; "
            f"p = {p:.3f}. {one.caption()}."
        )
        quantiles = [float(q) for q in self.quantiles[:, i, j]]
        return evidence_chart(
            one.value, (low, high), quantiles, says=says, label=self.label, dark=dark
        )


def similarity(
    settings: Settings, *, folder: Path, check: Callable[[], None] = lambda: None
) -> SimilarityResult:
    """Compare representations.

    Args:
        settings: Which, and how.
        folder: Where rendered pairs and features are kept.
        check: Called between parts; may raise to stop.

    Raises:
        PlantEduError: for names that are not there, encoders that cannot be compared, constant
            features, or too few plants for the measure.
    """
    from plantedu.topics.similarity.cached_features import Shown
    from plantedu.topics.similarity.family import measure

    chosen, how = settings.chosen(), measure(settings.measure)
    require(settings.halves >= 20, f"An interval needs 20 halves or more; got {settings.halves}.")
    place = {"first": settings.first, "plants": settings.plants, "folder": folder}
    shown = Shown(settings.data, settings.world_seed, **place)
    rows = shown.features((*chosen.first, *chosen.second), _open, check)
    sides = rows[: len(chosen.first)], rows[len(chosen.first) :]
    return compared(settings, chosen, how, *sides, check=check)


def compared(
    settings: Settings,
    chosen: Comparison,
    how: Any,
    first: list[Any],
    second: list[Any],
    *,
    check: Callable[[], None] = lambda: None,
) -> SimilarityResult:
    """The table from features in hand, "plants columns" each; all of the same plants."""
    from plantedu.statistics.subsampling import half_sample_bounds
    from plantedu.topics.similarity.permutation import permutation_null
    from plantedu.training.seeding import generator_for, numpy_generator_for

    n = len(first[0])
    a, b = ([how.prepare(x, m.label) for x, m in zip(side, names, strict=True)]
            for side, names in ((first, chosen.first), (second, chosen.second)))  # fmt: skip
    null = permutation_null(
        *(how, a, b),
        generator=generator_for(settings.seed, "shuffled plants"),
        shuffles=settings.shuffles,
        check=check,
    )

    def on(plants: np.ndarray) -> np.ndarray:
        parts = [[how.prepare(x[plants]) for x in side] for side in (first, second)]
        return how.compare_all(*parts, quick=True).double().cpu().numpy()

    low, high = half_sample_bounds(
        on,
        n=n,
        generator=numpy_generator_for(settings.seed, "halves"),
        halves=settings.halves,
        check=check,
    )
    dims = tuple(one.dim for one in a), tuple(one.dim for one in b)
    notes = {
        (i, j): said
        for i, p in enumerate(dims[0])
        for j, q in enumerate(dims[1])
        if (said := how.note(n, p, q))
    }
    return SimilarityResult(
        replace(settings, plants=n),
        *(how.label, how.distance, how.best, chosen.question),
        tuple(one.label for one in chosen.first),
        tuple(one.label for one in chosen.second),
        *(chosen.sides, chosen.events),
        {"value": null.values, "low": low, "high": high, "null": null.mean, "p": null.p},
        *(null.quantiles(AT), dims, notes),
    )


@lru_cache(maxsize=24)
def _open(words: str) -> Any:
    """An encoder by its words; a run's are looked up in the store."""
    from plantedu.zoo.encoders import open_encoder, opened

    return opened(_run_file(words), words) if words.startswith("run:") else open_encoder(words)


def _run_file(words: str) -> Path:
    """The checkpoint of a recorded run, at a step or its last one."""
    from plantedu.store.store import Store
    from plantedu.training.checkpoints import checkpoint_at

    run_id, moment = parse_start(words).moment
    store = Store()
    return checkpoint_at(store.folder(store.run(run_id).id), moment)


def _rounded(table: np.ndarray) -> Any:
    return np.round(table, DIGITS).tolist()


def _run(asked: Settings, context: Context) -> SimilarityResult:
    return similarity(asked, folder=context.home, check=context.check)


def tell(result: SimilarityResult) -> None:
    """Print a result: values, and below each what one shuffle in twenty passes."""
    print(f"{result.question}\n{result.label}; {' by '.join(result.sides)}")
    wide = max(map(len, result.first)) + 2
    print(" " * wide + "".join(f"{name[:12]:>13}" for name in result.second))
    for i, name in enumerate(result.first):
        cells = result.tables["value"][i], result.tables["p"][i]
        marks = "".join(
            f"{v:12.3f}{' ' if p <= 0.05 else 'x'}" for v, p in zip(*cells, strict=True)
        )
        print(f"{name:<{wide}}{marks}")
        print(" " * wide + "".join(f"{v:12.3f} " for v in result.level[i]))
    print("Below each value: what one shuffle of the plants in twenty passes. x: not beyond it.")
    for said in dict.fromkeys(result.notes.values()):
        print(f"Note: {said}")
    print(result.evidence(0, 0).caption())


METHOD = Method(Settings, _run, tell)
