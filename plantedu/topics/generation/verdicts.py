"""Pinned or free in a word, and whether what is pinned is what moves the representation.

    grade = Spearman's rho over factors of (pinned_f, T_f),   its interval over factors

A factor that the reader cannot read is neither pinned nor free.

Source: Spearman's rank correlation and its permutation test, scipy.stats; pinned and T as in
Jansen 1999, doi:10.1016/S0010-4655(98)00154-4 [jansen1999]. Lesson: 05_generation.
"""

import math
from collections.abc import Sequence

import numpy as np
import scipy.stats
import torch
from torch import Tensor

from plantedu.errors import require
from plantedu.statistics.evidence import Evidence
from plantedu.statistics.intervals import mean_interval
from plantedu.topics.generation.interventional_effects import Effects
from plantedu.topics.generation.results.invariances import BLIND, UNCLEAR
from plantedu.topics.generation.variance_components import (
    Ground,
    explained,
    left,
    resampled,
    settled,
    shuffled_r2,
)

READABLE = 0.3  # below this share of its reading's spread a factor cannot be read
PINNED = 0.5


def verdict(
    pinned: Evidence, above: Evidence, explained: float, readable: float, *, alpha: float = 0.05
) -> str:
    """In a word, and only where the reader can read the factor.

    Pinned, partly: the samples tell of the source's own value, at a level shared by all factors.
    Unclear: that is not shown, though more is settled than by an input that cannot hold the
    factor. Another factor may settle it: the input of the null holds less of those too. Free:
    neither is shown.

    Args:
        pinned: Share of the samples' variance that the condition settles.
        above: The same less its null, paired over plants.
        explained: p of R2 of the source's own factor.
        readable: Share of the reading's spread that the factor accounts for.
        alpha: Level of `explained`.
    """
    if readable < READABLE:
        return BLIND
    if explained > alpha:
        more = (above.interval or (above.value, above.value))[0] > 0
        return UNCLEAR if more else "free"
    low, _ = pinned.interval or (pinned.value, pinned.value)
    return "pinned" if low >= PINNED else "partly"


def graded(
    pinned: Sequence[float],
    effect: Sequence[float],
    *,
    seed: int,
    question: str = "Do the factors that move the representation most pin its samples most?",
) -> tuple[Evidence, float]:
    """Spearman's correlation of pinned and effect over factors, and its p by shuffled factors.

    The interval is over factors, which are what the claim is about; see `spearman`.

    Args:
        pinned: How pinned each factor is.
        effect: How far do() of it moves the representation.
        seed: Draws shuffles.
        question: What the correlation answers, where others are ranked in the place of these.

    Raises:
        PlantEduError: for fewer than 4 factors.
    """
    own, other = _ranked(pinned), _ranked(effect)
    test = scipy.stats.permutation_test(
        (other,),
        lambda t, axis: _along(own, t, axis=axis),
        permutation_type="pairings",
        vectorized=True,
        n_resamples=9999,
        alternative="greater",
        rng=np.random.default_rng(seed),
    )
    value, interval = spearman(pinned, effect)
    evidence = Evidence(
        question=question,
        value=value,
        null=float(np.mean(test.null_distribution)),
        control="factors shuffled",
        n=len(pinned),
        interval=interval,
        truth=1.0,
    )
    return evidence, float(test.pvalue)


def spearman(
    one: Sequence[float] | np.ndarray, other: Sequence[float] | np.ndarray, *, level: float = 0.95
) -> tuple[float, tuple[float, float]]:
    """Spearman's rho over factors and its interval.

        tanh(atanh(rho) -+ z sqrt((1 + rho^2 / 2) / (n - 3)))

    Args:
        one, other: A number for each of the same factors, 4 or more.
        level: Coverage of the interval.

    Raises:
        PlantEduError: for fewer than 4 factors.

    Source: Bonett & Wright 2000, doi:10.1007/BF02294183 [bonett2000].
    """
    n = len(one)
    require(n >= 4, f"A grade needs 4 factors that can be read; got {n}.")
    rho = float(_along(_ranked(one), _ranked(other)))
    z = scipy.stats.norm.ppf((1 + level) / 2) * math.sqrt((1 + rho**2 / 2) / (n - 3))
    if abs(rho) > 1 - 1e-12:
        return rho, (rho, rho)
    middle = math.atanh(rho)
    return rho, (math.tanh(middle - z), math.tanh(middle + z))


