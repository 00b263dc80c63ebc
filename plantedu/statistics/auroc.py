"""Area under the ROC curve: the chance that a positive has a larger value than a negative.

    AUROC = P(x+ > x-) + P(x+ = x-) / 2 = (sum of ranks of positives - p (p + 1) / 2) / (p n)

with p positives, n negatives and shared ranks for equal values; .5 is chance. `placements` gives
the same number one value at a time: its mean is the area, its spread an interval over plants.

Source: Hanley & McNeil 1982 [hanley1982]; placements: DeLong et al. 1988 [delong1988].
Lesson: 08_attacks.
"""

import numpy as np
import scipy.stats
from jaxtyping import Bool, Float

from plantedu.errors import require


def auroc(values: np.ndarray, positive: Bool[np.ndarray, " n"]) -> np.ndarray:
    """The area of each column.

    Args:
        values: "n columns", or "n"; equal values count half.
        positive: Which rows are positives.

    Returns:
        "columns", or one number, in [0, 1].

    Raises:
        PlantEduError: unless there are positives and negatives.
    """
    p, n = int(positive.sum()), int((~positive).sum())
    require(p > 0 and n > 0, f"{p} of {p + n} are positives; AUROC needs both kinds.")
    ranks = scipy.stats.rankdata(values, axis=0)
    return (ranks[positive].sum(axis=0) - p * (p + 1) / 2) / (p * n)


def area(values: np.ndarray, reference: np.ndarray, *, tie: float = 0.0) -> float:
    """The area where the reference holds the positives, values within `tie` counted half.

    Args:
        values: Negatives, "n".
        reference: Positives, "m".
        tie: Values no further apart than this are equal.
    """
    below, tied = _order(values, reference, tie)
    return float(below.mean() + tied.mean() / 2)


def placements(
    values: Float[np.ndarray, " n"], reference: Float[np.ndarray, " m"], *, tie: float = 0.0
) -> Float[np.ndarray, " n"]:
    """Share of the reference above each value; their mean is the area.

    Args:
        values, reference, tie: As of `area`.
    """
    below, tied = _order(values, reference, tie)
    return below.mean(1) + 0.5 * tied.mean(1)


def _order(values: np.ndarray, reference: np.ndarray, tie: float) -> tuple[np.ndarray, np.ndarray]:
    """Which values lie below which of the reference, and which are equal, "n m"."""
    pairs = values[:, None], reference[None]
    return pairs[0] < pairs[1] - tie, np.abs(pairs[0] - pairs[1]) <= tie
