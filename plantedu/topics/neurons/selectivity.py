"""How much more a unit says of one class than of the others.

    S(u) = (mu_max - mu_rest) / (mu_max + mu_rest)

with mu_max the largest of the class means of an activation, and mu_rest the mean of the means of
the other classes. 0: all classes alike. 1: silent but for one class. It is defined for activations
that are not negative (after a ReLU); a shift of the unit changes it. A number is cut into classes
of equally many plants first.

Selective does not mean used: see `ablation`.

Source: Morcos et al. 2018, arXiv:1803.06959 [morcos2018b]. Lesson: 10_neurons.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from plantedu.errors import require
from plantedu.topics.neurons.discretised import DiscreteTarget, checked_units, named

CLASSES = 4  # of a number


@dataclass(frozen=True, eq=False)
class Selectivity:
    """Selectivity of units.

    Attributes:
        names: The factors.
        value: S, "units factors"; 0 for a unit that never fires.
        best: The class with the largest mean, "units factors".
        mean, level: Mean of the shuffles, and what one in a hundred passes.
    """

    names: tuple[str, ...]
    value: np.ndarray
    best: np.ndarray
    mean: np.ndarray
    level: np.ndarray


def selectivity(
    units: np.ndarray,
    targets: Sequence[DiscreteTarget],
    *,
    generator: np.random.Generator,
    classes: int = CLASSES,
    shuffles: int = 100,
) -> Selectivity:
    """Selectivity of every unit for every factor.

    Args:
        units: Activations >= 0, "plants units".
        targets: The factors.
        generator: Draws the orders of the plants.
        classes: Into how many classes a number is cut.
        shuffles: Orders of the null.

    Raises:
        PlantEduError: for negative activations, or a factor with one value.
    """
    units, names = checked_units(units), named(targets)
    low = float(units.min())
    require(
        low >= 0,
        f"Selectivity is for activations that are not negative; the lowest is {low:.3g}. Take a "
        "layer after its ReLU; embeddings z and PCA scores have no selectivity.",
    )
    values, bests, nulls = [], [], []
    for one in targets:
        codes, x = one.codes(classes), units[one.rows]
        value, best = of_classes(x, codes)
        orders = (generator.permutation(codes) for _ in range(shuffles))
        values.append(value)
        bests.append(best)
        nulls.append(np.stack([of_classes(x, order)[0] for order in orders]))
    level = np.stack([np.quantile(null, 0.99, axis=0) for null in nulls], axis=1)
    mean = np.stack([null.mean(axis=0) for null in nulls], axis=1)
    return Selectivity(names, np.stack(values, 1), np.stack(bests, 1), mean, level)


def of_classes(units: np.ndarray, codes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """S of each unit, and the class it is for."""
    levels = int(codes.max()) + 1
    hot = (codes[:, None] == np.arange(levels)).astype(np.float64)
    means = hot.T @ units / hot.sum(axis=0)[:, None]
    largest = means.max(axis=0)
    rest = (means.sum(axis=0) - largest) / (levels - 1)
    both = largest + rest
    return np.where(both > 0, (largest - rest) / np.where(both > 0, both, 1), 0.0), means.argmax(0)
