"""Kernel alignment as members of the family: CKA with a linear or a Gaussian kernel.

    debiased   K = U-centred kernel,   value = <K_x, K_y> / (|K_x| |K_y|),   expectation 0 for noise
    biased     K = H k H,              value in [0, 1],
               about 1 / sqrt((1 + n/p)(1 + n/q)) for independent noise

    linear     k(a, b) = a . b
    Gaussian   k(a, b) = exp(-|a - b|^2 / (2 s^2 m)),   m = median squared distance, s = bandwidth

Source: centred alignment: Cortes et al. 2012 [cortes2012], after Cristianini et al. 2001
[cristianini2001]; of networks: Kornblith et al. 2019, arXiv:1905.00414 [kornblith2019];
U-centring: Szekely & Rizzo 2014 [szekely2014]; unbiased HSIC: Song et al. 2007 [song2007]; why
debiased: Murphy et al. 2024, arXiv:2405.01012 [murphy2024].
Lesson: 06_similarity.
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from plantedu.errors import require
from plantedu.statistics.cka import products, u_centred
from plantedu.topics.similarity.measure import Measure, Prepared, even
from plantedu.topics.similarity.results.measure_names import LABELS


@dataclass(frozen=True)
class LinearCka(Measure):
    """Debiased CKA with a linear kernel: the default.

    Inner products of features in single precision are taken in single precision, half the time;
    centring and all sums are in double. Where a row is more than four times as long as the middle
    one everything is in double: centring such rows loses digits of the others (an outlier of 1,000
    moved the value by 1e-5, one of 100,000 by 1e-3). The value moves by less than 1e-6 (tested).
    """

    name = "cka"
    label = LABELS["cka"]
    pairwise = True
    inner = True
    single = True

    def _prepare(self, x: Tensor) -> Prepared:
        exact = torch.float32 if x.device.type == "mps" else torch.float64
        return Prepared(_unit(u_centred(products(x).to(exact))), x.shape[1])

    def _compare(self, a: Prepared, b: Prepared) -> Tensor:
        return a.rows.flatten().dot(b.rows.flatten())


@dataclass(frozen=True)
class BiasedCka(Measure):
    """CKA as it is mostly reported. Here to be seen failing: compare it with its null."""

    name = "cka_biased"
    label = LABELS["cka_biased"]
    pairwise = True
    inner = True

    def note(self, n: int, p: int, q: int) -> str:
        return (
            f"Independent noise of these sizes (n = {n}, {p} and {q} columns) scores about "
            f"{noise_level(n, p, q):.2f}."
        )

    def _prepare(self, x: Tensor) -> Prepared:
        return Prepared(_unit(products(x)), x.shape[1])

    def _compare(self, a: Prepared, b: Prepared) -> Tensor:
        return a.rows.flatten().dot(b.rows.flatten())


@dataclass(frozen=True)
class RbfCka(Measure):
    """Debiased CKA with a Gaussian kernel: near plants count more than far ones.

    Attributes:
        bandwidth: s, in units of the root of the median squared distance.
    """

    bandwidth: float = 1.0

    name = "cka_rbf"
    label = LABELS["cka_rbf"]
    pairwise = True
    inner = True

    def __post_init__(self) -> None:
        good = math.isfinite(self.bandwidth) and self.bandwidth > 0
        require(good, f"The bandwidth is a number above 0; got {self.bandwidth!r}.")

    def _prepare(self, x: Tensor) -> Prepared:
        return Prepared(_unit(u_centred(gaussian(x, self.bandwidth))), x.shape[1])

    def _compare(self, a: Prepared, b: Prepared) -> Tensor:
        return a.rows.flatten().dot(b.rows.flatten())


def gaussian(x: Tensor, bandwidth: float = 1.0) -> Tensor:
    """Gaussian kernel of all plants, "plants plants".

    Raises:
        PlantEduError: where the median distance is 0: more than half of the pairs are the same.
    """
    squares = squared_distances(x)
    middle = squares.median()
    require(
        bool(middle > 0),
        "More than half of all pairs of plants have the same representation: a Gaussian kernel "
        "has no width there. Use the linear one.",
    )
    return torch.exp(-squares / (2 * bandwidth**2 * middle))


def squared_distances(x: Tensor) -> Tensor:
    """|x_i - x_j|^2, "plants plants"; never below 0.

    From inner products, or from the differences themselves where some rows are far longer than the
    rest: there the products of the long ones hide the others' digits.
    """
    if not even(x):
        return distances(x).square_()
    inner = products(x)
    own = inner.diagonal()
    squares = (own[:, None] + own - 2 * inner).clamp_min_(0)
    return squares.fill_diagonal_(0)


def distances(x: Tensor) -> Tensor:
    """|x_i - x_j|, "plants plants", each from its own differences: right to its last digits."""
    return torch.cdist(x, x, compute_mode="donot_use_mm_for_euclid_dist")


def noise_level(n: int, p: int, q: int) -> float:
    """What biased linear CKA gives on average for independent Gaussian noise."""
    return 1 / math.sqrt((1 + n / p) * (1 + n / q))


def _unit(k: Tensor) -> Tensor:
    """Brought to length 1."""
    size = torch.linalg.vector_norm(k)
    require(
        bool(size > 0),
        "After centring nothing is left of a representation (too few different plants): CKA "
        "with it is undefined.",
    )
    return k / size
