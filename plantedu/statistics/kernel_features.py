"""Readers that are not straight: features of a kernel, read by the same ridge regression.

    linear      k(x, x') = x.x'
    quadratic   k(x, x') = (1 + x.x' / d)^2,  d features: also every product of two of them
    gaussian    k(x, x') = exp(-|x - x'|^2 / (2 m)),  m the median squared distance of two plants

Kernel ridge regression with k is ridge regression on phi(x) = K^(-1/2) k(X, x), where K = k(X, X)
of the training plants X. So its penalty is chosen as for the straight one, from left-out plants.

Source: Saunders, Gammerman & Vovk 1998 [saunders1998]. Lesson: 02_training.
"""

from typing import Literal, get_args

import torch
from torch import Tensor

from plantedu.errors import require

Kernel = Literal["linear", "quadratic", "gaussian"]
KERNELS: tuple[Kernel, ...] = get_args(Kernel)
ROUNDING = 1e-10  # of the largest eigenvalue of K


def lifted(train: Tensor, held_out: Tensor, kernel: Kernel) -> tuple[Tensor, Tensor]:
    """phi of both sets; of the linear kernel they are as they were.

    Args:
        train: Standardised features of the training plants, "plants dim".
        held_out: Features of others in the same units, "plants dim".
        kernel: Which one.

    Returns:
        Two tensors "plants training-plants".

    Raises:
        PlantEduError: for a kernel that there is not.
    """
    require(kernel in KERNELS, f"kernel must be one of {', '.join(KERNELS)}; got {kernel!r}.")
    if kernel == "linear":
        return train, held_out
    scale = float(torch.pdist(train).square().median()) if kernel == "gaussian" else 0.0
    values, turn = torch.linalg.eigh(_between(train, train, kernel, scale))
    keep = values > ROUNDING * values[-1]
    turn, roots = turn[:, keep], values[keep].sqrt()
    across = _between(held_out, train, kernel, scale)
    return (turn * roots) @ turn.T, (across @ turn / roots) @ turn.T


def _between(a: Tensor, b: Tensor, kernel: Kernel, scale: float) -> Tensor:
    """k of every row of a with every row of b."""
    if kernel == "quadratic":
        return (1 + a @ b.T / a.shape[1]).square()
    return torch.exp(-torch.cdist(a, b).square() / (2 * max(scale, 1e-300)))
