"""Softmax regression: one for all that names classes from numbers by the most probable.

    p(c | x) = softmax(W z + b)_c,      z = (x - mean) / sd of the rows that it is fitted to
    W, b     = argmin   mean -log p(c_i | x_i) + penalty / 2 |W|^2

b is not held. Strictly convex in W where penalty > 0, so the starting point is of no matter; found
by L-BFGS to a gradient of 1e-6.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from scipy.optimize import minimize
from scipy.special import log_softmax

from plantedu.errors import require

STEPS, GRADIENT = 5000, 1e-6
FLAT = 1e-6  # a standard deviation below it is taken for it


@dataclass(frozen=True, eq=False)
class SoftmaxRegression:
    """A fitted regression.

    Attributes:
        middle, spread: Mean and standard deviation of each column, "columns".
        weights: W and, in the last row, b: "columns + 1, classes".
    """

    middle: np.ndarray
    spread: np.ndarray
    weights: np.ndarray

    def scores(self, x: Float[np.ndarray, "n columns"]) -> Float[np.ndarray, "n classes"]:
        """W z + b."""
        return with_one((x - self.middle) / self.spread) @ self.weights

    def log_loss(self, x: Float[np.ndarray, "n columns"], classes: np.ndarray) -> float:
        """Mean -log p of the true classes, in nats."""
        found = log_softmax(self.scores(x), axis=1)
        return float(-found[np.arange(len(classes)), classes].mean())


def fit_softmax(
    x: Float[np.ndarray, "n columns"], classes: np.ndarray, *, count: int, penalty: float
) -> SoftmaxRegression:
    """Fit W and b.

    Args:
        x: Finite numbers.
        classes: Code of each row's class, from 0.
        count: How many classes there are.
        penalty: On W, > 0.

    Raises:
        PlantEduError: for other shapes, numbers that are not finite, or a code that is no class.
    """
    x, classes = np.asarray(x, float), np.asarray(classes)
    require(x.ndim == 2 and classes.shape == (len(x),), "One class for each row is wanted.")
    require(len(x) > 0 and bool(np.isfinite(x).all()), "Rows of finite numbers are wanted.")
    inside = len(classes) > 0 and classes.min() >= 0 and classes.max() < count
    require(bool(inside), f"Classes are codes from 0 to {count - 1}.")
    require(penalty > 0, f"The penalty is above 0; got {penalty!r}.")
    middle, spread = x.mean(0), np.maximum(x.std(0), FLAT)
    z, wanted = with_one((x - middle) / spread), np.eye(count)[classes]
    held = np.full((z.shape[1], 1), penalty)
    held[-1] = 0

    def cost(flat: np.ndarray) -> tuple[float, np.ndarray]:
        w = flat.reshape(z.shape[1], count)
        log_p = log_softmax(z @ w, axis=1)
        value = -(wanted * log_p).sum() / len(z) + (held * w**2).sum() / 2
        return float(value), (z.T @ (np.exp(log_p) - wanted) / len(z) + held * w).ravel()

    start = np.zeros(z.shape[1] * count)
    options = {"maxiter": STEPS, "maxfun": 2 * STEPS, "gtol": GRADIENT, "ftol": 0.0}
    found = minimize(cost, start, jac=True, method="L-BFGS-B", options=options)
    return SoftmaxRegression(middle, spread, found.x.reshape(z.shape[1], count))


def with_one(z: np.ndarray) -> np.ndarray:
    """Rows with a 1 at their end."""
    return np.c_[z, np.ones(len(z))]
