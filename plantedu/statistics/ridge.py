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
from plantedu.statistics.penalised import NOISE, Decomposed

# Penalties that are tried, in units of the largest s^2.
PENALTIES = torch.logspace(-9, 3, 25, dtype=torch.float64)
QUIET = 1e-2  # of the median spread: a feature that moves less is not read

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
        parts: What they were taken apart into.
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
        middle = x.mean(0)
        x = x - middle
        spread = x.square().mean(0).sqrt()
        x = torch.where(spread > QUIET * spread.median(), x, torch.zeros_like(x))
        self.parts = Decomposed.by_gram(x, middle)
        size = float(features.double().square().sum())
        top = float(self.parts.squares[-1]) if len(self.parts.squares) else 0.0
        require(
            top > NOISE * max(size, 1e-300),
            f"The {x.shape[1]} features of all {x.shape[0]} training plants are the same: there "
            "is nothing to read from.",
        )

    def turned(self, features: Tensor) -> Tensor:
        """Features "plants dim" in the basis V, "plants rank"."""
        return self.parts.turned(features.double())

    def fit(self, wanted: Sequence[Wanted], *, penalty: float | None = None) -> Iterator[Linear]:
        """The linear reader of each target, each with its own penalty, or all with one.

        Args:
            wanted: What to fit.
            penalty: In units of the largest s^2; None lets left-out plants choose.
        """
        for one, (own, mean, chosen) in zip(wanted, self._each(wanted, penalty), strict=True):
            weights = self.parts.along(own, self._unit * chosen)
            yield (weights, mean) if one.codes is None else self._discriminants(weights, one)

    def chosen(self, wanted: Sequence[Wanted]) -> list[float]:
        """The penalty that left-out plants choose for each target, in units of the largest s^2."""
        return [chosen for _, _, chosen in self._each(wanted)]

    def _each(
        self, wanted: Sequence[Wanted], penalty: float | None = None
    ) -> Iterator[tuple[Tensor, Tensor, float]]:
        """Of each target its coordinates U^T y, its mean, and its penalty, given or chosen."""
        aims = torch.cat([one.columns for one in wanted], 1)
        means = aims.mean(0)
        coordinates = self.parts.coordinates(aims - means)
        sizes = [one.columns.shape[1] for one in wanted]
        each = zip(coordinates.split(sizes, 1), means.split(sizes), strict=True)
        if penalty is not None:
            yield from ((own, mean, penalty) for own, mean in each)
            return
        losses = self.parts.left_out(aims - means, coordinates, PENALTIES * self._unit)
        for (own, mean), loss in zip(each, losses.split(sizes, 1), strict=True):
            yield own, mean, float(PENALTIES[int(loss.sum(1).argmin())])

    @property
    def _unit(self) -> float:
        """The largest s^2, in units of which penalties are tried."""
        return float(self.parts.squares[-1])

    def _discriminants(self, weights: Tensor, wanted: Wanted) -> Linear:
        """From one-hot ridge weights C^-1 M^T Pi, with C = W + M^T Pi M + p/n I (Woodbury)."""
        counts = wanted.columns.sum(0)
        shares = counts / counts.sum()
        x = self.parts.u * self.parts.squares.sqrt()
        classes = (wanted.columns.T @ x) / counts.clamp_min(1)[:, None]
        inner = weights / shares.clamp_min(1e-12)
        one = torch.eye(len(shares), dtype=torch.float64)
        inner = torch.linalg.solve(one - shares[:, None] * (classes @ inner), inner, left=False)
        constants = shares.clamp_min(1e-12).log() - (classes.T * inner).sum(0) / 2
        return inner, constants
