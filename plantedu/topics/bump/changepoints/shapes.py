"""What may happen at a row: the level steps, or the trend turns without a step.

    abrupt        h_k                           the level steps and stays
                  mean of h_k to h_{k+m-1}      the same through a mean of m rows (3 or 7)
                  h_k exp(-(t - k) / tau)       it steps and comes back: a restart
    continuous    h_k (t - k)                   the slope changes: a kink
                  h_k (1 - exp(-(t - k) / tau)) it relaxes to another level, as after a drop of
                                                the learning rate

    h_k = 1 from row k on. A continuous shape is trend, however tall; tau has a least value, since
    a relaxation within fewer rows cannot be distinguished from a step.

All are one template, moved to each row, so products with all rows are recursions.
"""

from collections.abc import Sequence

import numpy as np
import scipy.signal

ARRIVES = (3, 7)  # rows over which a smoothed step comes in
RETURNS = (10.0, 30.0, 90.0)  # rows in which a restart is made good to 1/e
RELAXES = (13.0, 19.0, 27.0, 40.0, 60.0, 90.0)  # rows; each 1.4 to 1.5 times the last


def kink_or_relaxation(rows: np.ndarray, row: int, tau: float) -> np.ndarray:
    """One continuous shape, "rows"; tau = inf is the kink.

    Args:
        rows: Where the rows stand, in units of their usual distance; rising.
        row: First row of the turn.
        tau: Rows of the relaxation.
    """
    since = np.maximum(rows - rows[row], 0.0)
    return since / len(rows) if np.isinf(tau) else -np.expm1(-since / tau)


def from_here_on(rows: np.ndarray) -> np.ndarray:
    """h_k' of columns for every k: sums from each row to the last."""
    return np.cumsum(rows[::-1], axis=0)[::-1]


def decaying(rows: np.ndarray, tau: float) -> np.ndarray:
    """(h_k exp(-(t - k) / tau))' of columns for every k."""
    found = scipy.signal.lfilter([1.0], [1.0, -np.exp(-1 / tau)], rows[::-1], axis=0)
    return np.asarray(found)[::-1]


def abrupt_products(rows: np.ndarray) -> np.ndarray:
    """Products of every abrupt shape at every row with columns, "shapes rows draws"."""
    levels = from_here_on(rows)
    arriving = [_ahead_mean(levels, count) for count in ARRIVES]
    return np.stack([levels, *arriving, *(decaying(rows, tau) for tau in RETURNS)])


def _ahead_mean(levels: np.ndarray, count: int) -> np.ndarray:
    """Means of each row and the next ones, 0 beyond the last."""
    sums = from_here_on(levels)
    sums[:-count] -= sums[count:].copy()
    return sums / count


def abrupt_shape(since: np.ndarray, kind: int) -> np.ndarray:
    """One abrupt shape, at rows since its first, or before."""
    there = (since >= 0).astype(float)
    if kind == 0:
        return there
    if kind <= len(ARRIVES):
        return there * np.minimum((since + 1) / ARRIVES[kind - 1], 1)
    return there * np.exp(-np.maximum(since, 0) / RETURNS[kind - 1 - len(ARRIVES)])


def abrupt_shapes(since: np.ndarray) -> np.ndarray:
    """All abrupt shapes, "shapes" before the shape of `since`: rows since the first, or before."""
    return np.stack([abrupt_shape(since, k) for k in range(1 + len(ARRIVES) + len(RETURNS))])


def continuous_products(rows: np.ndarray, taus: Sequence[float]) -> np.ndarray:
    """Products of every continuous shape at every row with columns, "1 + taus rows draws"."""
    levels = from_here_on(rows)
    kink = from_here_on(np.concatenate([levels[1:], 0 * levels[:1]])) / len(rows)
    return np.stack([kink, *(levels - decaying(rows, tau) for tau in taus)])


def templates(count: int, taus: Sequence[float] = RELAXES) -> tuple[np.ndarray, np.ndarray]:
    """All shapes as they begin at row 0: abrupt, "shapes rows", and continuous, "shapes rows"."""
    t = np.arange(count, dtype=float)
    abrupt = abrupt_shapes(t)
    continuous = np.stack([t / count, *(-np.expm1(-t / tau) for tau in taus)])
    return abrupt, continuous
