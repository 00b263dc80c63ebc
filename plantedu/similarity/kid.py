"""Kernel distance between two sets of pictures, by features of both.

    k(x, y) = (x . y / d + 1)^3
    KID     = mean_{i != j} k(x_i, x_j) + mean_{i != j} k(y_i, y_j) - 2 mean_{ij} k(x_i, y_j)

the unbiased estimate of the squared maximum mean discrepancy. Its expectation is 0 for two samples
of one distribution at any n, so it may be slightly negative; FID's is not, which is why FID wants
ten thousand pictures and KID does with hundreds. d is the width of the features. The value depends
on the features and on their scale: compare values of the same features only, here standardised by
the real pictures' mean and spread.

Source: Binkowski et al. 2018, arXiv:1801.01401 [binkowski2018].
"""

from jaxtyping import Float
from torch import Tensor

from plantedu.errors import require


def kid(x: Float[Tensor, "n dim"], y: Float[Tensor, "m dim"]) -> float:
    """Squared distance of two sets of features, unbiased.

    Args:
        x: Features of one set.
        y: Features of the other.

    Raises:
        PlantEduError: for sets of fewer than two, features of different width, or features that
            are not finite, by count: one NaN would make both the distance and its null NaN.
    """
    require(min(len(x), len(y)) >= 2, f"KID needs 2 pictures a side; got {len(x)} and {len(y)}.")
    require(
        x.shape[1] == y.shape[1],
        f"KID compares features of one encoder; got widths {x.shape[1]} and {y.shape[1]}.",
    )
    check_finite(x, y)
    x, y = x.double(), y.double()
    within = sum(_mean_off_diagonal(_kernel(one, one)) for one in (x, y))
    return within - 2 * float(_kernel(x, y).mean())


def standardised(features: Tensor, real: Tensor) -> Tensor:
    """Features in units of the real pictures' spread, from their mean.

    A coordinate that hardly moves is not blown up: no spread counts as less than a tenth of the
    median one.

    Raises:
        PlantEduError: for features that are not finite, by count.
    """
    check_finite(features, real)
    spread = real.std(0)
    spread = spread.clamp_min(max(0.1 * float(spread.median()), 1e-6))
    return (features - real.mean(0)) / spread


def check_finite(x: Tensor, y: Tensor) -> None:
    """Raise unless every feature of every picture of two sets is finite."""
    bad = [int((~one.isfinite().all(1)).sum()) for one in (x, y)]
    require(
        not sum(bad),
        f"Features of {bad[0]} of {len(x)} pictures and of {bad[1]} of {len(y)} others are not "
        "finite (NaN or infinite): no distance is defined.",
    )


def _kernel(x: Tensor, y: Tensor) -> Tensor:
    return (x @ y.T / x.shape[1] + 1) ** 3


def _mean_off_diagonal(gram: Tensor) -> float:
    n = len(gram)
    return float((gram.sum() - gram.diagonal().sum()) / (n * (n - 1)))
