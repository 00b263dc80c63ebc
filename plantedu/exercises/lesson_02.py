"""Code exercises of lesson 02: Sinkhorn's codes, the swapped loss, an episodic probe.

Lesson: 02_training. The package's own versions are in models/sinkhorn.py, models/swav_loss.py and
training/episodic_probe.py.
"""

from collections.abc import Callable

import torch

from plantedu.exercises.comparing import expect, same
from plantedu.exercises.exercise import Exercise

LESSON = "02_training"


def sinkhorn(scores: torch.Tensor, epsilon: float, rounds: int) -> torch.Tensor:
    """Codes that share a batch out over the prototypes as evenly as the scores allow.

        Q = exp(scores / epsilon), then `rounds` times:
            divide each prototype's column, so that it sums to N / K
            divide each sample's row, so that it sums to 1

    Work with logarithms: exp(1 / .001) is too large for any float.

    Args:
        scores: Cosines in [-1, 1], shape (N samples, K prototypes), floating.
        epsilon: Softness, above 0: the smaller, the closer to one-hot.
        rounds: How often both steps are done, 1 or more.

    Returns:
        Codes, shape (N, K), of the type of `scores`: every row sums to 1. Codes are targets, so
        they carry no gradient.

    Source: Cuturi 2013, arXiv:1306.0895 [cuturi2013]; Caron et al. 2020 [caron2020].
    """
    logs = scores.detach() / epsilon
    for _ in range(rounds):
        logs = logs - logs.logsumexp(0, keepdim=True)
        logs = logs - logs.logsumexp(1, keepdim=True)
    return logs.exp()


def _slow_sinkhorn(scores: torch.Tensor, epsilon: float, rounds: int) -> torch.Tensor:
    """The formula, entry by entry, in float64."""
    samples, prototypes = scores.shape
    q = (scores.double() / epsilon).exp()
    for _ in range(rounds):
        for k in range(prototypes):
            q[:, k] *= samples / prototypes / sum(q[n, k].item() for n in range(samples))
        for n in range(samples):
            q[n] /= sum(q[n, k].item() for k in range(prototypes))
    return q


def _all_prefer_one(f: Callable) -> None:
    """where all samples prefer one prototype alike, the codes are even"""
    scores = torch.tensor([[0.9, 0.1], [0.9, 0.1], [0.9, 0.1]])
    same(
        f(scores, 0.5, 3),
        torch.full((3, 2), 0.5),
        of="three samples with the scores (.9, .1) and epsilon .5",
        mistakes={"only the rows are normalised": (scores / 0.5).softmax(1)},
    )


def _slow_twin(f: Callable) -> None:
    """it agrees with plain loops in float64, after two rounds"""
    scores = torch.rand((5, 3), generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    known = _slow_sinkhorn(scores, 0.2, 2)
    same(
        f(scores, 0.2, 2),
        known,
        of="5 random samples, 3 prototypes, epsilon .2, two rounds",
        mistakes={
            "only the rows are normalised": (scores / 0.2).softmax(1),
            "the round ends on the prototypes": _columns_last(scores, 0.2, 2),
            "the codes of a row sum to 1/N": known / 5,
            "epsilon multiplies": _slow_sinkhorn(scores, 1 / 0.2, 2),
        },
    )


def _columns_last(scores: torch.Tensor, epsilon: float, rounds: int) -> torch.Tensor:
    """Rows first, prototypes last: the same for the transposed problem."""
    samples, prototypes = scores.shape
    return _slow_sinkhorn(scores.T, epsilon, rounds).T * samples / prototypes


def _no_overflow(f: Callable) -> None:
    """a small epsilon gives one-hot codes and no overflow"""
    got = f(torch.tensor([[1.0, 0.0], [0.0, 1.0]]), 0.001, 3)
    expect(
        isinstance(got, torch.Tensor) and bool(torch.isfinite(got).all()),
        "With epsilon .001 the codes hold NaN: exp(1 / .001) is infinite.",
        mistake="exp before the logarithm",
    )
    same(got, torch.eye(2), of="two samples, one prototype each, epsilon .001")


def _no_gradient(f: Callable) -> None:
    """no gradient flows through the codes"""
    scores = torch.tensor([[0.2, 0.1], [0.0, 0.3]], requires_grad=True)
    expect(
        not f(scores, 0.1, 3).requires_grad,
        "The codes carry a gradient (requires_grad is True).",
        mistake="the codes carry a gradient",
    )


EXERCISES = (
    Exercise(
        key="02.5",
        title="Sinkhorn's codes",
        lesson=LESSON,
        reference=sinkhorn,
        checks=(_all_prefer_one, _slow_twin, _no_overflow, _no_gradient),
        mistakes={
            "only the rows are normalised": (
                "That is a softmax. Nothing stops all samples from taking one prototype, and the "
                "encoder may then collapse to a single point."
            ),
            "the round ends on the prototypes": (
                "A code is a distribution over prototypes, so the last step must be the one that "
                "makes rows sum to 1. After three rounds the two orders still differ."
            ),
            "the codes of a row sum to 1/N": (
                "The published form shares a mass of 1 over the whole batch and multiplies by N at "
                "the end. Without that step the loss is N times too small."
            ),
            "epsilon multiplies": (
                "Scores are divided by epsilon: a small epsilon makes sharp codes. Multiplied, the "
                "knob works backwards, and the default of .02 gives nearly uniform codes."
            ),
            "exp before the logarithm": (
                "exp(score / epsilon) overflows for a small epsilon, infinity divided by infinity "
                "is NaN, and one NaN is in every weight after the next step. Take logsumexp."
            ),
            "the codes carry a gradient": (
                "Codes are targets. With a gradient through them the loss falls by moving the "
                "target to the prediction, which is one of the ways to collapse."
            ),
        },
    ),
)
