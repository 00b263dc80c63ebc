"""Two conditions on the same plants: the mean difference, its interval, and whether it is chance.

    d = mean_i (a_i - b_i),      p = share of sign flips of the d_i with a mean as far from 0

The flips exchange the two conditions within a plant. The test is exact where the two conditions
are exchangeable, so that d_i is symmetric about 0. Of skewed d_i whose mean is 0 it is only
approximately right, and the better the more plants there are.

Several differences are corrected together by Holm's step-down procedure:

    p'_(k) = max_{j <= k} min(1, (m - j + 1) p_(j)),      p_(1) <= ... <= p_(m)

"No difference" means that none was found at this n; the interval says how large one may still be.

Source: paired permutation test: scipy.stats.permutation_test; Holm 1979, Scandinavian Journal of
Statistics 6, 65-70 [holm1979]. Lesson: 05_generation.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import scipy.stats

from plantedu.errors import require
from plantedu.statistics.evidence import Evidence
from plantedu.statistics.intervals import mean_interval

ALPHA = 0.05


@dataclass(frozen=True)
class Difference:
    """A paired difference.

    Attributes:
        name: What was compared.
        ends: Mean of the first and of the second condition.
        evidence: First minus second; null: conditions exchanged within plants.
        p: Two-sided, of the permutation test.
        corrected: The same after Holm's correction over all that were compared together.
    """

    name: str
    ends: tuple[float, float]
    evidence: Evidence
    p: float
    corrected: float

    @property
    def verdict(self) -> str:
        """ "more", "less", or "no difference" (none was found)."""
        if self.corrected >= ALPHA:
            return "no difference"
        return "more" if self.evidence.value > 0 else "less"


def difference(
    name: str, one: np.ndarray, other: np.ndarray, *, question: str, seed: int
) -> Difference:
    """Compare two conditions plant by plant.

    Args:
        name: What is compared.
        one, other: A number a plant, in the same order; plants with NaN in either are left out.
        question: What the difference answers.
        seed: Draws flips and resamples.

    Raises:
        PlantEduError: for other plants, or fewer than 5.
    """
    require(one.shape == other.shape, f"{name}: {one.shape} and {other.shape} are no pairs.")
    there = np.isfinite(one) & np.isfinite(other)
    one, other = one[there].astype(np.float64), other[there].astype(np.float64)
    require(len(one) >= 5, f"{name}: a paired test needs 5 plants; got {len(one)}.")
    rng = np.random.default_rng(seed)
    test = scipy.stats.permutation_test(
        (one, other),
        lambda a, b, axis: np.mean(a - b, axis=axis),
        permutation_type="samples",
        vectorized=True,
        n_resamples=9999,
        rng=rng,
    )
    evidence = Evidence(
        question=question,
        value=float(np.mean(one - other)),
        null=float(np.mean(test.null_distribution)),
        control="conditions exchanged within plants",
        n=len(one),
        interval=mean_interval(one - other),
    )
    p = float(test.pvalue)
    return Difference(name, (float(one.mean()), float(other.mean())), evidence, p, p)


def corrected(found: Sequence[Difference]) -> tuple[Difference, ...]:
    """The same differences with p-values corrected over all of them."""
    ps = holm([one.p for one in found])
    return tuple(replace(one, corrected=p) for one, p in zip(found, ps, strict=True))


def holm(ps: Sequence[float]) -> list[float]:
    """p-values corrected by Holm's step-down procedure, in their order."""
    order = np.argsort(ps, kind="stable")
    steps = [min(1.0, (len(ps) - rank) * ps[k]) for rank, k in enumerate(order)]
    found = [0.0] * len(ps)
    for k, p in zip(order, np.maximum.accumulate(steps) if steps else [], strict=True):
        found[int(k)] = float(p)
    return found
