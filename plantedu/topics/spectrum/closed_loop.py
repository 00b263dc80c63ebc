"""Why a fitted way back proves nothing: the closed loop h -> z -> h scores S = 1 for any z.

    F = Cov(h)^-1 Cov(h, z),   R = Cov(z)^-1 Cov(z, h),   loop = F R

Eigenvalues of F R are the squared canonical correlations of h and z: real, from 0 to 1, whatever z
is. So S = 1 for a copy, for a rotation, for an inversion, and for pure noise. For a linear head
z = h J the loop is a projection, with eigenvalues 0 and 1 alone. Least squares chose R to undo the
head; that it does is no discovery.

Source: canonical correlations: Hotelling 1936 [hotelling1936]. Lesson: 07_spectrum.
"""

import numpy as np

from plantedu.topics.spectrum.pairing import check_pairs


def closed_loop(h: np.ndarray, z: np.ndarray) -> np.ndarray:
    """F R, "dim_h dim_h".

    Args:
        h: What goes into a head, "plants dim_h".
        z: What comes out, "plants dim_z".

    Raises:
        PlantEduError: for rows that are no pairs, or constant ones.
    """
    h, z = check_pairs(h, z, square=False)
    h, z = h - h.mean(0), z - z.mean(0)
    forth = np.linalg.lstsq(h, z, rcond=1e-10)[0]
    back = np.linalg.lstsq(z, h, rcond=1e-10)[0]
    return forth @ back
