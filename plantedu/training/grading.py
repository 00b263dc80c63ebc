"""Pinned or free in a word, and whether what is pinned is what moves the representation.

    grade = Spearman's rho over factors of (pinned_f, T_f)

A factor that the reader cannot read is neither pinned nor free.

Source: Spearman's rank correlation and its permutation test, scipy.stats; pinned and T as in
Jansen 1999, doi:10.1016/S0010-4655(98)00154-4 [jansen1999]. Lesson: 05_generation.
"""

import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import scipy.stats
import torch
from torch import Tensor

from plantedu.errors import require
from plantedu.evidence import Evidence
from plantedu.intervals import mean_interval
from plantedu.training.effects import Effects
from plantedu.training.spread import Ground, agreement, settled, showing

READABLE = 0.3  # below this share of its reading's spread a factor cannot be read
PINNED, FREE = 0.5, 0.1
BLIND = "cannot be read"


def verdict(pinned: Evidence, readable: float) -> str:
    """In a word: by the interval, and only where the reader can read the factor."""
    if readable < READABLE:
        return BLIND
    low, high = pinned.interval or (pinned.value, pinned.value)
    if low >= PINNED:
        return "pinned"
    return "free" if low <= pinned.null + 0.02 or high < FREE else "partly"


def graded(
    pinned: Callable[[np.ndarray], Sequence[float]],
    plants: int,
    moved: Mapping[str, np.ndarray],
    columns: Sequence[str],
    *,
    seed: int,
    resamples: int = 200,
) -> tuple[Evidence, float]:
    """Spearman's correlation of pinned and effect over columns, and its p by shuffled columns.

    The interval is of a bootstrap over plants, of the conditions and of those that do() is tried
    on; the columns stay.

    Args:
        pinned: How pinned each column is by the conditions of some rows, with repeats.
        plants: How many conditions there are.
        moved: Share of each plant in T_f by column, "plants".
        columns: Those that can be read, 4 or more.
        seed: Draws resamples and shuffles.
        resamples: How many of the bootstrap.

    Raises:
        PlantEduError: for fewer than 4 columns.
    """
    require(len(columns) >= 4, f"A grade needs 4 factors that can be read; got {len(columns)}.")
    rng = np.random.default_rng(seed)
    T = np.stack([moved[c] for c in columns], 1)
    own, effect = _ranked(pinned(np.arange(plants))), _ranked(np.nanmean(T, 0))
    again = []
    for _ in range(resamples):
        rows, others = rng.choice(plants, plants), rng.choice(len(T), len(T))
        again.append(_along(_ranked(pinned(rows)), _ranked(mean(T[others], T))))
    test = scipy.stats.permutation_test(
        (effect,),
        lambda t, axis: _along(own, t, axis=axis),
        permutation_type="pairings",
        vectorized=True,
        n_resamples=9999,
        alternative="greater",
        rng=rng,
    )
    low, high = np.nanquantile(again, [0.025, 0.975])
    evidence = Evidence(
        question="Do the factors that move the representation most pin its samples most?",
        value=float(_along(own, effect)),
        null=float(np.mean(test.null_distribution)),
        control="factors shuffled",
        n=len(columns),
        interval=(float(low), float(high)),
        truth=1.0,
    )
    return evidence, float(test.pvalue)


def settled_grade(
    readings: Mapping[str, Tensor],
    disease: Tensor,
    moved: Mapping[str, np.ndarray],
    names: Sequence[str],
    *,
    seed: int,
) -> tuple[Evidence, float]:
    """Spearman's correlation of what samples share with what do() moves.

    Args:
        readings: "plants samples width" by column.
        disease: Code of each source's disease.
        moved: Share of each plant in T_f by column, "plants".
        names: Columns that can be read.
        seed: Draws resamples and shuffles.
    """
    shown = {c: showing(c, disease).numpy() for c in names}

    def pinned(rows: np.ndarray) -> list[float]:
        chosen = {c: rows[shown[c][rows]] for c in names}
        whole = {c: r if len(r) >= 2 else np.flatnonzero(shown[c]) for c, r in chosen.items()}
        return [settled(readings[c], whole[c]) for c in names]

    return graded(pinned, len(disease), moved, names, seed=seed)


