"""captum's own two metrics beside the grades that know the truth.

    infidelity        mean over perturbations i of ((sum a i) - (s(x) - s(x - i)))^2, i Gaussian,
                      scaled by captum's `normalize`, which forgives a wrong scale
    sensitivity_max   max over small changes of |a(x') - a(x)| / |a(x)|

Neither knows what matters: a map can be faithful to noise and steady about nothing.

Source: Yeh et al. 2019, arXiv:1901.09392 [yeh2019]. Lesson: 09_attribution.
"""

import torch
from captum import metrics
from torch import Tensor

from plantedu.topics.attribution.methods import Check, Method, seeded
from plantedu.topics.attribution.pair import PairBatch
from plantedu.topics.attribution.targets import Scored

NOISE = 0.05  # standard deviation of infidelity's perturbations
RADIUS = 0.02  # largest change of a value in sensitivity_max


def infidelity(
    scored: Scored,
    pair: PairBatch,
    bands: tuple[Tensor, ...],
    target: int,
    *,
    generator: torch.Generator,
    samples: int = 16,
) -> Tensor:
    """captum.metrics.infidelity of a map, by plant.

    Args:
        scored, pair, target: What was explained.
        bands: The map, of every value.
        generator: Draws the perturbations.
        samples: How many.
    """

    def noisy(x1: Tensor, x2: Tensor) -> tuple[tuple[Tensor, ...], tuple[Tensor, ...]]:
        moves = tuple(torch.randn_like(x) * NOISE for x in (x1, x2))
        return moves, tuple(x - i for x, i in zip((x1, x2), moves, strict=True))

    with seeded(generator), torch.no_grad():
        return metrics.infidelity(
            scored,
            lambda xs, baselines=None: noisy(*xs),
            pair.both,
            bands,
            target=target,
            n_perturb_samples=samples,
            max_examples_per_batch=64,
            normalize=True,
        )


def sensitivity(
    how: Method,
    scored: Scored,
    pair: PairBatch,
    target: int,
    *,
    generator: torch.Generator,
    samples: int = 3,
    check: Check = lambda: None,
) -> Tensor:
    """captum.metrics.sensitivity_max of a method, by plant.

    Args:
        how, scored, pair, target: What is explained, and how.
        generator: Draws the changes.
        samples: How many.
        check: Called between chunks; may raise to stop.
    """
    draws = int(torch.randint(2**31, (1,), generator=generator))

    def explained(xs: tuple[Tensor, Tensor]) -> tuple[Tensor, ...]:
        again = torch.Generator().manual_seed(draws)
        moved = PairBatch(xs[0].clamp(0, 1), xs[1].clamp(0, 1))
        return how(scored, moved, target, generator=again, check=check).bands

    with seeded(generator):
        return metrics.sensitivity_max(
            explained,
            pair.both,
            perturb_radius=RADIUS,
            n_perturb_samples=samples,
            max_examples_per_batch=len(pair),
        )
