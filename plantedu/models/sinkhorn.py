"""Sinkhorn-Knopp: share a batch out over the prototypes as evenly as its scores allow.

Codes Q maximise <Q, S> + epsilon H(Q) with equal mass on every prototype k and on every sample n:

    Q_nk = exp((s_nk + a_k + b_n) / epsilon)
    a_k <- -epsilon log sum_n exp((s_nk + b_n) / epsilon)     every prototype: the same mass
    b_n <- -epsilon log sum_k exp((s_nk + a_k) / epsilon)     every sample: sum 1

repeated `iterations` times from b = 0, ending on the samples: rows sum to 1 exactly, prototypes
hold N/K only nearly. These are the iterates of the published multiplicative form, taken in the
log domain, so that no epsilon overflows: exp(1 / .05) alone is beyond float16.

No prototype may hold more than N/K of the mass, so with N < K no code is sharper than
H(q) >= ln(K/N), however sure the scores are. A queue raises N, and the floor falls with it.
Three rounds at a small epsilon have not converged and may exceed the cap (at N=16, K=256 and
epsilon .005 it was 1.9 N/K; 1.0006 N/K after 100 rounds at epsilon .02).

Source: Cuturi 2013, arXiv:1306.0895 [cuturi2013]; Caron et al. 2020, arXiv:2006.09882
[caron2020]. Lesson: 02_training.
"""

import torch
from torch import Tensor

from plantedu.errors import require
from plantedu.shapes import Codes, Scores


def sinkhorn(scores: Scores, *, epsilon: float, iterations: int = 3) -> Codes:
    """Codes of a batch: rows sum to 1, prototypes are used equally.

    Half-precision scores are lifted to float32 and autocast is off inside; float64 stays.

    Args:
        scores: Cosines to each prototype, "batch prototypes".
        epsilon: Softness; codes become uniform as it grows and one-hot as it falls.
        iterations: Rounds over prototypes and samples.

    Returns:
        Codes without gradient, "batch prototypes".

    Raises:
        PlantEduError: if epsilon is not positive or iterations is below 1.
    """
    require(epsilon > 0, f"epsilon must be above 0, got {epsilon}; 0.02 to 0.05 are usual.")
    require(iterations >= 1, f"Sinkhorn needs at least 1 iteration, got {iterations}.")
    with torch.no_grad(), torch.autocast(scores.device.type, enabled=False):
        s = in_float32(scores) / epsilon
        a, b = torch.zeros_like(s[:1]), torch.zeros_like(s[:, :1])
        for _ in range(iterations):
            a = -torch.logsumexp(s + b, dim=0, keepdim=True)
            b = -torch.logsumexp(s + a, dim=1, keepdim=True)
        return torch.softmax(s + a, dim=1)


def in_float32(values: Tensor) -> Tensor:
    """Half precision becomes float32; float32 and float64 stay."""
    return values.to(torch.promote_types(values.dtype, torch.float32))
