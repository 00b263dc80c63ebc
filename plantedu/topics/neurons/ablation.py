"""Is a unit used? It is held at its mean, and a linear reader is asked again.

    y_hat  = b + sum_j w_j h_j          a ridge reader, fitted on one half of the plants
    y_hat' = y_hat - w_j (h_j - mean h_j)
    effect of unit j on factor f = R2(y_hat) - R2(y_hat'),     on the other half

The mean over the places of a map is linear, so that a unit held in the map is the same unit held in
h. A reader that is not fitted again tells what *it* leans on; fitted again without the unit, it
tells whether anything is lost (`refitted`). With many units that say the same, the first can be
large and the second nothing.

    moved(u) = E |g(h) - g(h')|^2 / E |g(h) - mean g|^2

is the same for what the network itself has above h: a head g (projector or classifier), without any
reader.

Source: Morcos et al. 2018, arXiv:1803.06959 [morcos2018b]. Lesson: 10_neurons.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import scipy

from plantedu.errors import require
from plantedu.statistics.penalised import penalised
from plantedu.topics.neurons.discretised import DiscreteTarget, checked_units

RIDGE = 0.02  # of the mean variance of a standardised unit, times plants


@dataclass(frozen=True, eq=False)
class Reader:
    """A ridge reader of one factor.

    Attributes:
        weights: On units as they are, "units columns".
        mean: Of the units on the plants that it was fitted to.
        centre: Of the targets there.
        tested: Plants that it has not seen.
        wanted: Their targets, "tested columns".
    """

    weights: np.ndarray
    mean: np.ndarray
    centre: np.ndarray
    tested: np.ndarray
    wanted: np.ndarray

    def r2(self, units: np.ndarray) -> float:
        """R2 on the tested plants."""
        left = self.wanted - self.centre - (units[self.tested] - self.mean) @ self.weights
        return float(1 - (left**2).sum() / self._size)

    @property
    def _size(self) -> float:
        return max(float(((self.wanted - self.wanted.mean(axis=0)) ** 2).sum()), 1e-12)

    def effects(self, units: np.ndarray) -> np.ndarray:
        """R2 lost by holding each unit at its mean, "units": all at once."""
        away = units[self.tested] - self.mean
        left = self.wanted - self.centre - away @ self.weights
        # |left + away_j w_j|^2 = |left|^2 + 2 w_j (away_j . left) + |w_j|^2 |away_j|^2
        crossed = (self.weights * (away.T @ left)).sum(axis=1)
        grown = (self.weights**2).sum(axis=1) * (away**2).sum(axis=0)
        return (2 * crossed + grown) / self._size


def reader_of(units: np.ndarray, one: DiscreteTarget, *, fitted: np.ndarray) -> Reader:
    """A ridge reader of one factor.

    Args:
        units: Activations, "plants units".
        one: The factor.
        fitted: Which plants it is fitted to, bool; the others test it.

    Raises:
        PlantEduError: for a factor with one value, or fewer than 8 plants on a side.
    """
    units, wide = checked_units(units), one.wide()
    shown = np.zeros(len(units), dtype=bool)
    shown[one.rows] = True
    inside, outside = np.flatnonzero(shown & fitted), np.flatnonzero(shown & ~fitted)
    few = min(len(inside), len(outside))
    require(few >= 8, f"A reader of {one.name!r} needs 8 plants on both sides; got {few}.")
    x, y = units[inside], wide[inside]
    mean, spread, centre = x.mean(axis=0), x.std(axis=0), y.mean(axis=0)
    scale = np.where(spread > 0, 1 / np.where(spread > 0, spread, 1), 0)
    x = (x - mean) * scale
    weights = scale[:, None] * penalised(x, y - centre, RIDGE * len(x))
    return Reader(weights, mean, centre, outside, wide[outside])


def refitted(
    units: np.ndarray,
    one: DiscreteTarget,
    order: np.ndarray,
    counts: Sequence[int],
    *,
    fitted: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """R2 without the first k units of an order: of the reader that stays, and of one fitted anew.

    Args:
        units: Activations.
        one: The factor.
        order: Units, those that go first in front.
        counts: How many go.
        fitted: Which plants readers are fitted to.
    """
    whole = reader_of(units, one, fitted=fitted)
    stays, anew = [], []
    for count in counts:
        held = units.copy()
        held[:, order[:count]] = whole.mean[order[:count]]
        stays.append(whole.r2(held))
        anew.append(reader_of(held, one, fitted=fitted).r2(held))
    return np.array(stays), np.array(anew)


def moved(units: np.ndarray, head: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    """How far what the network has above h moves when each unit is held at its mean, "units".

    Args:
        units: h, "plants units".
        head: h to the head's output, "plants out".

    Raises:
        PlantEduError: where the head says the same of every plant.
    """
    before = head(units)
    size = float(((before - before.mean(axis=0)) ** 2).sum())
    require(size > 0, "The head says the same of every plant; nothing can move it.")
    found = np.zeros(units.shape[1])
    for j in range(units.shape[1]):
        held = units.copy()
        held[:, j] = units[:, j].mean()
        found[j] = ((head(held) - before) ** 2).sum() / size
    return found


def agreement(first: np.ndarray, second: np.ndarray) -> float:
    """Spearman's rank correlation over units; NaN where one side is constant."""
    if np.ptp(first) == 0 or np.ptp(second) == 0:
        return float("nan")
    return float(scipy.stats.spearmanr(first, second).statistic)
