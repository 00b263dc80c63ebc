"""Intervals of the score of a fitted map, over pairs (plants), never over pictures.

Pairs are drawn with replacement, the map is fitted again at the penalty that was chosen, and S is
taken anew. A resample adds noise of its own, and noise pulls S down: resamples lie around a lower
centre than S. So their spread is kept, and moved to S:

    interval = S + quantiles(S* - mean S*)

How often it covers the truth is measured in `lessons/results/07_type1.json`. Two encoders are
compared on the same resamples, which is what a difference of theirs needs.

Source: Efron & Tibshirani 1993 [efron1993]. Lesson: 07_spectrum.
"""

from collections.abc import Sequence

import numpy as np

from plantedu.statistics.ridge_map import ridge_at
from plantedu.topics.spectrum.score import copying_scores

Pair = tuple[np.ndarray, np.ndarray]


def resampled_scores(pair: Pair, penalty: float, draws: Sequence[np.ndarray]) -> np.ndarray:
    """S of the map fitted to each draw of plants, "draws".

    Args:
        pair: X and Y of the training plants.
        penalty: Held for all draws.
        draws: Indices of plants, with replacement.
    """
    x, y = pair
    maps = np.array([ridge_at(x[rows], y[rows], penalty) for rows in draws])
    return copying_scores(maps)[0]


def draws_of(n: int, resamples: int, generator: np.random.Generator) -> list[np.ndarray]:
    """Indices of n plants with replacement, again and again."""
    return [generator.integers(0, n, n) for _ in range(resamples)]


def around(value: float, resampled: np.ndarray, level: float = 0.95) -> tuple[float, float]:
    """Interval of a value from the spread of its resamples."""
    spread = resampled - resampled.mean()
    low, high = np.quantile(spread, [(1 - level) / 2, (1 + level) / 2])
    return float(value + low), float(value + high)


def ratio_interval(
    error: np.ndarray,
    total: np.ndarray,
    *,
    generator: np.random.Generator,
    level: float = 0.95,
    resamples: int = 999,
) -> tuple[float, float]:
    """Interval of 1 - sum error / sum total over held-out plants, the map held fixed.

    Args:
        error: Squared error of each plant, "plants".
        total: Its squared distance from the mean, "plants".
        generator: Draws the resamples.
        level: Coverage.
        resamples: How many.
    """
    rows = generator.integers(0, len(error), (resamples, len(error)))
    r2 = 1 - error[rows].sum(1) / total[rows].sum(1)
    low, high = np.quantile(r2, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)
