"""Regression dilution, and what a second look with the same sensor says about it.

A noisy X makes A smaller than the map that is there: with x = s + e and y = s M + e',

    A = Cov(x)^-1 Cov(s) M        is M, shrunk by what share of x is signal.

A second look of sensor 1, x' = s + e'', shows the same shrinking with M = I. So the mean |lambda|
of the map x -> y is put over that of the map x -> x', both at the penalty of the first:

    corrected gain = mean |lambda(A_xy)| / mean |lambda(A_xx')|

Exact where all directions are alike in noise, or where M keeps them apart; else an approximation.
Directions and S need no correction: noise shrinks eigenvalues and hardly turns them.

Here the second look is another crop of the same picture. What all crops of a picture share (light,
exposure, all that the sensor alone sees) counts as signal here, and stays in.

Source: Frost & Thompson 2000 [frost2000]. Lesson: 07_spectrum.
"""

import numpy as np

from plantedu.errors import require
from plantedu.statistics.ridge_map import Ridge, ridge_at
from plantedu.topics.spectrum.results.eigenvalues import Dilution
from plantedu.topics.spectrum.score import read


def dilution(look: np.ndarray, again: np.ndarray, target: np.ndarray) -> Dilution:
    """How much of an attenuation is only noise in the look.

    Args:
        look: Features of one look of sensor 1, "plants dim".
        again: Of another look of sensor 1 at the same plants.
        target: Of sensor 2.

    Raises:
        PlantEduError: if two looks of one sensor have nothing in common.
    """
    cross = Ridge(look).fit(target)
    matrix = ridge_at(look, again, cross.penalty)
    require(
        float(np.abs(matrix).max()) > 1e-9,
        "Two looks of one sensor have nothing in common: there is no gain to correct by.",
    )
    same, across = read(matrix), read(cross.matrix)
    return Dilution(across, same, across.gain / same.gain)
