"""Intervals for measures that are no mean over plants: half of the plants, again and again.

A bootstrap draws some plants twice, and two copies of a plant are a perfect pair: CKA then rises,
and a rank falls, for no reason. Half-samples draw without putting back. For a measure that behaves
like a mean with variance s^2 / n, the variance of a half-sample around the whole sample is

    s^2 / (n/2) - s^2 / n = s^2 / n,

which is the one wanted. Half-samples of a biased measure lie around another centre; they are moved
to that of the whole.

Source: Politis & Romano 1994 [politis1994].
"""

from collections.abc import Callable

import numpy as np

from plantedu.errors import require


def half_sample_interval(
    measure: Callable[[np.ndarray], float],
    *,
    n: int,
    generator: np.random.Generator,
    level: float = 0.95,
    halves: int = 100,
) -> tuple[float, float]:
    """Interval of `measure(all plants)`.

    Args:
        measure: Takes indices of plants, gives a number.
        n: Plants there are.
        generator: Draws the halves.
        level: Coverage, in (0, 1).
        halves: How many half-samples.

    Raises:
        PlantEduError: for fewer than eight plants.
    """
    require(n >= 8, f"Half-samples need at least 8 plants, got {n}.")
    value = measure(np.arange(n))
    measured = [measure(generator.permutation(n)[: n // 2]) for _ in range(halves)]
    spread = np.asarray(measured) - np.mean(measured)
    low, high = np.quantile(spread, [(1 - level) / 2, (1 + level) / 2])
    return float(value + low), float(value + high)


def half_sample_bounds(
    measure: Callable[[np.ndarray], np.ndarray],
    *,
    n: int,
    generator: np.random.Generator,
    level: float = 0.95,
    halves: int = 100,
    check: Callable[[], None] = lambda: None,
) -> tuple[np.ndarray, np.ndarray]:
    """Low and high ends for a whole table of values that share their plants.

    Args:
        measure: Takes indices of plants, gives an array.
        n: Plants there are.
        generator: Draws the halves.
        level: Coverage of each interval, in (0, 1).
        halves: How many half-samples.
        check: Called before each; may raise to stop.

    Raises:
        PlantEduError: for fewer than eight plants.
    """
    require(n >= 8, f"Half-samples need at least 8 plants, got {n}.")
    value = measure(np.arange(n))
    measured = []
    for _ in range(halves):
        check()
        measured.append(measure(np.sort(generator.permutation(n)[: n // 2])))
    spread = np.stack(measured) - np.mean(measured, axis=0)
    low, high = np.quantile(spread, [(1 - level) / 2, (1 + level) / 2], axis=0)
    return value + low, value + high
