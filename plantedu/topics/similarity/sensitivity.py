"""Two encoders that differ in one planted factor: which measure notices, and which cries wolf?

Encoders are told six factors of the plants, or five of them
(`topics/similarity/multitask_encoder.py`). Two seeds of one list differ in nothing that was
planted; that is the null. For every measure and untold factor:

    noticed   T = mean value(told, untold) - mean value(told, told'), against every way to call as
              many of the encoders untold: an exact test over encoders, not over pairs
    AUROC     chance that a pair with the difference looks less alike than one without; .5: blind
    sensitivity   share of pairs with the difference that lie below the lowest twentieth of those
                  without it (pairs that share an encoder with the one judged are left out)
    specificity   share of pairs *without* it that do not

One measure was named before, debiased CKA, the course's default: its p-values are corrected for the
factors that it is tried on. Those of all other measures are an exploration, and are corrected for
all of their cells together. Both by Holm's procedure. With few encoders no p can be small: the
least is one over the ways to choose the untold ones. `separates` counts, without a test, factors
for which every pair with the difference looks less alike than every pair without it.

A measure can only notice what is there: beside each factor stand what a probe reads of it in either
kind of encoder, and how far do() moves h.

Source: Ding et al. 2021, arXiv:2108.01661 (sensitivity and specificity) [ding2021]; Klabunde et al.
2025, arXiv:2408.00531 (grounding by design) [klabunde2024]; correction: Holm 1979 [holm1979].
Lesson: 06_similarity.
"""

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import tyro

from plantedu.charts.chart import Drawing
from plantedu.errors import PlantEduError, require
from plantedu.statistics.evidence import Evidence
from plantedu.statistics.paired_differences import holm
from plantedu.topics.similarity.results.sensitivity_chart import grounding_chart
from plantedu.topics.similarity.separation import auroc, floor, parts, spread
from plantedu.topics.similarity.separation import specificity as specificity_of

NONE = "none"
NAMED = "cka"  # the measure that was named before any was tried
LEVEL = 0.05


@dataclass(frozen=True)
class Noticed:
    """One measure on one untold factor.

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


@dataclass(frozen=True)
class GroundingResult:
    """Every measure on every untold factor.

    Attributes:
        n: Plants.
        table: By measure and untold factor.
        specificity: By measure.
        labels: Of the measures.
        probes: By factor: what probes read of it where it was told, and where not.
        moves: By factor: how far do() moves h, told and untold.
        encoders: Told all; for each untold factor.
    """

    n: int
    table: dict[str, dict[str, Noticed]]
    specificity: dict[str, float]
    labels: dict[str, str]
    probes: dict[str, tuple[float, float]]
    moves: dict[str, tuple[float, float]]
    encoders: tuple[int, int]

    def sensitivity(self, name: str) -> float:
        """Mean over the untold factors."""
        return float(np.mean([one.sensitivity for one in self.table[name].values()]))

    def corrected(self) -> dict[str, dict[str, float]]:
        """p by measure and factor after Holm's correction, within the named one, or the others."""
        families = [[name for name in self.table if (name == NAMED) == first] for first in (1, 0)]
        found: dict[str, dict[str, float]] = {}
        for names in families:
            cells = [(name, factor) for name in names for factor in self.table[name]]
            told = holm([self.table[name][factor].p for name, factor in cells]) if cells else []
            for (name, factor), p in zip(cells, told, strict=True):
                found.setdefault(name, {})[factor] = p
        return found

    def separates(self, name: str) -> int:
        """Factors for which a measure puts every pair with the difference below all without it."""
        return sum(one.auroc.value == 1 for one in self.table[name].values())

    @property
    def least(self) -> float:
        """The smallest p that this many encoders can give: one over the ways to choose."""
        told, untold = self.encoders
        return 1 / math.comb(told + untold, untold)

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        table = {
            name: {
                factor: vars(one) | {"auroc": one.auroc.as_json()} for factor, one in row.items()
            }
            for name, row in self.table.items()
        }
        totals = {
            name: {"sensitivity": self.sensitivity(name), "specificity": self.specificity[name]}
            for name in self.table
        }
        rest = ("n", "labels", "probes", "moves", "encoders", "specificity")
        told = {"table": table, "totals": totals, "corrected": self.corrected()}
        return told | {"least": self.least} | {k: getattr(self, k) for k in rest}

    @classmethod
    def from_json(cls, found: Mapping[str, Any]) -> "GroundingResult":
        """Read back what `as_json` gave."""
        table = {
            name: {factor: _noticed(one) for factor, one in row.items()}
            for name, row in found["table"].items()
        }
        pairs: dict[str, Any] = {
            name: {k: (v[0], v[1]) for k, v in found[name].items()} for name in ("probes", "moves")
        }
        few, many = found["encoders"]
        kept: dict[str, Any] = {name: found[name] for name in ("n", "specificity", "labels")}
        return cls(table=table, encoders=(few, many), **kept, **pairs)

    def chart(self, *, dark: bool = False) -> Drawing:
        """AUROC of each measure on each factor, chance drawn in."""
        told = self.corrected()
        rows = [
            (self.labels[name], factor, one.auroc, told[name][factor])
            for name, row in self.table.items()
            for factor, one in row.items()
        ]
        groups: dict[str, list[str]] = {}
        for name, row in self.table.items():
            seen = ", ".join(f for f in row if told[name][f] <= LEVEL) or "nothing"
            groups.setdefault(seen, []).append(self.labels[name])
        who = "; ".join(f"{seen} noticed by {', '.join(names)}" for seen, names in groups.items())
        says = (
            f"Chance that encoders that differ in a factor look less alike than two seeds: {who}."
            f" Filled: p at most {LEVEL:g} after Holm's correction. Dashed: .5, blind. "
            f"n = {self.n} plants, {self.encoders[0]} and {self.encoders[1]} encoders; null: two "
            "seeds told the same."
        )
        return grounding_chart(rows, says=says, dark=dark)


