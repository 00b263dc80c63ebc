"""The linear map from one representation to another of the same plants, by ridge regression.

    A = (X^T X + lambda I)^-1 X^T Y          X, Y centred, rows are plants: y ~ x A

lambda is the one of a fixed grid with the least leave-one-out error, which needs no refit (see
`penalised.py`). The grid is in units of the mean of s_k^2 over the dimensions, so that it does not
hang on the scale of the features.

With fewer plants than dimensions A has rank n - 1 at most, and the other eigenvalues are 0 by
construction: `RidgeMap.says` tells. Ridge shrinks weak directions towards 0, never past it.

Source: leave-one-out in closed form: Allen 1974 [allen1974]. Lesson: 07_spectrum.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from plantedu.statistics.penalised import Decomposed, mean_square, penalised

PENALTIES = tuple(float(10.0**k) for k in (-4, -3, -2, -1.5, -1, -0.5, 0, 1))


@dataclass(frozen=True, eq=False)
class RidgeMap:
    """A fitted map.

    Attributes:
        matrix: A, "dim_x dim_y".
        mean_x: Means of the training rows, taken off before the map.
        mean_y: Means that are added after it.
        penalty: lambda over the mean of s_k^2.
        loo_r2: 1 minus leave-one-out error over variance, on the training plants.
        n: Training plants.
    """

    matrix: np.ndarray
    mean_x: np.ndarray
    mean_y: np.ndarray
    penalty: float
    loo_r2: float
    n: int

    def __call__(self, x: np.ndarray) -> np.ndarray:
        """The other representation, as far as the map knows it, "plants dim_y"."""
        return self.mean_y + (x - self.mean_x) @ self.matrix

    def errors(self, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Squared error and squared distance from the training mean of each plant, "plants"."""
        return ((y - self(x)) ** 2).sum(1), ((y - self.mean_y) ** 2).sum(1)

    def r2(self, x: np.ndarray, y: np.ndarray) -> float:
        """Share of the variance of new plants that the map predicts, at most 1."""
        error, total = self.errors(x, y)
        return float(1 - error.sum() / total.sum())

    @property
    def says(self) -> str:
        """What is wrong with the number of plants; "" where nothing is."""
        dim = len(self.matrix)
        if self.n > dim:
            return ""
        return (
            f"{self.n} plants for {dim} dimensions: the map has rank {self.n - 1} at most, at "
            f"least {dim - self.n + 1} eigenvalues are 0 by construction, and S speaks of the rest "
            "alone."
        )


class Ridge:
    """Ridge regression on one X; `fit` maps it to any Y, quickly, for X is taken apart once.

    Attributes:
        penalties: The grid, in units of `scale`.
        scale: Mean of s_k^2 over the dimensions.
        parts: What X was taken apart into.
    """

    def __init__(self, x: np.ndarray, *, penalties: Sequence[float] = PENALTIES) -> None:
        """Take X apart.

        Args:
            x: Training rows, "plants dim_x", not constant.
            penalties: The grid, in units of the mean of s_k^2.
        """
        self.parts = Decomposed.by_svd(_tensor(x))
        self.scale = float(self.parts.squares.sum()) / x.shape[1]
        self.penalties = tuple(penalties)

    def fit(self, y: np.ndarray) -> RidgeMap:
        """The map to Y with the best penalty of the grid."""
        n, mean = len(y), y.mean(0)
        centred = _tensor(y - mean)
        inner = self.parts.coordinates(centred)
        tried = torch.tensor(self.penalties, dtype=torch.float64) * self.scale
        errors = self.parts.left_out(centred, inner, tried).sum(1) * n
        best = int(errors.argmin())
        total = float(centred.square().sum()) * (n / (n - 1)) ** 2  # its own leave-one-out
        matrix = self.parts.turn @ self.parts.along(inner, tried[best])
        r2 = 1 - float(errors[best]) / total if total > 0 else 0.0
        middle = self.parts.middle.numpy()
        return RidgeMap(matrix.numpy(), middle, mean, self.penalties[best], r2, n)


def _tensor(x: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(np.ascontiguousarray(x, dtype=np.float64))


def ridge_at(x: np.ndarray, y: np.ndarray, penalty: float) -> np.ndarray:
    """A of given rows at a fixed penalty; for resamples, whose penalty is held, and for readers.

    Args:
        x: Rows, "plants dim_x".
        y: The same plants, "plants dim_y", or "plants" for one column.
        penalty: lambda over the mean of s_k^2 of these rows.

    Returns:
        "dim_x dim_y", or "dim_x".
    """
    x, y = x - x.mean(0), y - y.mean(0)
    return penalised(x, y, penalty * mean_square(x))
