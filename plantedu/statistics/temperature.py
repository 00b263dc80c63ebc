"""Calibration: is a forecast of 80 % right four times in five, and one number that mends it.

    ECE = sum over bins b of  n_b / n  |accuracy of b - mean confidence of b|

over equal bins of the confidence max_k p_k, and p = softmax(logits / T) with the T that makes the
labels of a validation set likeliest. T leaves every decision as it is.

ECE sees the winning class alone, and a forecaster who always says the class prior has an ECE near
0 and knows nothing: read it beside the log loss. With few validation plants that are all right,
the likeliest T is 0; it is kept within BOUNDS.

Source: Guo et al. 2017, arXiv:1706.04599 [guo2017]. Lesson: 04_family.
"""

import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor

from plantedu.errors import require
from plantedu.statistics.brier import calibration_error

BOUNDS = (0.1, 10.0)  # lowest and highest temperature


def log_loss(logits: Float[Tensor, "n classes"], labels: Int[Tensor, " n"]) -> float:
    """Mean of -log p at the label, in nats; `logits` may be log-probabilities."""
    return float(F.cross_entropy(logits.double(), labels))


def expected_calibration_error(
    probabilities: Float[Tensor, "n classes"], labels: Int[Tensor, " n"], *, bins: int = 15
) -> float:
    """ECE in [0, 1].

    Args:
        probabilities: Rows sum to 1.
        labels: Classes.
        bins: Equal bins of the confidence.

    Raises:
        PlantEduError: for no rows, or rows that are no probabilities.
    """
    _check(probabilities)
    confidence, called = probabilities.double().max(1)
    return calibration_error(confidence.numpy(), (called == labels).numpy(), bins=bins)


def fit_temperature(logits: Float[Tensor, "n classes"], labels: Int[Tensor, " n"]) -> float:
    """T within BOUNDS that makes the labels likeliest.

    -log p is convex in 1/T, so its slope, mean of sum_k p_k z_k - z_y, is brought to 0 by halving.

    Raises:
        PlantEduError: for logits that are not finite, or for no rows.
    """
    require(
        len(logits) > 0 and bool(logits.isfinite().all()),
        f"A temperature is fitted to finite logits of at least one plant; got {len(logits)} rows.",
    )
    z = logits.double()
    at_label = z.gather(1, labels[:, None]).mean()

    def slope(inverse: float) -> float:
        return float(((inverse * z).softmax(1) * z).sum(1).mean() - at_label)

    low, high = 1 / BOUNDS[1], 1 / BOUNDS[0]
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if slope(middle) < 0 else (low, middle)
    return 2 / (low + high)


def _check(probabilities: Tensor) -> None:
    fine = len(probabilities) > 0 and bool(probabilities.isfinite().all())
    sums = probabilities.double().sum(1)
    require(
        fine and float(probabilities.min()) >= 0 and bool(((sums - 1).abs() < 1e-4).all()),
        f"Forecasts are rows of probabilities that sum to 1; got {tuple(probabilities.shape)} "
        "with other rows among them.",
    )
