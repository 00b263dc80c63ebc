"""Which plants make a unit fire most, beside plants whose pictures have the same mean.

The plants at the top of a unit look alike in something, always: brightness, often. So each of them
gets a twin: a plant whose picture has nearly the same mean over each colour band, and that is not
among the quarter that fires most. What the two rows share is not what the unit is about.

    score = (mean activation of the tops - of the twins) / standard deviation over plants

Lesson: 10_neurons.
"""

from dataclasses import dataclass

import numpy as np

from plantedu.errors import require
from plantedu.topics.neurons.discretised import checked_units


@dataclass(frozen=True, eq=False)
class TopInputs:
    """Tops and twins of every unit.

    Attributes:
        tops: Positions of plants, the strongest first, "units count".
        twins: A twin of each, "units count".
        apart: Largest difference in mean of a top and its twin, in the pictures' units, "units".
        score: How much more the tops fire, in standard deviations; 0 for a dead unit.
    """

    tops: np.ndarray
    twins: np.ndarray
    apart: np.ndarray
    score: np.ndarray


def top_inputs(units: np.ndarray, means: np.ndarray, *, count: int = 6) -> TopInputs:
    """The top plants of every unit, with twins of equal mean.

    Args:
        units: Activations, "plants units".
        means: Mean of each plant's picture by band, "plants bands".
        count: How many tops.

    Raises:
        PlantEduError: for fewer than 4 plants for each top.
    """
    units = checked_units(units)
    n, many = units.shape
    require(n >= 8 * count, f"{count} tops with twins need {8 * count} plants or more; got {n}.")
    order = np.argsort(-units, axis=0, kind="stable")
    tops, twins = order[:count].T, np.empty((many, count), dtype=int)
    apart = np.zeros(many)
    far = np.abs(means[:, None, :] - means[None, :, :]).max(axis=2)
    for j in range(many):
        free = np.ones(n, dtype=bool)
        free[order[: n // 4, j]] = False
        for k, top in enumerate(tops[j]):
            twin = int(np.argmin(np.where(free, far[top], np.inf)))
            twins[j, k], free[twin] = twin, False
            apart[j] = max(apart[j], far[top, twin])
    spread = units.std(axis=0)
    columns = np.arange(many)[:, None]
    more = units[tops, columns].mean(axis=1) - units[twins, columns].mean(axis=1)
    return TopInputs(
        tops, twins, apart, np.where(spread > 0, more / np.where(spread > 0, spread, 1), 0)
    )
