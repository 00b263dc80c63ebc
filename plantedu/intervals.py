"""Intervals: over plants (or runs), never over pictures of one plant; each kind of number its own.

    share_interval       a share of plants, or numbers from 0 to 1; never of zero width
    difference_interval  a share less another of the same plants; never of zero width
    mean_interval        the mean of any number a plant, skewed or not
    r2_parts             what each plant adds to an R2, to be given to mean_interval

How often each holds the truth is counted in `lessons/results/11_coverage.json`. The percentile
bootstrap, which stood here before, is too narrow for all of them when plants are few, and has no
width at all where every plant is right.

Source: at each function. Lesson: 11_report.
"""

import math
from collections.abc import Sequence
from typing import Literal

import numpy as np
import scipy
import scipy.optimize
import scipy.special

from plantedu.errors import require

Interval = tuple[float, float]
Kind = Literal["share", "difference", "mean"]


def plants_interval(
    per_plant: Sequence[float] | np.ndarray, *, seeds: int = 1, kind: Kind | None = None
) -> Interval:
    """The interval of a mean over plants that fits its kind; see `mean_over_plants`."""
    values = checked(per_plant)
    counts = values * max(seeds, 1)
    share = bool(((values >= 0) & (values <= 1) & (np.abs(counts - counts.round()) < 1e-6)).all())
    kinds = {"share": share_interval, "difference": difference_interval, "mean": mean_interval}
    return kinds[kind or ("share" if share else "mean")](values)


def count_interval(count: float, n: float, *, level: float = 0.95) -> Interval:
    """Mid-p interval of a share, `count` of `n` independent units.

    Low end p with P(X > count) + P(X = count) / 2 = (1 - level) / 2 for X binomial(n, p); the high
    end likewise. Of 0 or n it is one-sided and not a point: of 24 in 24 it is .88 to 1.

    Coverage jumps with p, for counts are whole numbers. For n of 12 to 96 and p of .5 to .99 it is
    .956 on average and .919 at worst; Clopper and Pearson's, never below .95, is .970 on average,
    Wilson's .952 with .851 at worst (exact, `11_coverage.json`).

    Args:
        count: How many; need not be a whole number when it stands for a weighted count.
        n: Of how many, > 0.
        level: Coverage, in (0, 1).

    Raises:
        PlantEduError: for a count outside 0 to n.

    Source: Lancaster 1961 [lancaster1961], of the tails of [clopper1934]; compared in Brown, Cai &
    DasGupta 2001 [brown2001].
    """
    require(n > 0 and -1e-9 <= count <= n + 1e-9, f"{count} of {n} is no share.")
    count = min(max(float(count), 0.0), float(n))
    return _low_end(count, n, level), 1 - _low_end(n - count, n, level)


def _low_end(count: float, n: float, level: float) -> float:
    """Where P(X > count) + P(X = count) / 2 falls to (1 - level) / 2; tails as beta integrals."""
    if count <= 0:
        return 0.0

    def excess(p: float) -> float:
        above = scipy.special.betainc(count + 1, n - count, p) if count < n else 0.0
        tail = (scipy.special.betainc(count, n - count + 1, p) + above) / 2
        return float(tail) - (1 - level) / 2

    return float(np.asarray(scipy.optimize.brentq(excess, 0.0, 1.0, xtol=1e-12)))


def share_interval(
    per_plant: Sequence[float] | np.ndarray,
    *,
    weights: Sequence[float] | np.ndarray | None = None,
    level: float = 0.95,
) -> Interval:
    """Interval of the mean of numbers from 0 to 1, one a plant: right or not, or a share of seeds.

    Zeros and ones are counted: `count_interval`. Other numbers carry more (or less) than one answer
    a plant. They are counted as so many plants as give the same variance, n_e, shortened because
    the variance is itself estimated, by (z / t)^2 with t Student's quantile:

        n_e = m (1 - m) / (s^2 / n) (z / t)^2,   m the mean, s the standard deviation

    Where all plants have the same number there is no variance to go by, and n_e = n (with weights
    (sum w)^2 / sum w^2): the interval is then wider than where one of them is a little off, for
    nothing shows how a plant would err.

    Args:
        per_plant: One number from 0 to 1 per plant, "plants".
        weights: How much each counts (a plant's rows, a run's cases), > 0; None is all alike.
        level: Coverage, in (0, 1).

    Raises:
        PlantEduError: with fewer than two plants, or numbers outside 0 to 1.

    Source: effective sample size for an exact interval: Korn & Graubard 1998 [korn1998].
    """
    values = checked(per_plant)
    require(
        bool(((values >= -1e-9) & (values <= 1 + 1e-9)).all()),
        f"A share lies in 0 to 1; got {values.min():g} to {values.max():g}.",
    )
    values, n = values.clip(0, 1), len(values)
    parts, each = _parts(values, weights)
    mean, spread = float(parts.mean()), float(parts.var(ddof=1))
    units = float(n / np.square(each).mean())
    counted = bool(np.isin(values, (0.0, 1.0)).all() and np.ptp(each) == 0)
    if spread > 1e-18 and not counted:
        quantile = scipy.stats.norm.ppf((1 + level) / 2) / _students(level, n)
        units = mean * (1 - mean) / (spread / n) * float(quantile) ** 2
    return count_interval(mean * units, units, level=level)


