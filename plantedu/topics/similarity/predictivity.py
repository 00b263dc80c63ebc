"""Ridge predictivity: how much of one representation a linear reader finds in the other.

    R2 = 1 - sum_folds |Y_out - X_out B|^2 / sum_folds |Y_out - mean Y_in|^2
    B  = argmin |Y_in - X_in B|^2 + lambda |B|^2

on plants left out; `lambda` is chosen within each fold's own training plants, by generalised
cross-validation, and never sees the plants left out. Variance counts: what is read is mostly the
leading directions of y. Not symmetric: x predicts y.

Source: Hoerl & Kennard 1970 [hoerl1970]; generalised cross-validation: Golub et al. 1979
[golub1979]. Lesson: 06_similarity.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from plantedu.errors import require
from plantedu.statistics.penalised import Decomposed
from plantedu.topics.similarity.measure import Measure, Prepared
from plantedu.topics.similarity.results.measure_names import LABELS


@dataclass(frozen=True, eq=False)
class Fold:
    """What a fold of x holds ready for any y: which plants are inside and which outside, the
    inside ones taken apart, and the outside ones in that basis."""

    inside: Tensor
    outside: Tensor
    parts: Decomposed
    turned: Tensor


@dataclass(frozen=True)
class RidgePredictivity(Measure):
    """Cross-validated R2 of reading y from x.

    Attributes:
        folds: How many parts are left out in turn; plant i is in part i modulo folds.
        lambdas: Penalties tried, as shares of the largest squared singular value.
    """

    folds: int = 5
    lambdas: tuple[float, ...] = (1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1.0)

    name = "ridge"
    label = LABELS["ridge"]
    symmetric = False
    costly = True

    def __post_init__(self) -> None:
        require(self.folds >= 2, f"Cross-validation takes 2 folds or more; got {self.folds!r}.")
        good = bool(self.lambdas) and all(one > 0 for one in self.lambdas)
        require(good, f"Penalties are numbers above 0; got {self.lambdas!r}.")

    def _prepare(self, x: Tensor) -> Prepared:
        n = len(x)
        require(n >= 2 * self.folds, f"{self.folds} folds need {2 * self.folds} plants; got {n}.")
        return Prepared(x, x.shape[1], [_fold(x, k, self.folds) for k in range(self.folds)])

    def _compare(self, a: Prepared, b: Prepared) -> Tensor:
        missed, whole = [], []
        for fold in a.rest:
            mean = b.rows[fold.inside].mean(0)
            inside, outside = b.rows[fold.inside] - mean, b.rows[fold.outside] - mean
            coordinates = fold.parts.coordinates(inside)
            penalties = fold.parts.squares[0] * inside.new_tensor(self.lambdas)
            best = fold.parts.generalised(inside, coordinates, penalties).argmin()
            predicted = fold.turned @ fold.parts.along(coordinates, penalties[best])
            missed.append((outside - predicted).square().sum())
            whole.append(outside.square().sum())
        return 1 - torch.stack(missed).sum() / torch.stack(whole).sum()


def _fold(x: Tensor, part: int, folds: int) -> Fold:
    outside = torch.arange(len(x), device=x.device) % folds == part
    parts = Decomposed.by_svd(x[~outside])
    require(
        len(parts.squares) > 0,
        "The first representation is constant over the plants of a fold: nothing can be read "
        "from it. Take more plants.",
    )
    return Fold(~outside, outside, parts, parts.turned(x[outside]))
