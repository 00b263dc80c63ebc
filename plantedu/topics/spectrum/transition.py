"""Which code predicts which: the prototype transition, a square map that no fit has touched.

    T = D^-1 Q_1^T P_2,   D = diag(column sums of Q_1)

Q_1 holds the codes of plants seen by sensor 1, P_2 the predictions of the same plants seen by
sensor 2; both "plants prototypes" with rows that sum to 1. Rows of T sum to 1, so one eigenvalue is
1 whatever the encoder does; it is left out of S. The others tell how well groups of prototypes hold
from sensor to sensor: T of independent sensors has none, T of a copy without blur is I.

    agreement = mean_i q_1i . p_2i            gap = 1 - |lambda_2|

Predictions are blurred by their temperature, so T of sensor 1 with itself is no identity either: it
is the ceiling to compare with.

Source: codes and predictions: Caron et al. 2020, arXiv:2006.09882 [caron2020].
Lesson: 07_spectrum.
"""

import numpy as np

from plantedu.errors import require
from plantedu.topics.spectrum.pairing import check_pairs
from plantedu.topics.spectrum.score import eigenvalues


def transition(codes: np.ndarray, predictions: np.ndarray) -> np.ndarray:
    """T, "prototypes prototypes"; a prototype without mass predicts the mean prediction.

    Args:
        codes: Q_1.
        predictions: P_2 of the same plants.

    Raises:
        PlantEduError: for rows that are no pairs, negative, or do not sum to 1.
    """
    q, p = check_pairs(codes, predictions)
    for name, rows in (("codes", q), ("predictions", p)):
        fits = bool((rows >= 0).all()) and bool(np.allclose(rows.sum(1), 1, atol=1e-4))
        require(fits, f"Rows of {name} must be shares that sum to 1.")
    mass = q.sum(0)
    empty = mass <= 0
    found = (q.T @ p) / np.where(empty, 1, mass)[:, None]
    found[empty] = p.mean(0)
    return found


def sensor_stable(matrix: np.ndarray) -> np.ndarray:
    """Eigenvalues of T without the 1 that every such matrix has, the largest first."""
    values = eigenvalues(matrix)
    return np.delete(values, int(np.argmin(np.abs(values - 1))))


def agreement(codes: np.ndarray, predictions: np.ndarray) -> np.ndarray:
    """q . p of each plant, "plants", in [0, 1]."""
    return (codes * predictions).sum(1)
