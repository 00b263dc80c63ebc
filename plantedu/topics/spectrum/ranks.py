"""How many directions features fill, from the eigenvalues of their covariance.

    PR    = (sum lambda)^2 / sum lambda^2                    participation ratio, 1 to dim
    alpha = -slope of ln lambda_j on ln j,  j = first..last

PR hears the large eigenvalues, alpha the decay of those in its range. The range is part of the
measure: another one gives another alpha, so it is declared here, once, for every layer and run
(`ALPHA_RANGE`), and a layer too narrow for it has no alpha. No measure of a spectrum is larger than
the number of plants allows: compare at equal n alone. They are screens: they go with good features
in some studies, and are not what makes them good.

Source: alpha: Agrawal et al. 2022 [agrawal2022]; collapse of dimensions: Jing et al. 2022,
arXiv:2110.09348 [jing2022]. RankMe is in `statistics/rankme.py`. Lesson: 07_spectrum.
"""

import numpy as np

from plantedu.errors import require

ALPHA_RANGE = (5, 32)  # ranks j that the power law is fitted over


def covariance_values(x: np.ndarray) -> np.ndarray:
    """Eigenvalues of the covariance of "plants dim", the largest first."""
    return np.linalg.svd(x - x.mean(0), compute_uv=False) ** 2 / len(x)


def participation_ratio(values: np.ndarray) -> float:
    """Effective number of directions.

    Raises:
        PlantEduError: if all eigenvalues are 0.
    """
    values = np.asarray(values, dtype=np.float64)
    require(bool(values.sum() > 0), "The participation ratio of a spectrum of zeros is undefined.")
    return float(values.sum() ** 2 / (values**2).sum())


def alpha(values: np.ndarray, *, ranks: tuple[int, int] = ALPHA_RANGE) -> float:
    """Exponent of the power law, least squares on logarithms.

    Args:
        values: Eigenvalues, the largest first.
        ranks: First and last j, counted from 1; declared before looking.

    Raises:
        PlantEduError: where there are fewer eigenvalues, or some in the range are 0.
    """
    first, last = ranks
    require(
        1 <= first < last,
        f"A power law is fitted from one rank to a later one, counted from 1; got {ranks}.",
    )
    values = np.asarray(values, dtype=np.float64)
    require(
        len(values) >= last,
        f"The declared range is ranks {first} to {last}, and there are {len(values)} eigenvalues; "
        "alpha is not defined here, and a range that moves with the layer would not compare.",
    )
    inside = values[first - 1 : last]
    require(
        bool((inside > values[0] * 1e-12).all()),
        f"Some eigenvalues of ranks {first} to {last} are 0: there is no power law to fit.",
    )
    j = np.arange(first, last + 1)
    return float(-np.polyfit(np.log(j), np.log(inside), 1)[0])