def grounding(
    told: Sequence[Any],
    untold: Mapping[str, Sequence[Any]],
    *,
    names: Sequence[str] = (),
    probes: Mapping[str, tuple[float, float]] | None = None,
    moves: Mapping[str, tuple[float, float]] | None = None,
    check: Callable[[], None] = lambda: None,
) -> GroundingResult:
    """Which measure notices which factor.

    Args:
        told: Features of the encoders that were told all, "plants columns" each, one a seed.
        untold: The same by factor left out; as many seeds for each factor.
        names: Measures; all of the family when empty.
        probes: What probes read of each factor, told and untold.
        moves: How far do() moves h, told and untold.
        check: Called between measures; may raise to stop.

    Raises:
        PlantEduError: for fewer than five encoders that were told all, or no other ones.
    """
    from plantedu.topics.similarity.family import MEASURES, measure

    require(len(told) >= 5, f"The null needs 5 encoders or more; got {len(told)}.")
    require(
        all(len(one) >= 2 for one in untold.values()) and bool(untold),
        "Give two encoders or more for each factor left out.",
    )
    table, specificity, labels = {}, {}, {}
    for how in [measure(name) for name in names] or MEASURES:
        check()
        null = [how.prepare(x) for x in told]
        within = _likeness(how, null)
        table[how.name] = {}
        for factor, rows in untold.items():
            likes = _likeness(how, [*null, *(how.prepare(x) for x in rows)], within)
            table[how.name][factor] = _one(likes, len(told), factor, how.label)
        specificity[how.name] = specificity_of(within)
        labels[how.name] = how.label
    encoders = (len(told), len(next(iter(untold.values()))))
    measured = (dict(probes or {}), dict(moves or {}))
    return GroundingResult(len(told[0]), table, specificity, labels, *measured, encoders)


def _likeness(how: Any, sides: Sequence[Any], known: np.ndarray | None = None) -> np.ndarray:
    """Every encoder with every other one; larger is more alike, directions averaged.

    `known` is the likeness of the first of them, where it has been worked out.
    """
    k, done = len(sides), 0 if known is None else len(known)
    found = np.full((k, k), np.nan)
    if known is not None:
        found[:done, :done] = known
    for i, j in combinations(range(k), 2):
        if j < done:
            continue
        value = float(how.compare_all([sides[i]], [sides[j]], quick=True))
        if not how.symmetric:
            value = (value + float(how.compare_all([sides[j]], [sides[i]], quick=True))) / 2
        found[i, j] = found[j, i] = -value if how.distance else value
    return found