def difference_interval(
    differences: Sequence[float] | np.ndarray, *, level: float = 0.95
) -> Interval:
    """Interval of a share less another share of the same plants, never of zero width.

    Wald's after adding one plant that changed up and one that changed down:

        d = sum d_i / (n + 2),   d +- z sqrt((sum d_i^2 + 2) / (n + 2) - d^2) / sqrt(n + 2)

    It holds the truth in .95 or more, far more where hardly a plant changes or where each number is
    a mean over seeds.

    Args:
        differences: One number from -1 to 1 per plant, "plants"; of right-or-not -1, 0 or 1.
        level: Coverage, in (0, 1).

    Raises:
        PlantEduError: with fewer than two plants, or numbers outside -1 to 1.

    Source: Bonett & Price 2012 [bonett2012].
    """
    values = checked(differences)
    require(
        bool((np.abs(values) <= 1 + 1e-9).all()),
        f"Shares differ by -1 to 1; got {values.min():g} to {values.max():g}.",
    )
    n = len(values) + 2
    middle = float(values.sum()) / n
    variance = (float((values**2).sum()) + 2) / n - middle**2
    half = float(scipy.stats.norm.ppf((1 + level) / 2)) * math.sqrt(variance / n)
    return max(middle - half, -1.0), min(middle + half, 1.0)


def mean_interval(
    values: Sequence[float] | np.ndarray,
    *,
    weights: Sequence[float] | np.ndarray | None = None,
    level: float = 0.95,
) -> Interval:
    """Interval of the mean of one number a plant, few plants or many, skewed or not.

    Student's t leans when the numbers are skewed. Hall's cubic straightens it, and is turned back
    at Student's quantiles q (g: skewness, a = g / sqrt(n), s: standard deviation):

        h(t) = t + a t^2 / 3 + a^2 t^3 / 27 + a / 6
        mean - s / sqrt(n) h^-1(q),   h^-1(q) = 3 / a ((1 + a (q - a / 6))^(1/3) - 1)

    Without skewness it is Student's. No draws, so no seed. It over-covers numbers that pile up at
    both of their bounds, and under-covers very long tails (lognormal of sigma 1: .88 at 8 plants);
    numbers from 0 to 1 are better off with `share_interval`. Plants that all have one number get a
    point: nothing says how far another could lie.

    Args:
        values: One number per plant, "plants".
        weights: How much each counts, > 0; None is all alike.
        level: Coverage, in (0, 1).

    Raises:
        PlantEduError: with fewer than two plants, or with numbers that are not finite.

    Source: Hall 1992 [hall1992].
    """
    found, _ = _parts(checked(values), weights)
    n, mean, spread = len(found), float(found.mean()), float(found.std(ddof=1))
    if np.ptp(found) == 0:
        return mean, mean
    ends = np.array([1.0, -1.0]) * _students(level, n)
    lean = float(scipy.stats.skew(found)) / math.sqrt(n)
    if abs(lean) > 1e-6:
        ends = 3 / lean * (np.cbrt(1 + lean * (ends - lean / 6)) - 1)
    low, high = mean - spread / math.sqrt(n) * ends
    return float(low), float(high)


def r2_parts(error: np.ndarray, total: np.ndarray) -> np.ndarray:
    """What each plant adds to R2 = 1 - sum error / sum total; their mean is R2, "plants".

        part_i = R2 - (error_i - (1 - R2) total_i) / mean total

    1 - error_i / mean total has the same mean, but the wrong spread: it takes the variance of the
    target for known, while plants that raise it raise the error too.

    Args:
        error: Squared error of each plant.
        total: Its squared distance from the mean of the target.
    """
    whole = max(float(np.mean(total)), 1e-12)
    r2 = 1 - float(np.mean(error)) / whole
    return r2 - (np.asarray(error) - (1 - r2) * np.asarray(total)) / whole


def checked(values: Sequence[float] | np.ndarray) -> np.ndarray:
    """One finite number for each of two plants or more, in float64.

    Raises:
        PlantEduError: for anything else.
    """
    found = np.asarray(values, dtype=np.float64)
    require(
        found.ndim == 1 and found.size >= 2,
        f"Need one number for each of >= 2 plants, got shape {found.shape}.",
    )
    require(
        bool(np.isfinite(found).all()),
        "Some plants have numbers that are not finite; drop or mend them first.",
    )
    return found


def _parts(
    values: np.ndarray, weights: Sequence[float] | np.ndarray | None
) -> tuple[np.ndarray, np.ndarray]:
    """What each plant adds to the (weighted) mean, and its weight over the mean weight."""
    if weights is None:
        return values, np.ones(len(values))
    each = np.asarray(weights, dtype=np.float64)
    require(
        each.shape == values.shape and bool((each > 0).all()), "Each plant needs a weight above 0."
    )
    each = each / each.mean()
    mean = float((each * values).mean())
    return mean + each * (values - mean), each


def _students(level: float, n: int) -> float:
    return float(scipy.stats.t.ppf((1 + level) / 2, n - 1))
