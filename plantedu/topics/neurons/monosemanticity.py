"""Are the plants that make a unit fire alike, in the eyes of an independent judge?

    MS(u) = sum_{n<m} a_n a_m cos(e_n, e_m) / sum_{n<m} a_n a_m

with a the activation of u from 0 to 1 (min-max over plants), and e_n what an independent judge says
of plant n. All pairs at once, with e of length 1:

    MS(u) = (|E^T a|^2 - |a|^2) / ((1^T a)^2 - |a|^2)

For plants in another order its mean is the mean cosine of all pairs, whatever a is: the baseline,
without a single shuffle. Here the judge is the planted factors themselves (numbers in units of
their spread, categories as one-hot, centred); a judge that shares the encoder's own view would
agree with itself. A rare feature that fires for a mixture scores low; a constant unit scores the
baseline.

Source: Pach et al. 2025, arXiv:2504.02821 [pach2025]. Lesson: 10_neurons.
"""

from collections.abc import Sequence

import numpy as np

from plantedu.errors import require
from plantedu.topics.neurons.discretised import DiscreteTarget, checked_units


def monosemanticity(units: np.ndarray, judge: np.ndarray) -> np.ndarray:
    """MS of each unit, -1 to 1; NaN for a unit that fires for one plant or says the same of all.

    Args:
        units: Activations, "plants units".
        judge: What an independent judge says, "plants dim"; rows need not have length 1.

    Raises:
        PlantEduError: where the two are of other plants.
    """
    units, e = checked_units(units), _directions(judge)
    require(len(e) == len(units), f"Units of {len(units)} plants, a judge of {len(e)}.")
    spread = np.ptp(units, axis=0)
    a = (units - units.min(axis=0)) / np.where(spread > 0, spread, np.nan)
    square = (a**2).sum(axis=0)
    pairs = a.sum(axis=0) ** 2 - square
    pairs = np.where(pairs > 1e-12, pairs, np.nan)
    return (((e.T @ a) ** 2).sum(axis=0) - square) / pairs


def baseline(judge: np.ndarray) -> float:
    """Mean of MS over all orders of the plants: the mean cosine of two plants."""
    e = _directions(judge)
    n = len(e)
    return float(((e.sum(axis=0) ** 2).sum() - n) / (n * (n - 1)))


def factor_judge(targets: Sequence[DiscreteTarget]) -> np.ndarray:
    """The planted factors as a judge, "plants dim": each factor counts the same.

    Factors that cannot show are left out; one that does not show on a plant stands at its mean.
    """
    columns = []
    for one in targets:
        if one.control:
            continue
        rows = one.rows
        inside = one.wide()[rows]
        inside -= inside.mean(axis=0)
        whole = np.zeros((len(one.values), inside.shape[1]))
        whole[rows] = inside / np.sqrt((inside**2).sum(axis=1).mean())
        columns.append(whole)
    return np.concatenate(columns, axis=1)


def _directions(judge: np.ndarray) -> np.ndarray:
    judge = np.asarray(judge, dtype=np.float64)
    length = np.linalg.norm(judge, axis=1, keepdims=True)
    require(bool((length > 0).all()), "The judge says nothing (length 0) of some plants.")
    return judge / length
