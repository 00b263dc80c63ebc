"""Canonical correlations: which directions of one representation can be read off the other.

With orthonormal bases U_x, U_y of the centred columns,   U_x^T U_y = M diag(rho) N^T   and

    mean CCA = mean of rho_1..rho_r,   r = the smaller rank
    SVCCA    = the same after keeping the principal components that hold `share` of the variance
    PWCCA    = sum_i w_i rho_i / sum_i w_i,   w_i = sum_j |<U_x M_i, X_j>|     (not symmetric)

Unchanged by *any* invertible linear map: a direction that holds a billionth of the variance counts
as much as the first one (PWCCA and SVCCA mend that in part). With rank(x) + rank(y) > n - 1 some
rho are 1 whatever the data, and with either rank at n - 1 all are.

Source: Raghu et al. 2017, arXiv:1706.05806 (SVCCA) [raghu2017]; Morcos et al. 2018,
arXiv:1806.05759 (PWCCA) [morcos2018]. Lesson: 06_similarity.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from plantedu.errors import require
from plantedu.topics.similarity.measure import Measure, Prepared
from plantedu.topics.similarity.procrustes import quick_nuclear
from plantedu.topics.similarity.results.measure_names import LABELS

TINY = 1e-10  # singular values below this share of the largest are rounding


@dataclass(frozen=True)
class MeanCca(Measure):
    """Mean canonical correlation of all directions."""

    name = "cca"
    label = LABELS["cca"]
    costly = True

    def note(self, n: int, p: int, q: int) -> str:
        return _note(n, p, q)

    def _prepare(self, x: Tensor) -> Prepared:
        return Prepared(basis(x)[0], x.shape[1])

    def _compare(self, a: Prepared, b: Prepared) -> Tensor:
        return correlations(a.rows, b.rows).mean()

    def _quick(self, a: Prepared, b: Prepared) -> Tensor:
        return quick_nuclear(a.rows.T @ b.rows) / min(a.rows.shape[1], b.rows.shape[1])


@dataclass(frozen=True)
class Svcca(Measure):
    """Mean canonical correlation of the leading principal components.

    Attributes:
        share: Variance that is kept, in (0, 1].
    """

    share: float = 0.99

    name = "svcca"
    label = LABELS["svcca"]
    costly = True

    def __post_init__(self) -> None:
        require(0 < self.share <= 1, f"The share of variance is in (0, 1]; got {self.share!r}.")

    def note(self, n: int, p: int, q: int) -> str:
        return "" if n > 2 * (p + q) else "Compares the leading components alone; see its null."

    def _prepare(self, x: Tensor) -> Prepared:
        u, s, _ = basis(x)
        held = s.square().cumsum(0) / s.square().sum()
        kept = int((held < self.share - 1e-12).sum()) + 1
        return Prepared(u[:, :kept], x.shape[1])

    def _compare(self, a: Prepared, b: Prepared) -> Tensor:
        return correlations(a.rows, b.rows).mean()

    def _quick(self, a: Prepared, b: Prepared) -> Tensor:
        return quick_nuclear(a.rows.T @ b.rows) / min(a.rows.shape[1], b.rows.shape[1])


@dataclass(frozen=True)
class Pwcca(Measure):
    """Canonical correlations weighted by how much of x lies along each of them."""

    name = "pwcca"
    label = LABELS["pwcca"]
    symmetric = False
    costly = True

    def note(self, n: int, p: int, q: int) -> str:
        return _note(n, p, q)

    def _prepare(self, x: Tensor) -> Prepared:
        u, s, v = basis(x)
        return Prepared(u, x.shape[1], s[:, None] * v)

    def _compare(self, a: Prepared, b: Prepared) -> Tensor:
        m, rho, _ = torch.linalg.svd(a.rows.T @ b.rows, full_matrices=False)
        weights = (m.T @ a.rest).abs().sum(1)
        return (weights * rho.clamp(0, 1)).sum() / weights.sum()


def basis(x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Left vectors, singular values, right vectors of a centred x; those of rounding left out."""
    u, s, v = torch.linalg.svd(x, full_matrices=False)
    kept = s > TINY * s[0]
    return u[:, kept], s[kept], v[kept]


def correlations(u: Tensor, v: Tensor) -> Tensor:
    """rho from two orthonormal bases, largest first."""
    return torch.linalg.svdvals(u.T @ v).clamp(0, 1)


def always_one(n: int, p: int, q: int) -> int:
    """How many canonical correlations are 1 whatever the data, for full ranks."""
    p, q = min(p, n - 1), min(q, n - 1)
    return max(0, p + q - (n - 1))


def _note(n: int, p: int, q: int) -> str:
    forced, whole = always_one(n, p, q), min(p, q, n - 1)
    if not forced:
        return ""
    return (
        f"Meaningless at these sizes if all columns vary: {forced} of {whole} canonical "
        f"correlations are 1 for any data, noise too ({p} + {q} columns, {n} plants). Take more "
        f"than {p + q} plants, or SVCCA."
    )
