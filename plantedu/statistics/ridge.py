"""Ridge regression and its penalty, for many targets at once, from one decomposition.

    x = U S V^T, centred;  y_hat(p) = U diag(s^2 / (s^2 + p)) U^T y,   s = diag S
    left out:  y_i - y_hat_without_i = (y_i - y_hat_i) / (1 - h_i),
               h_i = 1/n + sum_r U_ir^2 s_r^2 / (s_r^2 + p)

A target takes the penalty p with the least mean squared left-out error: cross-validation with one
plant a fold, in closed form, inside the training plants. Features and plants may be more or fewer
than each other. A category is read by linear discriminants: one-hot columns choose the penalty,
then class k's answer is, with class means m_k, their within-class covariance W and shares pi_k,

    x (W + p/n I)^-1 m_k - m_k^T (W + p/n I)^-1 m_k / 2 + ln pi_k.

Unlike one-hot answers themselves, these also find a class that lies between two others.

Source: left-out errors as in Golub, Heath & Wahba 1979 [golub1979]; penalised discriminants as in
Hastie, Buja & Tibshirani 1995 [hastie1995]. Lesson: 02_training.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from plantedu.errors import require

# Penalties that are tried, in units of the largest s^2.
PENALTIES = torch.logspace(-9, 3, 25, dtype=torch.float64)
NOISE = 1e-13  # of the largest s^2: below it a direction is rounding
QUIET = 1e-2  # of the median spread: a feature that moves less is not read
FLAT = 1e-8  # 1 - h_i below it: without this plant nothing is known of it

Linear = tuple[Tensor, Tensor]  # weights on x in the basis V, "rank columns"; constants, "columns"


@dataclass(frozen=True, eq=False)
class Wanted:
    """Columns to fit together with one penalty.

    Attributes:
        columns: Float64, "plants columns"; one-hot for a category.
        codes: The category's codes, "plants"; None for a number.
    """

    columns: Tensor
    codes: Tensor | None = None

    @classmethod
    def of_category(cls, codes: Tensor, classes: int) -> "Wanted":
        """One-hot columns of codes 0..classes-1."""
        return cls(F.one_hot(codes.long(), classes).double(), codes)


class RidgePath:
    """Features, decomposed once.

    Attributes:
        middle: Mean feature, "dim".
        turn: V, "dim rank".
        u: U, "plants rank".
        squares: s^2, "rank".
    """

    def __init__(self, features: Tensor) -> None:
        """Decompose standardised features, "plants dim".

        A feature that hardly moves has its spread floored by `standardised`; if it then still moves
        less than a hundredth of the others it is rounding, and one held-out outlier in it would
        decide the score: it is not read.

        Raises:
            PlantEduError: for features that are the same for every plant.
        """
        x = features.double()
        self.middle = x.mean(0)
        x = x - self.middle
        spread = x.square().mean(0).sqrt()
        x = torch.where(spread > QUIET * spread.median(), x, torch.zeros_like(x))
        wide = x.shape[0] <= x.shape[1]
        squares, found = torch.linalg.eigh(x @ x.T if wide else x.T @ x)
        size = float(features.double().square().sum())
        top = float(squares[-1]) if len(squares) else 0.0
        require(
            top > NOISE * max(size, 1e-300),
            f"The {x.shape[1]} features of all {x.shape[0]} training plants are the same: there "
            "is nothing to read from.",
        )
        keep = squares > NOISE * top
        self.squares, found = squares[keep], found[:, keep]
        roots = self.squares.sqrt()
        self.u = found if wide else (x @ found) / roots
        self.turn = (x.T @ found) / roots if wide else found

    def turned(self, features: Tensor) -> Tensor:
        """Features "plants dim" in the basis V, "plants rank"."""
        return (features.double() - self.middle) @ self.turn

    def fit(self, wanted: Sequence[Wanted], *, penalty: float | None = None) -> Iterator[Linear]:
        """The linear reader of each target, each with its own penalty, or all with one.

        Args:
            wanted: What to fit.
            penalty: In units of the largest s^2; None lets left-out plants choose.
        """
        for one, (own, mean, chosen) in zip(wanted, self._parts(wanted, penalty), strict=True):
            p = float(self.squares[-1]) * chosen
            weights = own * (self.squares.sqrt() / (self.squares + p))[:, None]
            yield (weights, mean) if one.codes is None else self._discriminants(weights, one)

    def chosen(self, wanted: Sequence[Wanted]) -> list[float]:
        """The penalty that left-out plants choose for each target, in units of the largest s^2."""
        return [chosen for _, _, chosen in self._parts(wanted)]

    def _parts(
        self, wanted: Sequence[Wanted], penalty: float | None = None
    ) -> Iterator[tuple[Tensor, Tensor, float]]:
        """Of each target its coordinates U^T y, its mean, and its penalty, given or chosen."""
        aims = torch.cat([one.columns for one in wanted], 1)
        means = aims.mean(0)
        coordinates = self.u.T @ (aims - means)
        sizes = [one.columns.shape[1] for one in wanted]
        parts = zip(coordinates.split(sizes, 1), means.split(sizes), strict=True)
        if penalty is not None:
            yield from ((own, mean, penalty) for own, mean in parts)
            return
        losses = self._left_out(aims - means, coordinates).split(sizes, 1)
        for (own, mean), loss in zip(parts, losses, strict=True):
            yield own, mean, float(PENALTIES[int(loss.sum(1).argmin())])

    def _left_out(self, aims: Tensor, coordinates: Tensor) -> Tensor:
        """Mean squared left-out error, "penalties columns"."""
        shares = self.squares / (self.squares + PENALTIES[:, None] * self.squares[-1])
        own = 1 - 1 / len(aims) - self.u.square() @ shares.T
        losses = []
        for share, left in zip(shares, own.T, strict=True):
            error = (aims - self.u @ (share[:, None] * coordinates)) / left.clamp_min(FLAT)[:, None]
            defined = bool((left > FLAT).all())
            losses.append(
                error.square().mean(0) if defined else torch.full_like(aims[0], torch.inf)
            )
        return torch.stack(losses)

    def _discriminants(self, weights: Tensor, wanted: Wanted) -> Linear:
        """From one-hot ridge weights C^-1 M^T Pi, with C = W + M^T Pi M + p/n I (Woodbury)."""
        counts = wanted.columns.sum(0)
        shares = counts / counts.sum()
        x = self.u * self.squares.sqrt()
        classes = (wanted.columns.T @ x) / counts.clamp_min(1)[:, None]
        inner = weights / shares.clamp_min(1e-12)
        one = torch.eye(len(shares), dtype=torch.float64)
        inner = torch.linalg.solve(one - shares[:, None] * (classes @ inner), inner, left=False)
        constants = shares.clamp_min(1e-12).log() - (classes.T * inner).sum(0) / 2
        return inner, constants