def less(
    trained: tuple[Sequence[float], Sequence[float]],
    random: tuple[Sequence[float], Sequence[float]],
    *,
    seed: int,
    resamples: int = 999,
) -> Evidence:
    """The grade of an encoder less that of one with random weights, paired over factors.

    Args:
        trained, random: Pinned and effect of the same factors, by either encoder.
        seed: Draws resamples of factors.
        resamples: How many.
    """
    rng, n = np.random.default_rng(seed), len(trained[0])
    whole = [np.asarray(x) for x in (*trained, *random)]

    def difference(rows: np.ndarray) -> float:
        a, b, c, d = (x[rows] for x in whole)
        return spearman(a, b)[0] - spearman(c, d)[0]

    again = [difference(rng.choice(n, n)) for _ in range(resamples)]
    low, high = np.quantile(again, [0.025, 0.975])
    return Evidence(
        question="Does training make the table agree better with what do() moves?",
        value=difference(np.arange(n)),
        null=0.0,
        control="the same of random weights",
        n=n,
        interval=(float(low), float(high)),
    )


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


def settled_evidence(
    column: str,
    readings: Tensor,
    omitted: Sequence[Tensor],
    rng: np.random.Generator,
    *,
    alpha: float = 0.05,
) -> tuple[Evidence, Evidence, float]:
    """What the condition settles, the same less its null, and samples assigned at random.

    Args:
        column: The factor's column.
        readings: "plants samples width" of plants that show it.
        omitted: The same by encoders that omit the factor, of the same plants.
        rng: Draws the resamples and deals samples to conditions at random.
        alpha: Of the interval of the second, shared by all factors that are judged.
    """
    n, samples = readings.shape[:2]
    rows = rng.integers(n, size=(999, n))
    b, w = resampled(readings, rows)
    rest = np.mean([resampled(one, rows)[0] for one in omitted], 0)
    total = np.where(b + w > 0, b + w, 1.0)
    value, null = settled(readings), left(readings, omitted)
    flat = readings.flatten(0, 1)
    orders = [torch.from_numpy(rng.permutation(n * samples)) for _ in range(20)]
    lots = [settled(flat[order].unflatten(0, (n, samples))) for order in orders]
    low, high = np.quantile(b / total, [0.025, 0.975])
    pinned = Evidence(
        question=f"Which share of the variance of {column} does the representation settle?",
        value=value,
        null=null,
        control="conditioned on the same plants with this factor set to one value",
        n=n,
        interval=(float(low), float(high)),
    )
    more = value - null
    # scipy.stats.t: few plants; the bootstrap's own tails are too thin at such levels
    spread = float(((b - rest) / total).std(ddof=1))
    reach = float(scipy.stats.t.ppf(1 - alpha / 2, n - 1)) * spread
    above = Evidence(
        question=f"How much of what is settled of {column} goes when the factor is set by do()?",
        value=more,
        null=0.0,
        control="a factor that the input cannot hold",
        n=n,
        interval=(more - reach, more + reach),
        level=1 - alpha,
    )
    return pinned, above, float(np.mean(lots))


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
        control="unconditional denoiser",
        n=len(each),
        interval=(finite(ends[0]), finite(ends[1])),
    )


def explained_evidence(
    column: str, readings: Tensor, truth: np.ndarray, rng: np.random.Generator
) -> tuple[Evidence, float]:
    """R2 of the sources' own factor on mean readings "plants samples width", and its p."""
    n = len(truth)
    shuffled = shuffled_r2(column, readings, truth, rng)
    again = [explained(column, readings, truth, rng.choice(n, n)) for _ in range(200)]
    low, high = np.quantile(again, [0.025, 0.975])
    evidence = Evidence(
        question=f"How much of the source's own {column} do the samples tell?",
        value=explained(column, readings, truth),
        null=float(np.mean(shuffled)),
        control="sources shuffled",
        n=n,
        interval=(float(low), float(high)),
        truth=1.0,
    )
    as_good = int((shuffled >= evidence.value - 1e-12).sum())
    return evidence, (1 + as_good) / (1 + len(shuffled))


def explained_less(
    column: str,
    readings: tuple[Tensor, Tensor],
    truth: np.ndarray,
    rng: np.random.Generator,
    *,
    resamples: int = 999,
) -> tuple[Evidence, float]:
    """R2 by the second's samples less that by the first's, paired over plants, and its p.

    Args:
        column: What was read.
        readings: "plants samples width" by both, of the same plants.
        truth: The sources' factor, "plants".
        rng: Draws resamples of plants.
        resamples: How many.
    """
    n = len(truth)

    def difference(rows: np.ndarray | None) -> float:
        one, other = (explained(column, x, truth, rows) for x in readings)
        return other - one

    again = np.array([difference(rng.choice(n, n)) for _ in range(resamples)])
    low, high = np.quantile(again, [0.025, 0.975])
    beyond = min(int((again <= 0).sum()), int((again >= 0).sum()))
    evidence = Evidence(
        question=f"Do the second's samples tell more of {column} than the first's?",
        value=difference(None),
        null=0.0,
        control="no difference",
        n=n,
        interval=(float(low), float(high)),
    )
    return evidence, min(1.0, 2 * (beyond + 1) / (resamples + 1))


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
