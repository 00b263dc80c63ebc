"""Two encoders that differ in one planted factor: which measure notices, and which cries wolf?

Multitask encoders are trained on six factors of the plants, or five of them
(`topics/similarity/multitask_encoder.py`). Two seeds of one list differ in nothing that was
planted; that is the null. For every measure and factor left out:

    noticed   T = mean value(all, five) - mean value(all, all'), against every way to choose as
              many of the encoders: an exact test over encoders, not over pairs
    AUROC     chance that a pair with the difference looks less alike than one without; .5: blind
    sensitivity   share of pairs with the difference that lie below the lowest twentieth of those
                  without it (pairs that share an encoder with the one judged are left out)
    specificity   share of pairs *without* it that do not

One measure was named before, debiased CKA, the course's default: its p-values are corrected for the
factors that it is tried on. Those of all other measures are an exploration, and are corrected for
all of their cells together. Both by Holm's procedure. With few encoders no p can be small: the
least is one over the ways to choose. `separates` counts, without a test, factors
for which every pair with the difference looks less alike than every pair without it.

A measure can only notice what is there: beside each factor stand what a probe reads of it in either
kind of encoder, and how far do() moves h.

Source: Ding et al. 2021, arXiv:2108.01661 (sensitivity and specificity) [ding2021]; Klabunde et al.
2025, arXiv:2408.00531 (grounding by design) [klabunde2024]; correction: Holm 1979 [holm1979].
Lesson: 06_similarity.
"""

from collections.abc import Callable, Mapping, Sequence
from itertools import combinations, product

import numpy as np
from torch import Tensor

from plantedu.errors import require
from plantedu.statistics.evidence import Evidence
from plantedu.topics.method import Context, Method
from plantedu.topics.similarity.family import MEASURES, measure
from plantedu.topics.similarity.measure import Measure, Prepared
from plantedu.topics.similarity.multitask_features import kept_features, train_missing
from plantedu.topics.similarity.results.sensitivity import (
    NAMED,
    Noticed,
    SensitivityResult,
    Settings,
)
from plantedu.topics.similarity.separation import auroc, floor, parts, spread
from plantedu.topics.similarity.separation import specificity as specificity_of


def sensitivity(
    complete: Sequence[Tensor],
    reduced: Mapping[str, Sequence[Tensor]],
    *,
    names: Sequence[str] = (),
    probes: Mapping[str, tuple[float, float]] | None = None,
    moves: Mapping[str, tuple[float, float]] | None = None,
    check: Callable[[], None] = lambda: None,
) -> SensitivityResult:
    """Which measure notices which factor.

    Args:
        complete: Features of encoders trained on all factors, "plants columns" each, one a seed.
        reduced: The same by factor left out; as many seeds for each factor.
        names: Measures; all of the family when empty.
        probes: What probes read of each factor, trained on it and not.
        moves: How far do() moves h, trained on the factor and not.
        check: Called between measures; may raise to stop.

    Raises:
        PlantEduError: for fewer than five encoders of all factors, or no other ones.
    """
    require(len(complete) >= 5, f"The null needs 5 encoders or more; got {len(complete)}.")
    require(
        all(len(one) >= 2 for one in reduced.values()) and bool(reduced),
        "Give two encoders or more for each factor left out.",
    )
    table, specificity, labels = {}, {}, {}
    for how in [measure(name) for name in names] or MEASURES:
        check()
        null = [how.prepare(x) for x in complete]
        within = _similarities(how, null)
        table[how.name] = {}
        for factor, rows in reduced.items():
            likes = _similarities(how, [*null, *(how.prepare(x) for x in rows)], within)
            table[how.name][factor] = _one(likes, len(complete), factor, how.label)
        specificity[how.name] = specificity_of(within)
        labels[how.name] = how.label
    return SensitivityResult(
        n=len(complete[0]),
        table=table,
        specificity=specificity,
        labels=labels,
        probes=dict(probes or {}),
        moves=dict(moves or {}),
        encoders=(len(complete), len(next(iter(reduced.values())))),
    )


def _similarities(
    how: Measure, sides: Sequence[Prepared], known: np.ndarray | None = None
) -> np.ndarray:
    """Every encoder with every other one; larger is more alike, directions averaged.

    `known` is the similarity of the first of them, where it has been worked out.
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


def _one(likes: np.ndarray, complete: int, factor: str, label: str) -> Noticed:
    """A measure on a factor left out, from the similarity of all encoders."""
    k = len(likes)
    within, between = parts(likes, range(complete, k))
    seen = between.mean() - within.mean()
    others = [parts(likes, chosen) for chosen in combinations(range(k), k - complete)]
    gaps = np.array([b.mean() - w.mean() for w, b in others])
    evidence = Evidence(
        question=f"Does {label} see that {factor} was left out?",
        value=auroc(within, between),
        null=0.5,
        control="two seeds trained on the same",
        n=k,
        seeds=k,
        interval=spread(likes, complete),
    )
    pairs = product(range(complete), range(complete, k))
    below = [likes[i, j] < floor(likes, complete, (i,)) for i, j in pairs]
    p = float((gaps <= seen + 1e-12).mean())
    return Noticed(evidence, p, float(within.mean()), float(between.mean()), float(np.mean(below)))


NONE = "none"
ENCODERS = "told"  # folder of the multitask encoders, under the name that machines know


def _run(settings: Settings, context: Context) -> SensitivityResult:
    folder = context.home / ENCODERS
    if settings.encoders:
        train_missing(folder, context.bank, settings.encoders, context)
    given = kept_features(folder, settings.plants, settings.encoders)
    return sensitivity(
        given.complete,
        given.reduced,
        names=settings.measures,
        probes=given.probes,
        moves=given.moves,
        check=context.check,
    )


def tell(result: SensitivityResult) -> None:
    """Print a result: AUROC and p of each factor, then sensitivity and specificity."""
    factors = list(result.probes) or list(next(iter(result.table.values())))
    print(f"{'left out:':<40}" + "".join(f"{f:>19}" for f in factors) + "   sens.  spec.")
    corrected = result.corrected()
    for name, row in result.table.items():
        cells = "".join(f"{row[f].auroc.value:11.2f} p {corrected[name][f]:.3f}" for f in factors)
        totals = f"{result.sensitivity(name):8.2f}{result.specificity[name]:7.2f}"
        print(f"{result.labels[name]:<40}{cells}{totals}")
    print(f"p: exact over encoders, corrected by Holm within {NAMED} and within all others; least "
          f"that there is: {result.least:.5f}")  # fmt: skip
    for kind, ends in (("probe", result.probes), ("do() moves h", result.moves)):
        pairs = "".join(f"{ends[f][0]:11.2f} to {ends[f][1]:4.2f}" for f in ends)
        print(f"{kind + ', trained on it and not':<40}{pairs}")


METHOD = Method(Settings, _run, tell)
