"""The linear map from one representation to another of the same plants, by ridge regression.

    A = (X^T X + lambda I)^-1 X^T Y          X, Y centred, rows are plants: y ~ x A

lambda is the one of a fixed grid with the least leave-one-out error, which needs no refit:

    e_i = (y_i - yhat_i) / (1 - h_ii),   h_ii = 1/n + sum_k u_ik^2 s_k^2 / (s_k^2 + lambda)

with X = U diag(s) V^T. The grid is in units of the mean of s_k^2 over the dimensions, so that it
does not hang on the scale of the features.

With fewer plants than dimensions A has rank n - 1 at most, and the other eigenvalues are 0 by
construction: `RidgeMap.says` tells. Ridge shrinks weak directions towards 0, never past it.

Source: leave-one-out in closed form: Allen 1974 [allen1974]. Lesson: 07_spectrum.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

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
    """Ridge regression on one X; `fit` maps it to any Y, quickly, for X is taken apart once."""

    def __init__(self, x: np.ndarray, *, penalties: Sequence[float] = PENALTIES) -> None:
        """Take X apart.

        Args:
            x: Training rows, "plants dim_x", not constant.
            penalties: The grid, in units of the mean of s_k^2.
        """
        self.mean = x.mean(0)
        u, s, vt = np.linalg.svd(x - self.mean, full_matrices=False)
        kept = s > s[0] * 1e-10
        self.u, self.s, self.vt = u[:, kept], s[kept], vt[kept]
        self.scale = float((self.s**2).sum() / x.shape[1])
        self.penalties = tuple(penalties)
        shrink = [self.s**2 / (self.s**2 + p * self.scale) for p in self.penalties]
        self.shrink = np.array(shrink)  # "penalties rank"
        leverage = 1 / len(x) + (self.u**2) @ self.shrink.T  # "plants penalties"
        self.weight = 1 / np.maximum(1 - leverage, 1e-9) ** 2

    def fit(self, y: np.ndarray) -> RidgeMap:
        """The map to Y with the best penalty of the grid."""
        mean = y.mean(0)
        centred = y - mean
        inner = self.u.T @ centred
        errors = []
        for f, w in zip(self.shrink, self.weight.T, strict=True):
            left = centred - self.u @ (f[:, None] * inner)
            errors.append(float(w @ np.einsum("nd,nd->n", left, left)))
        best = int(np.argmin(errors))
        total = float((centred**2).sum()) * (len(y) / (len(y) - 1)) ** 2  # its own leave-one-out
        matrix = self.vt.T @ ((self.shrink[best] / self.s)[:, None] * inner)
        r2 = 1 - errors[best] / total if total > 0 else 0.0
        return RidgeMap(matrix, self.mean, mean, self.penalties[best], r2, len(y))


def ridge_at(x: np.ndarray, y: np.ndarray, penalty: float) -> np.ndarray:
    """A of given rows at a fixed penalty, "dim_x dim_y"; for resamples, whose penalty is held.

    Args:
        x: Rows, "plants dim_x".
        y: The same plants, "plants dim_y".
        penalty: lambda over the mean of s_k^2 of these rows.
    """
    x, y = x - x.mean(0), y - y.mean(0)
    gram = x.T @ x
    scale = np.trace(gram) / len(gram)
    return np.linalg.solve(gram + penalty * scale * np.eye(len(gram)), x.T @ y)
