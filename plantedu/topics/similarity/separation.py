"""How well pairs with a difference stand apart from pairs without one, from a table of likeness.

    AUROC        chance that a pair with the difference looks less alike than one without it
    floor        lowest twentieth of the pairs without it
    specificity  share of pairs without it that lie above the floor of the others

Encoders told all stand first in the table, the untold ones after them.

Source: Ding et al. 2021, arXiv:2108.01661 (sensitivity and specificity) [ding2021].
Lesson: 06_similarity.
"""

from collections.abc import Sequence
from itertools import combinations

import numpy as np


def auroc(within: np.ndarray, between: np.ndarray) -> float:
    """Chance that one of `between` lies below one of `within`; ties count half."""
    lower = between[:, None] < within[None] - 1e-9
    tied = np.abs(between[:, None] - within[None]) <= 1e-9
    return float(lower.mean() + tied.mean() / 2)


def parts(likes: np.ndarray, untold: Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
    """Likeness among the others, and between them and these."""
    these = list(untold)
    others = [i for i in range(len(likes)) if i not in these]
    inside = likes[np.ix_(others, others)]
    return inside[np.triu_indices(len(others), 1)], likes[np.ix_(others, these)].ravel()


def spread(likes: np.ndarray, told: int) -> tuple[float, float]:
    """Interval of the AUROC: half of the encoders told all, again and again, recentred."""
    generator, k = np.random.default_rng(0), len(likes)
    value = auroc(*parts(likes, range(told, k)))
    found = []
    for _ in range(200):
        kept = np.sort(generator.permutation(told)[: max(told // 2, 3)])
        rows = [*kept.tolist(), *range(told, k)]
        found.append(auroc(*parts(likes[np.ix_(rows, rows)], range(len(kept), len(rows)))))
    low, high = np.quantile(np.array(found) - np.mean(found), [0.025, 0.975])
    return max(0.0, value + float(low)), min(1.0, value + float(high))


def floor(likes: np.ndarray, told: int, without: Sequence[int]) -> float:
    """Lowest twentieth of the pairs of told encoders that share none with the pair judged."""
    kept = [i for i in range(told) if i not in without]
    inside = likes[np.ix_(kept, kept)]
    return float(np.quantile(inside[np.triu_indices(len(kept), 1)], 0.05)) - 1e-9


def specificity(likes: np.ndarray) -> float:
    told = len(likes)
    pairs = combinations(range(told), 2)
    return float(np.mean([likes[i, j] >= floor(likes, told, (i, j)) for i, j in pairs]))