def mean(table: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """Means over plants that show each factor; where a resample has none, that of all plants."""
    counts = np.isfinite(table).sum(0)
    return np.where(counts, np.nansum(table, 0) / np.maximum(counts, 1), np.nanmean(whole, 0))


def _ranked(values: Sequence[float] | np.ndarray) -> np.ndarray:
    """Ranks with mean 0 and length 1; ties share theirs."""
    ranks = scipy.stats.rankdata(values)
    ranks = ranks - ranks.mean()
    return ranks / max(float(np.linalg.norm(ranks)), 1e-12)


def _along(one: np.ndarray, other: np.ndarray, axis: int = -1) -> np.ndarray:
    """Spearman's rho of ranks that `_ranked` made; permuting them keeps mean and length."""
    return np.sum(one * other, axis=axis)


def settled_evidence(column: str, readings: Tensor, rng: np.random.Generator) -> Evidence:
    """Share of the samples' variance that their condition accounts for, bootstrap over conditions.

    Args:
        column: The factor's column.
        readings: "plants samples width" of plants that show it.
        rng: Draws the resamples and deals samples to conditions by lot.
    """
    n, samples = readings.shape[:2]
    again = [settled(readings, rng.choice(n, n)) for _ in range(200)]
    flat = readings.flatten(0, 1)
    orders = [torch.from_numpy(rng.permutation(n * samples)) for _ in range(20)]
    lots = [settled(flat[order].unflatten(0, (n, samples))) for order in orders]
    low, high = np.quantile(again, [0.025, 0.975])
    return Evidence(
        question=f"Which share of the variance of {column} does the representation settle?",
        value=settled(readings),
        null=float(np.mean(lots)),
        control="samples dealt to conditions by lot",
        n=n,
        interval=(float(low), float(high)),
    )


def narrow_evidence(column: str, spread: np.ndarray, nothing: float, real: Ground) -> Evidence:
    """How narrow samples are against the world, with an interval over conditions.

    Args:
        column: The factor's column.
        spread: W_i, "plants"; NaN where a plant does not show it.
        nothing: Spread of pictures drawn from nothing; NaN where too few show it.
        real: Gives V and N.
    """
    each = spread[np.isfinite(spread)]
    low, high = mean_interval(each)
    ends = (real.pinned(column, high), real.pinned(column, low))
    null = real.pinned(column, nothing) if math.isfinite(nothing) else 0.0
    return Evidence(
        question=f"How narrow is {column} in pictures drawn from one representation?",
        value=finite(real.pinned(column, float(each.mean()))),
        null=finite(null),
        control="denoiser told nothing",
        n=len(each),
        interval=(finite(ends[0]), finite(ends[1])),
    )


def agreement_evidence(
    column: str, readings: Tensor, truth: np.ndarray, rng: np.random.Generator
) -> Evidence:
    """Whether mean readings "plants samples width" agree with the sources' own factor."""
    shuffled = [agreement(column, readings, rng.permutation(truth)) for _ in range(100)]
    return Evidence(
        question=f"Is the mean reading of {column} the source's own?",
        value=agreement(column, readings, truth),
        null=float(np.mean(shuffled)),
        control="sources shuffled",
        n=len(truth),
    )


def effect_evidence(column: str, moved: Effects, name: str) -> Evidence:
    """How far the representation `name` moves under do(), beside do() that changes nothing."""
    each = moved.moved[name][column]
    each = each[np.isfinite(each)]
    return Evidence(
        question=f"How far does the representation move when do() changes {column} alone?",
        value=float(each.mean()),
        null=moved.unmoved[name][column],
        control="do(factor = its own value)",
        n=len(each),
        interval=mean_interval(each),
    )


def finite(value: float) -> float:
    """The number, or 0 where there is none: a chart and JSON want one."""
    return value if math.isfinite(value) else 0.0
