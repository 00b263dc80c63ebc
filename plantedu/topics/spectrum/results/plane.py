"""Eigenvalues as points of the complex plane, in as many digits as a picture or a file wants.

Lesson: 07_spectrum.
"""

import numpy as np

Points = tuple[tuple[float, float], ...]


def points(values: np.ndarray) -> Points:
    """(real, imaginary) of each value.

    Args:
        values: Complex or real, "values".
    """
    return tuple((short(v.real), short(v.imag)) for v in values)


def short(value: float) -> float:
    """Four digits."""
    return float(f"{value:.4g}")
