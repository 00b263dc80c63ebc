"""Measures at both ends of an event, each beside the same measure at the ends of a control pair.

Lesson: 03_bump.
"""

from collections.abc import Callable, Sequence

import numpy as np
import torch

from plantedu.statistics.cka import gram, gram_cka
from plantedu.statistics.evidence import Evidence
from plantedu.statistics.intervals import Kind, plants_interval
from plantedu.statistics.rankme import rankme
from plantedu.statistics.retrieval import chance_mrr, reciprocal_ranks
from plantedu.statistics.subsampling import half_sample_interval
from plantedu.topics.bump.checkpoint_summary import CheckpointSummary
from plantedu.topics.bump.frozen_targets import targets_of
from plantedu.topics.bump.results.event import Change
from plantedu.zoo.evaluation_batch import Ruler

CONTROL = "the same change between two checkpoints without the event"


def changes(seen: Sequence[CheckpointSummary], rulers: Sequence[Ruler]) -> tuple[Change, ...]:
    """Readings, ranks, directions and codes of before, after, control before, control after."""
    return (*_readings(seen), *_found(seen), _directions(seen), *_codes(seen, rulers))


def alike(seen: Sequence[CheckpointSummary]) -> dict[str, Evidence]:
    """Debiased CKA of before with after, of h and of z; null: the control pair's."""
    found = {}
    for layer in ("h", "z"):
        grams = [gram(_layer(one, layer)) for one in seen]

        def measure(rows: np.ndarray, g: list = grams) -> float:
            return gram_cka(g[0][rows][:, rows], g[1][rows][:, rows])

        n = len(grams[0])
        found[layer] = Evidence(
            question=f"How alike is the geometry of {layer} before and after (debiased CKA)?",
            value=measure(np.arange(n)),
            null=gram_cka(grams[2], grams[3]),
            control="two checkpoints without the event",
            n=n,
            interval=half_sample_interval(measure, n=n, generator=np.random.default_rng(0)),
        )
    return found


def _layer(one: CheckpointSummary, layer: str):

    return one.h if layer == "h" else torch.cat(one.z, 1)


def _readings(seen: Sequence[CheckpointSummary]) -> list[Change]:
    return [
        _by_plant(
            f"{name}, read from h",
            seen[0].readings[name].unit,
            [one.readings[name].scores for one in seen],
            chance=seen[0].readings[name].chance,
        )
        for name in seen[0].readings
    ]


def _found(seen: Sequence[CheckpointSummary]) -> list[Change]:
    """Reciprocal rank of the partner, from either camera."""
    n = len(seen[0].z[0])
    ways = {"RGB finds its RGN": (0, 1), "RGN finds its RGB": (1, 0)}
    return [
        _by_plant(
            f"{name} among {n}",
            "MRR",
            [reciprocal_ranks(one.z[a], one.z[b]).numpy() for one in seen],
            chance=chance_mrr(n),
        )
        for name, (a, b) in ways.items()
    ]


def _directions(seen: Sequence[CheckpointSummary]) -> Change:

    rows = [torch.cat(one.z) for one in seen]
    n = len(seen[0].z[0])

    def at(k: int, plants: np.ndarray) -> float:
        return rankme(rows[k][np.concatenate([plants, plants + n])])

    return _by_halves("directions that z fills", "RankMe", at, n)


def _codes(seen: Sequence[CheckpointSummary], rulers: Sequence[Ruler]) -> list[Change]:
    """H(q), KL and prototypes in use, under each ruler."""
    found = []
    for ruler in rulers:
        scores = [one.seen.score(ruler) for one in seen]
        for name in ("entropy", "divergence"):
            label = {"entropy": "H(q)", "divergence": "KL(q||p)"}[name]
            per_plant = [getattr(score, name) for score in scores]
            found.append(_by_plant(f"{label}, {ruler.name}", "nats", per_plant, chance=None))
        found.append(_usage(seen, ruler))
    return found


def _usage(seen: Sequence[CheckpointSummary], ruler: Ruler) -> Change:

    codes = [targets_of(one.seen, ruler) for one in seen]

    def at(k: int, plants: np.ndarray) -> float:
        mean = codes[k][:, plants].double().mean((0, 1))
        return float(torch.exp(-torch.xlogy(mean, mean).sum())) / len(mean)

    return _by_halves(f"prototypes in use, {ruler.name}", "share of K", at, codes[0].shape[1])


def _by_plant(
    name: str, unit: str, per_plant: Sequence[np.ndarray], *, chance: float | None
) -> Change:
    """A measure that is a mean over plants."""
    means = [float(values.mean()) for values in per_plant]
    change = per_plant[1] - per_plant[0]
    kind: Kind = "difference" if unit == "accuracy" else "mean"
    interval = plants_interval(change, kind=kind)
    return _change(name, unit, means, chance, len(change), interval)


def _by_halves(name: str, unit: str, at: Callable[[int, np.ndarray], float], n: int) -> Change:
    """A measure that is none: `at(k, plants)` at checkpoint k."""
    interval = half_sample_interval(
        lambda plants: at(1, plants) - at(0, plants), n=n, generator=np.random.default_rng(0)
    )
    return _change(name, unit, [at(k, np.arange(n)) for k in range(4)], None, n, interval)


def _change(
    name: str,
    unit: str,
    means: Sequence[float],
    chance: float | None,
    n: int,
    interval: tuple[float, float],
) -> Change:
    evidence = Evidence(
        question=f"By how much does it change across the event: {name} ({unit})?",
        value=means[1] - means[0],
        null=means[3] - means[2],
        control=CONTROL,
        n=n,
        interval=interval,
    )
    return Change(name, unit, (means[0], means[1]), (means[2], means[3]), chance, evidence)
