"""Which directions of a spectrum stand out of noise: Marchenko-Pastur edges, parallel analysis.

    edges = (1 - sqrt(gamma))^2, (1 + sqrt(gamma))^2,   gamma = dim / rows

are where the eigenvalues of Cov of independent numbers of variance 1 lie, for many rows. Parallel
analysis asks the data instead: every column is shuffled by itself, which keeps what each column is
and cuts all ties, and the k-th eigenvalue of the correlation matrix counts while it is larger than
nearly all k-th eigenvalues of shuffled tables. The count stops at the first that does not.

Source: Marchenko & Pastur 1967 [marchenko1967]; Horn 1965 [horn1965]. Lesson: 07_spectrum.
"""

from dataclasses import dataclass

import numpy as np

from plantedu.errors import require
from plantedu.topics.spectrum.nulls import p_value


def marchenko_pastur(dim: int, rows: int) -> tuple[float, float]:
    """Lower and upper edge of the eigenvalues of noise; with dim > rows, of those that are not 0.

    Raises:
        PlantEduError: for no dimension or no row.
    """
    require(dim >= 1 and rows >= 1, f"Edges need dim and rows of 1 or more, got {dim}, {rows}.")
    root = np.sqrt(dim / rows)
    return float((1 - root) ** 2), float((1 + root) ** 2)


@dataclass(frozen=True, eq=False)
class Parallel:
    """Parallel analysis.

    Attributes:
        values: Eigenvalues of the correlation matrix, the largest first.
        level: The quantile of each rank in shuffled tables.
        count: Leading eigenvalues above their level.
        p: Of the first one.
    """

    values: np.ndarray
    level: np.ndarray
    count: int
    p: float


def parallel_analysis(
    x: np.ndarray, *, generator: np.random.Generator, shuffles: int = 99, level: float = 0.95
) -> Parallel:
    """How many directions of X are more than columns that happen to vary together.

    Args:
        x: Features, "plants dim"; constant columns are left out.
        generator: Draws the shuffles.
        shuffles: How many.
        level: Quantile of the shuffled eigenvalues.
    """
    x = x[:, np.ptp(x, axis=0) > 0]
    values = correlation_values(x)
    null = np.array([correlation_values(generator.permuted(x, axis=0)) for _ in range(shuffles)])
    # Of B shuffles the ceil(level (B + 1))-th is the exact level of a permutation test.
    rank = min(int(np.ceil(level * (shuffles + 1))), shuffles) - 1
    limit = np.sort(null, axis=0)[rank]
    above = values > limit
    count = len(above) if above.all() else int(np.argmin(above))
    return Parallel(values, limit, count, p_value(float(values[0]), null[:, 0]))


def correlation_values(x: np.ndarray) -> np.ndarray:
    """Eigenvalues of the correlation matrix, largest first; their sum is the number of columns."""
    scaled = (x - x.mean(0)) / x.std(0)
    gram = scaled.T @ scaled if len(x) >= x.shape[1] else scaled @ scaled.T
    return np.maximum(np.linalg.eigvalsh(gram)[::-1], 0) / len(x)
