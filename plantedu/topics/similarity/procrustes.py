"""Shape metrics: how far two clouds of plants are apart after the best rotation.

With X and Y centred, |X| = |Y| = 1 in the Frobenius norm, and |.|_* the sum of singular values:

    NBS(X, Y)        = |X^T Y|_*                        normalised Bures similarity, [0, 1]
    angular distance = arccos NBS                       a metric, radians, [0, pi/2]
    Procrustes d^2   = min_Q |X - Y Q|^2 = 2 - 2 NBS    Q orthogonal; [0, 2]

Unnormalised, d^2 = |X|^2 + |Y|^2 - 2 |X^T Y|_*. Where columns differ in number the smaller set is
filled up with zeros. NBS weighs principal components linearly, CKA by their square.

Independent noise does not score 0 here, and scores higher the more columns there are for a plant:
look at the null.

Source: Williams et al. 2021, arXiv:2110.14739 (shape metrics) [williams2021]; against CKA: Ding et
al. 2021, arXiv:2108.01661 [ding2021]. Lesson: 06_similarity.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from plantedu.topics.similarity.measure import Measure, Prepared
from plantedu.topics.similarity.results.measure_names import LABELS

SAYS = (
    "With {columns} columns for {n} plants even independent noise can be rotated into "
    "similarity: read the value against its null, not against {best:g}."
)


@dataclass(frozen=True)
class NormalisedBures(Measure):
    """Cosine of the angle between two shapes."""

    name = "nbs"
    label = LABELS["nbs"]
    costly = True

    def note(self, n: int, p: int, q: int) -> str:
        return _note(n, p, q, self.best)

    def _prepare(self, x: Tensor) -> Prepared:
        return _prepared(x, scaled=True)

    def _compare(self, a: Prepared, b: Prepared) -> Tensor:
        return nuclear(a.rows.T @ b.rows)

    def _quick(self, a: Prepared, b: Prepared) -> Tensor:
        return quick_nuclear(a.rows.T @ b.rows)


@dataclass(frozen=True)
class AngularDistance(Measure):
    """Angle between two shapes, in radians."""

    name = "angular"
    label = LABELS["angular"]
    distance = True
    costly = True
    best = 0.0

    def note(self, n: int, p: int, q: int) -> str:
        return _note(n, p, q, self.best)

    def _prepare(self, x: Tensor) -> Prepared:
        return _prepared(x, scaled=True)

    def _compare(self, a: Prepared, b: Prepared) -> Tensor:
        return torch.arccos(nuclear(a.rows.T @ b.rows).clamp(-1, 1))

    def _quick(self, a: Prepared, b: Prepared) -> Tensor:
        return torch.arccos(quick_nuclear(a.rows.T @ b.rows).clamp(-1, 1))


@dataclass(frozen=True)
class Procrustes(Measure):
    """Squared distance after the best rotation.

    Attributes:
        scaled: Bring both to length 1 first; else the value has the unit of the features squared.
    """

    scaled: bool = True

    @property
    def unitless(self) -> bool:
        return self.scaled

    name = "procrustes"
    label = LABELS["procrustes"]
    distance = True
    costly = True
    best = 0.0

    def note(self, n: int, p: int, q: int) -> str:
        return _note(n, p, q, self.best)

    def _prepare(self, x: Tensor) -> Prepared:
        return _prepared(x, scaled=self.scaled)

    def _compare(self, a: Prepared, b: Prepared) -> Tensor:
        sizes = a.rows.square().sum() + b.rows.square().sum()
        return (sizes - 2 * nuclear(a.rows.T @ b.rows)).clamp_min(0)

    def _quick(self, a: Prepared, b: Prepared) -> Tensor:
        sizes = a.rows.square().sum() + b.rows.square().sum()
        return (sizes - 2 * quick_nuclear(a.rows.T @ b.rows)).clamp_min(0)


def nuclear(m: Tensor) -> Tensor:
    """Sum of singular values."""
    return torch.linalg.svdvals(m).sum()


def quick_nuclear(m: Tensor) -> Tensor:
    """The same from the eigenvalues of the smaller Gram matrix: a quarter of the time, for a few
    millionths of the largest singular value."""
    return (
        torch.linalg.eigvalsh(m.T @ m if m.shape[1] <= m.shape[0] else m @ m.T)
        .clamp_min(0)
        .sqrt()
        .sum()
    )


def _prepared(x: Tensor, *, scaled: bool) -> Prepared:
    """Rotated into its own principal axes: no more columns than plants, and none that are empty."""
    n, d = x.shape
    if scaled:
        x = x / torch.linalg.vector_norm(x)
    if d > n:
        u, s, _ = torch.linalg.svd(x, full_matrices=False)
        x = u * s
    return Prepared(x, d)


def _note(n: int, p: int, q: int, best: float) -> str:
    columns = max(p, q)
    return SAYS.format(columns=columns, n=n, best=best) if columns > n / 4 else ""
