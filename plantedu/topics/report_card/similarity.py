"""Trials on similarity: do two representations share anything?

    x = s A + e,   y = s B + f        or, in half of the cases, y of a signal of its own

with six shared signals s, maps at random, 24 to 48 plants and 64 to 256 columns. The true CKA is
that of the covariances, |Cov(x, y)|^2 / (|Cov(x)| |Cov(y)|), which is 0 where nothing is shared.

Source: Kornblith et al. 2019 [kornblith2019]; debiasing: Murphy et al. 2024 [murphy2024].
Lesson: 06_similarity.
"""

import numpy as np
import torch

from plantedu.statistics.cka import debiased_cka, linear_cka
from plantedu.statistics.subsampling import half_sample_interval
from plantedu.topics.report_card.trial import Mark, drawn
from plantedu.topics.similarity.alignment import LinearCka
from plantedu.topics.similarity.permutation import permutation_null

SIGNALS, SIGNAL = 6, 1.0


def two(rng: np.random.Generator, *, shared: bool) -> tuple[torch.Tensor, torch.Tensor, float]:
    """Two representations of the same plants, "plants p" and "plants q", and their true CKA."""
    n, p, q = (int(rng.integers(low, high)) for low, high in ((24, 49), (64, 257), (64, 257)))
    A, B = (rng.normal(size=(SIGNALS, k)) * SIGNAL for k in (p, q))
    s = rng.normal(size=(n, SIGNALS))
    other = s if shared else rng.normal(size=(n, SIGNALS))
    spread = 1 + 5 * rng.random()
    x = s @ A + spread * rng.normal(size=(n, p))
    y = other @ B + spread * rng.normal(size=(n, q))
    size = [np.linalg.norm(M.T @ M + spread**2 * np.eye(M.shape[1])) for M in (A, B)]
    truth = np.linalg.norm(A.T @ B) ** 2 / (size[0] * size[1]) if shared else 0.0
    return torch.from_numpy(x), torch.from_numpy(y), float(truth)


def debiased(seed: int) -> list[Mark]:
    """Debiased CKA beside shuffled plants, p <= .05; the interval is of half-samples."""
    rng, marks = drawn(seed, "alike"), []
    for shared in (True, False):
        x, y, truth = two(rng, shared=shared)
        cka = LinearCka()
        order = torch.Generator().manual_seed(seed)
        sides = [cka.prepare(x)], [cka.prepare(y)]
        null = permutation_null(cka, *sides, generator=order, shuffles=99)
        interval = half_sample_interval(
            lambda rows, x=x, y=y: debiased_cka(x[rows], y[rows]), n=len(x), generator=rng
        )
        said = bool(null.p[0, 0] <= 0.05)
        marks.append(Mark(shared, said, truth, float(null.values[0, 0]), interval))
    return marks


def biased(seed: int) -> list[Mark]:
    """Biased CKA, called alike from .5 on, as one sees it done."""
    rng, marks = drawn(seed, "alike"), []
    for shared in (True, False):
        x, y, truth = two(rng, shared=shared)
        value = linear_cka(x, y)
        interval = half_sample_interval(
            lambda rows, x=x, y=y: linear_cka(x[rows], y[rows]), n=len(x), generator=rng
        )
        marks.append(Mark(shared, value >= 0.5, truth, value, interval))
    return marks
