"""Ridge regression's shared half: features taken apart once, then any target and any penalty.

    x = U S V^T, centred;   y_hat(p) = U diag(s^2 / (s^2 + p)) U^T y,   s = diag S
    left out:     y_i - y_hat_without_i = (y_i - y_hat_i) / (1 - h_i),
                  h_i = 1/n + sum_r U_ir^2 s_r^2 / (s_r^2 + p)
    generalised:  |y - y_hat|^2 / (n - 1 - sum_r s_r^2 / (s_r^2 + p))^2

Who reads a factor (`ridge.py`), maps one representation to another (`ridge_map.py`) or asks how
much of one is in the other (`topics/similarity/predictivity.py`) differs in the penalties that are
tried and in which of the two errors chooses.

Source: Hoerl & Kennard 1970 [hoerl1970]; left-out errors: Allen 1974 [allen1974]; generalised
cross-validation: Golub, Heath & Wahba 1979 [golub1979]. Lesson: 02_training.
"""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

FLAT = 1e-8  # 1 - h_i below it: without this plant nothing is known of it
NOISE = 1e-13  # of the largest s^2: below it a direction of the Gram matrix is rounding


@dataclass(frozen=True, eq=False)
class Decomposed:
    """Features, taken apart.

    Attributes:
        middle: Mean feature, "dim".
        u: U, "plants rank".
        squares: s^2, "rank"; above 0.
        turn: V, "dim rank".
    """

    middle: Tensor
    u: Tensor
    squares: Tensor
    turn: Tensor

    @classmethod
    def by_svd(cls, x: Tensor) -> "Decomposed":
        """Of "plants dim", to the last digit; rank 0 where all plants are the same."""
        middle = x.mean(0)
        u, s, v = torch.linalg.svd(x - middle, full_matrices=False)
        kept = s > 1e-10 * s[0].clamp_min(1e-300)
        return cls(middle, u[:, kept], s[kept].square(), v[kept].T)

    @classmethod
    def by_gram(cls, x: Tensor, middle: Tensor) -> "Decomposed":
        """Of centred "plants dim" by the smaller Gram matrix: several times faster, and directions
        below `NOISE` of the largest are lost in rounding and left out."""
        wide = x.shape[0] <= x.shape[1]
        squares, found = torch.linalg.eigh(x @ x.T if wide else x.T @ x)
        keep = squares > NOISE * squares[-1].clamp_min(1e-300)
        squares, found = squares[keep], found[:, keep]
        roots = squares.sqrt()
        u = found if wide else (x @ found) / roots
        return cls(middle, u, squares, (x.T @ found) / roots if wide else found)

    def turned(self, x: Tensor) -> Tensor:
        """Features "plants dim" in the basis V, "plants rank"."""
        return (x - self.middle) @ self.turn

    def coordinates(self, y: Tensor) -> Tensor:
        """U^T y of centred targets, "rank columns"."""
        return self.u.T @ y

    def along(self, coordinates: Tensor, penalty: float | Tensor) -> Tensor:
        """The weights on `turned` features, "rank columns"."""
        return coordinates * (self.squares.sqrt() / (self.squares + penalty))[:, None]

    def shares(self, penalties: Tensor) -> Tensor:
        """s^2 / (s^2 + p), "penalties rank"."""
        return self.squares / (self.squares + penalties[:, None])

    def left_out(self, y: Tensor, coordinates: Tensor, penalties: Tensor) -> Tensor:
        """Mean squared left-out error of centred targets, "penalties columns".

        Infinite where a plant without which nothing is known is left out.
        """
        shares = self.shares(penalties)
        own = 1 - 1 / len(y) - self.u.square() @ shares.T
        losses = []
        for share, left in zip(shares, own.T, strict=True):
            error = (y - self.u @ (share[:, None] * coordinates)) / left.clamp_min(FLAT)[:, None]
            known = bool((left > FLAT).all())
            losses.append(error.square().mean(0) if known else torch.full_like(y[0], torch.inf))
        return torch.stack(losses)

    def generalised(self, y: Tensor, coordinates: Tensor, penalties: Tensor) -> Tensor:
        """Generalised cross-validation error of all columns together, "penalties"."""
        shares = self.shares(penalties)
        held = (2 * shares - shares.square()) @ coordinates.square().sum(1)
        free = (len(y) - 1 - shares.sum(1)).clamp_min(1e-6)
        return (y.square().sum() - held) / free.square()


def penalised(x: np.ndarray, y: np.ndarray, penalty: float) -> np.ndarray:
    """(X^T X + p I)^-1 X^T Y at one penalty, "dim columns" (or "dim" for one column).

    Args:
        x: Centred rows, "plants dim".
        y: Centred targets, "plants columns" or "plants".
        penalty: p, in units of s^2.
    """
    return np.linalg.solve(x.T @ x + penalty * np.eye(x.shape[1]), x.T @ y)


def mean_square(x: np.ndarray) -> float:
    """Mean of s_k^2 over the dimensions of centred rows: the unit of a penalty."""
    gram = np.einsum("nd,nd->d", x, x)
    return float(gram.sum() / len(gram))
