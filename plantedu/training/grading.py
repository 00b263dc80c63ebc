"""Pinned or free in a word, and whether what is pinned is what moves the representation.

    grade = Spearman's rho over factors of (pinned_f, T_f)

A factor that the reader cannot read is neither pinned nor free.

Source: Spearman's rank correlation and its permutation test, scipy.stats; pinned and T as in
Jansen 1999, doi:10.1016/S0010-4655(98)00154-4 [jansen1999]. Lesson: 05_generation.
"""

import math
from collections.abc import Mapping, Sequence

import numpy as np
import scipy.stats
from torch import Tensor

from plantedu.errors import require
from plantedu.evidence import Evidence, bootstrap_interval
from plantedu.training.effects import Effects
from plantedu.training.spread import Ground, agreement

READABLE = 0.3  # below this share of its reading's spread a factor cannot be read
PINNED, FREE = 0.5, 0.25
BLIND = "cannot be read"


def verdict(pinned: Evidence, readable: float) -> str:
    """In a word: by the interval, and only where the reader can read the factor."""
    if readable < READABLE:
        return BLIND
    low, high = pinned.interval or (pinned.value, pinned.value)
    if low >= PINNED:
        return "pinned"
    return "free" if high < max(FREE, pinned.null + 0.1) else "partly"


def graded(
    spread: Mapping[str, np.ndarray],
    moved: Mapping[str, np.ndarray],
    columns: Sequence[str],
    real: Ground,
    *,
    seed: int,
    resamples: int = 400,
) -> tuple[Evidence, float]:
    """Spearman's correlation of pinned and effect over columns, and its p by shuffled columns.

    The interval is of a bootstrap over plants, of the conditions and of those that do() is tried
    on; the columns stay.

    Args:
        spread: W_i by column, "plants".
        moved: Share of each plant in T_f by column, "plants".
        columns: Those that can be read, 4 or more.
        real: Gives V and N.
        seed: Draws resamples and shuffles.
        resamples: How many of the bootstrap.

    Raises:
        PlantEduError: for fewer than 4 columns.
    """
    require(len(columns) >= 4, f"A grade needs 4 factors that can be read; got {len(columns)}.")
    rng = np.random.default_rng(seed)
    W, T = (np.stack([table[c] for c in columns], 1) for table in (spread, moved))

    def rho(rows: np.ndarray, others: np.ndarray) -> float:
        means = _mean(W[rows], W)
        pinned = [real.pinned(c, w) for c, w in zip(columns, means, strict=True)]
        return float(_along(_ranked(pinned), _ranked(_mean(T[others], T))))

    whole = np.arange(len(W)), np.arange(len(T))
    value = rho(*whole)
    again = [
        rho(rng.choice(whole[0], len(W)), rng.choice(whole[1], len(T))) for _ in range(resamples)
    ]
    pinned = [real.pinned(c, w) for c, w in zip(columns, np.nanmean(W, 0), strict=True)]
    test = scipy.stats.permutation_test(
        (_ranked(np.nanmean(T, 0)),),
        lambda t, axis: _along(_ranked(pinned), t, axis=axis),
        permutation_type="pairings",
        vectorized=True,
        n_resamples=9999,
        alternative="greater",
        rng=rng,
    )
    low, high = np.nanquantile(again, [0.025, 0.975])
    evidence = Evidence(
        question="Do the factors that move the representation most pin its samples most?",
        value=value,
        null=float(np.mean(test.null_distribution)),
        control="factors shuffled",
        n=len(columns),
        interval=(float(low), float(high)),
        truth=1.0,
    )
    return evidence, float(test.pvalue)


def _mean(table: np.ndarray, whole: np.ndarray) -> np.ndarray:
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


def pinned_evidence(
    column: str, spread: np.ndarray, nothing: float, real: Ground, rng: np.random.Generator
) -> Evidence:
    """How pinned a factor is, with a bootstrap interval over conditions.

    Args:
        column: The factor's column.
        spread: W_i, "plants"; NaN where a plant does not show it.
        nothing: Spread of pictures drawn from nothing; NaN where too few show it.
        real: Gives V and N.
        rng: Draws the resamples.
    """
    each = spread[np.isfinite(spread)]
    low, high = bootstrap_interval(each, generator=rng)
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


def effect_evidence(column: str, moved: Effects, name: str, rng: np.random.Generator) -> Evidence:
    """How far the representation `name` moves under do(), beside do() that changes nothing."""
    each = moved.moved[name][column]
    each = each[np.isfinite(each)]
    return Evidence(
        question=f"How far does the representation move when do() changes {column} alone?",
        value=float(each.mean()),
        null=moved.unmoved[name][column],
        control="do(factor = its own value)",
        n=len(each),
        interval=bootstrap_interval(each, generator=rng),
    )


def finite(value: float) -> float:
    """The number, or 0 where there is none: a chart and JSON want one."""
    return value if math.isfinite(value) else 0.0
