"""Stochastic gradient Langevin dynamics around a point, and the learning coefficient from it.

    w <- w - (e/2) (nb grad L_batch(w) + g (w - w*)) + N(0, e)
    lambda = nb (mean over draws of L(w) - L(w*))

The coefficient counts the directions in which the loss rises away from w*: d/2 in a quadratic bowl
of d dimensions, d/4 for a sum of fourth powers. The pull g keeps the walk near w*; it stiffens
every direction, so it lowers the coefficient: in a bowl of curvature h it is
(d/2) nb h / (nb h + g). The authors' own software calls its use "more of an art than a science".

Source: Lau et al. 2025, arXiv:2308.12108 [lau2025]. Lesson: 03_bump.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import scipy.stats
import torch
from torch import Tensor

from plantedu.errors import require
from plantedu.statistics.evidence import Evidence

WORTH = 10  # independent draws that a walk must be worth before its drift can be judged


@dataclass(frozen=True, kw_only=True)
class Sampler:
    """How the walk is done.

    Attributes:
        step_size: e; too large diverges, too small does not leave w*.
        n_beta: nb, plants times inverse temperature; n / ln n is usual.
        localisation: g, the pull back to w*.
        draws: Steps that count.
        burn_in: Steps before them.
    """

    step_size: float
    n_beta: float
    localisation: float
    draws: int = 40
    burn_in: int = 10

    def __post_init__(self) -> None:
        for name in ("step_size", "n_beta"):
            value = getattr(self, name)
            require(value > 0, f"{name} must be above 0, got {value}.")
        require(self.localisation >= 0, f"localisation must be 0 or more: {self.localisation}.")
        require(
            self.draws >= 4 and self.burn_in >= 0,
            f"A walk needs at least 4 draws, got {self.draws} after {self.burn_in}.",
        )


def walk(
    weights: Sequence[Tensor],
    excess: Callable[[int], Tensor],
    sampler: Sampler,
    *,
    generator: torch.Generator,
) -> list[float]:
    """One chain; the weights are back at w* when it ends.

    Args:
        weights: w, at w*; moved in place.
        excess: L(w) - L(w*) of the batch of a step, differentiable.
        sampler: How.
        generator: Draws the noise.

    Returns:
        The excess before each step, burn-in included; ends early with inf where it diverges.
    """
    start = [w.detach().clone() for w in weights]
    trace: list[float] = []
    try:
        for k in range(sampler.burn_in + sampler.draws):
            value = excess(k)
            trace.append(float(value.detach()))
            if not math.isfinite(trace[-1]):
                trace[-1] = math.inf
                break
            slopes = torch.autograd.grad(value, list(weights))
            _step(weights, start, slopes, sampler, generator)
    finally:
        with torch.no_grad():
            for w, home in zip(weights, start, strict=True):
                w.copy_(home)
    return trace


@torch.no_grad()
def _step(
    weights: Sequence[Tensor],
    start: Sequence[Tensor],
    slopes: Sequence[Tensor],
    sampler: Sampler,
    generator: torch.Generator,
) -> None:
    half, spread = sampler.step_size / 2, math.sqrt(sampler.step_size)
    for w, home, slope in zip(weights, start, slopes, strict=True):
        noise = torch.randn(w.shape, generator=generator, dtype=w.dtype).to(w.device)
        pull = sampler.n_beta * slope + sampler.localisation * (w - home)
        w.add_(noise, alpha=spread).sub_(pull, alpha=half)


def coefficient(trace: Sequence[float], sampler: Sampler) -> float:
    """lambda of one chain; inf for one that diverged."""
    kept = np.asarray(trace[sampler.burn_in :])
    whole = len(kept) == sampler.draws and np.isfinite(kept).all()
    return float(sampler.n_beta * kept.mean()) if whole else math.inf


def settled(trace: Sequence[float], sampler: Sampler) -> bool:
    """Whether the draws show no drift, and would show one of a few standard deviations.

    A line through the draws, whose slope must not differ from 0 at .05. Draws are correlated, so
    its error is that of the n (1 - r) / (1 + r) independent draws that they are worth, r being the
    correlation of the line's residuals with their successors. Draws worth fewer than ten cannot
    tell a drift from a slow walk: not settled.

    Over 60 draws with r = .5, a drift of three standard deviations in all is called settled in
    .05 of the walks, and a walk without drift in .8 (tested).
    """
    kept = np.asarray(trace[sampler.burn_in :])
    if len(kept) < 8 or not np.isfinite(kept).all():
        return False
    n, steps = len(kept), np.arange(len(kept)) - (len(kept) - 1) / 2
    slope = steps @ kept / (steps @ steps)
    rest = kept - kept.mean() - slope * steps
    if not rest @ rest > 1e-24 * (kept @ kept):
        return abs(slope) * n <= 1e-12 * np.abs(kept).max()
    seen = rest[1:] @ rest[:-1] / (rest @ rest)
    r = min(max((n * seen + 2) / (n - 3), 0.0), 0.99)  # a line bends it down by about 2 / n
    worth = n * (1 - r) / (1 + r)
    if worth < WORTH:
        return False
    error = math.sqrt(rest @ rest / (n - 2) * (1 + r) / (1 - r) / (steps @ steps))
    return bool(2 * scipy.stats.t.sf(abs(slope) / error, worth - 2) > 0.05)


def known_answers(seed: int = 0) -> tuple[Evidence, ...]:
    """The walk where the coefficient is known: bowls of 2, 10 and 200 dimensions, fourth powers.

    The null is the same walk where the loss is flat.
    """
    bowl = Sampler(step_size=2e-3, n_beta=100, localisation=0, draws=1500, burn_in=100)
    valley = Sampler(step_size=4e-3, n_beta=100, localisation=0, draws=1500, burn_in=500)
    cases = [(f"a bowl of {d} dimensions", d, 2, 1 / 2, bowl) for d in (2, 10, 200)]
    cases.append(("fourth powers of 100 dimensions", 100, 4, 1 / 4, valley))
    return tuple(_known(*case, seed=seed) for case in cases)


def _known(
    name: str, dim: int, power: int, each: float, sampler: Sampler, *, seed: int
) -> Evidence:
    values = []
    for chain in range(3):
        w = torch.zeros(dim, dtype=torch.float64, requires_grad=True)
        draw = torch.Generator().manual_seed(1000 * seed + chain)

        def loss(k: int, w: Tensor = w) -> Tensor:
            return w.pow(power).sum() / (2 if power == 2 else 1)

        values.append(coefficient(walk([w], loss, sampler, generator=draw), sampler))
    return Evidence(
        question=f"Which learning coefficient does the walk find in {name}?",
        value=float(np.mean(values)),
        null=0.0,
        control="a flat loss, where nothing rises",
        n=sampler.draws,
        seeds=len(values),
        interval=(min(values), max(values)),
        level=1.0,
        truth=dim * each,
    )