def _one(likes: np.ndarray, told: int, factor: str, label: str) -> Noticed:
    """A measure on an untold factor, from the likeness of all encoders."""
    k = len(likes)
    within, between = parts(likes, range(told, k))
    seen = between.mean() - within.mean()
    others = [parts(likes, chosen) for chosen in combinations(range(k), k - told)]
    gaps = np.array([b.mean() - w.mean() for w, b in others])
    evidence = Evidence(
        question=f"Does {label} see that {factor} was left out?",
        value=auroc(within, between),
        null=0.5,
        control="two seeds told the same",
        n=k,
        seeds=k,
        interval=spread(likes, told),
    )
    below = [likes[i, j] < floor(likes, told, (i,)) for i in range(told) for j in range(told, k)]
    p = float((gaps <= seen + 1e-12).mean())
    return Noticed(evidence, p, float(within.mean()), float(between.mean()), float(np.mean(below)))


def _noticed(found: Mapping[str, Any]) -> Noticed:
    auroc = {**found["auroc"], "interval": tuple(found["auroc"]["interval"])}
    rest = ("p", "within", "between", "sensitivity")
    return Noticed(Evidence(**auroc), *(found[name] for name in rest))


def told_features(folder: Path, plants: int) -> dict[str, Any]:
    """What `experiments.multitask_encoders` has kept, as the arguments of `grounding`.

    Raises:
        PlantEduError: if it has not been run.
    """
    import torch

    files = sorted(Path(folder).glob("*-*.npz"))
    if not files:
        raise PlantEduError(
            "There are no told encoders here yet: run `python -m experiments.multitask_encoders` "
            "first (about 7 minutes of one core)."
        )
    arms: dict[str, list[Any]] = {}
    for path in files:
        with np.load(path, allow_pickle=False) as file:
            arms.setdefault(path.stem.rpartition("-")[0], []).append(dict(file))
    features = {
        name: [torch.from_numpy(one["h"][:plants]) for one in seeds] for name, seeds in arms.items()
    }
    told = {
        kind: {
            f: tuple(float(np.mean([one[f"{word} {f}"] for one in arms[arm]])) for arm in (NONE, f))
            for f in features
            if f != NONE
        }
        for kind, word in (("probes", "probe"), ("moves", "do"))
    }
    return {"told": features.pop(NONE), "untold": features, **told}


@dataclass(frozen=True)
class Options:
    """Which measure notices that an encoder was not told a factor?

    Attributes:
        plants: Held-out plants.
        measures: Which measures; all when none is named.
        json: Print the result as one JSON object on the last line.
    """

    plants: int = 512
    measures: tuple[str, ...] = ()
    json: bool = False


def main(argv: list[str]) -> int:
    """On the encoders that `experiments.multitask_encoders` has made."""
    from plantedu.store.paths import home

    options = tyro.cli(Options, args=argv, prog="python -m plantedu similarity sensitivity")
    given = told_features(home() / "told", options.plants)
    result = grounding(given.pop("told"), given.pop("untold"), names=options.measures, **given)
    tell(result)
    if options.json:
        print(json.dumps(result.as_json()))
    return 0


def tell(result: GroundingResult) -> None:
    """Print a result: AUROC and p of each factor, then sensitivity and specificity."""
    factors = list(result.probes) or list(next(iter(result.table.values())))
    print(f"{'untold:':<40}" + "".join(f"{f:>19}" for f in factors) + "   sens.  spec.")
    told = result.corrected()
    for name, row in result.table.items():
        cells = "".join(f"{row[f].auroc.value:11.2f} p {told[name][f]:.3f}" for f in factors)
        totals = f"{result.sensitivity(name):8.2f}{result.specificity[name]:7.2f}"
        print(f"{result.labels[name]:<40}{cells}{totals}")
    print(f"p: exact over encoders, corrected by Holm within {NAMED} and within all others; least "
          f"that there is: {result.least:.5f}")  # fmt: skip
    for kind, ends in (("probe", result.probes), ("do() moves h", result.moves)):
        pairs = "".join(f"{ends[f][0]:11.2f} to {ends[f][1]:4.2f}" for f in ends)
        print(f"{kind + ', told to untold':<40}{pairs}")
