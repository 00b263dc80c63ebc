"""How well pairs with a difference stand apart from pairs without one, from their similarities.

    AUROC        chance that a pair with the difference looks less alike than one without it
    floor        lowest twentieth of the pairs without it
    specificity  share of pairs without it that lie above the floor of the others

Encoders trained on all factors stand first in the table, those with one left out after them.

Source: Ding et al. 2021, arXiv:2108.01661 (sensitivity and specificity) [ding2021].
Lesson: 06_similarity.
"""

from collections.abc import Sequence
from itertools import combinations

import numpy as np

from plantedu.statistics.auroc import area


def auroc(within: np.ndarray, between: np.ndarray) -> float:
    """Chance that one of `between` lies below one of `within`; ties count half."""
    return area(between, within, tie=1e-9)


def parts(likes: np.ndarray, chosen: Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
    """Likeness among the others, and between them and these."""
    these = list(chosen)
    others = [i for i in range(len(likes)) if i not in these]
    inside = likes[np.ix_(others, others)]
    return inside[np.triu_indices(len(others), 1)], likes[np.ix_(others, these)].ravel()


def spread(likes: np.ndarray, complete: int) -> tuple[float, float]:
    """Interval of the AUROC: half of the encoders of all factors, again and again, recentred."""
    generator, k = np.random.default_rng(0), len(likes)
    value = auroc(*parts(likes, range(complete, k)))
    found = []
    for _ in range(200):
        kept = np.sort(generator.permutation(complete)[: max(complete // 2, 3)])
        rows = [*kept.tolist(), *range(complete, k)]
        found.append(auroc(*parts(likes[np.ix_(rows, rows)], range(len(kept), len(rows)))))
    low, high = np.quantile(np.array(found) - np.mean(found), [0.025, 0.975])
    return max(0.0, value + float(low)), min(1.0, value + float(high))


def floor(likes: np.ndarray, complete: int, without: Sequence[int]) -> float:
    """Lowest twentieth of the pairs of complete encoders that share none with the pair judged."""
    kept = [i for i in range(complete) if i not in without]
    inside = likes[np.ix_(kept, kept)]
    return float(np.quantile(inside[np.triu_indices(len(kept), 1)], 0.05)) - 1e-9


def specificity(likes: np.ndarray) -> float:
    complete = len(likes)
    pairs = combinations(range(complete), 2)
    return float(np.mean([likes[i, j] >= floor(likes, complete, (i, j)) for i, j in pairs]))
