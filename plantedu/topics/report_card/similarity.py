"""Trials on similarity: do two representations share anything?

    x = s A + e,   y = s B + f        or, in half of the cases, y of a signal of its own

with six shared signals s, maps at random, 24 to 48 plants and 64 to 256 columns. The true CKA is
that of the covariances, |Cov(x, y)|^2 / (|Cov(x)| |Cov(y)|), which is 0 where nothing is shared.

Source: Kornblith et al. 2019 [kornblith2019]; debiasing: Murphy et al. 2024 [murphy2024].
Lesson: 06_similarity.
"""

from collections.abc import Callable

import numpy as np
import torch

from plantedu.statistics.cka import debiased_cka, linear_cka
from plantedu.statistics.subsampling import half_sample_interval
from plantedu.topics.report_card.trial import Mark, drawn
from plantedu.topics.similarity.alignment import LinearCka
from plantedu.topics.similarity.measure import Measure
from plantedu.topics.similarity.permutation import Null, permutation_null

SIGNALS, SIGNAL = 6, 1.0
SHUFFLES, ALPHA = 99, 0.05


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


Value = Callable[[torch.Tensor, torch.Tensor], float]
Says = Callable[[torch.Tensor, torch.Tensor], tuple[bool, float]]


def debiased(seed: int) -> list[Mark]:
    """Debiased CKA beside shuffled plants, p <= .05; the interval is of half-samples."""
    return asked(seed, of_family(LinearCka(), seed), debiased_cka)


def biased(seed: int) -> list[Mark]:
    """Biased CKA, called alike from .5 on, as one sees it done."""

    def says(x: torch.Tensor, y: torch.Tensor) -> tuple[bool, float]:
        value = linear_cka(x, y)
        return value >= 0.5, value

    return asked(seed, says, linear_cka)


def asked(seed: int, says: Says, value: Value | None) -> list[Mark]:
    """Two representations that share a signal, and two that do not.

    Args:
        seed: Of the world.
        says: Whether they are reported to share something, and the measure's number.
        value: The measure where it estimates linear CKA: its interval is of half-samples, and is
            held against the true one. None where it measures something else.
    """
    rng, marks = drawn(seed, "alike"), []
    for shared in (True, False):
        x, y, truth = two(rng, shared=shared)
        said, found = says(x, y)

        def of(rows: np.ndarray, x: torch.Tensor = x, y: torch.Tensor = y) -> float:
            return 0.0 if value is None else value(x[rows], y[rows])

        # drawn in any case: the second world must not depend on the measure
        interval = half_sample_interval(of, n=len(x), generator=rng)
        known = (truth, found, interval) if value else (None, found, None)
        marks.append(Mark(shared, said, *known))
    return marks


def of_family(measure: Measure, seed: int) -> Says:
    """A measure of the family beside shuffled plants, p <= .05."""

    def says(x: torch.Tensor, y: torch.Tensor) -> tuple[bool, float]:
        order = torch.Generator().manual_seed(seed)
        sides = [measure.prepare(x)], [measure.prepare(y)]
        null = permutation_null(measure, *sides, generator=order, shuffles=SHUFFLES)
        return bool(null.p[0, 0] <= ALPHA), float(null.values[0, 0])

    return says


def beside_shuffles(value: Value, seed: int, *, distance: bool = False) -> Says:
    """Any function of two representations beside the same shuffles, p <= .05.

    Args:
        value: Takes "plants p" and "plants q".
        seed: Of the world.
        distance: Whether small values are the alike ones.
    """

    def says(x: torch.Tensor, y: torch.Tensor) -> tuple[bool, float]:
        order, own = torch.Generator().manual_seed(seed), value(x, y)
        again = [value(x, y[torch.randperm(len(y), generator=order)]) for _ in range(SHUFFLES)]
        null = Null(np.array([[own]]), np.array(again).reshape(-1, 1, 1), distance)
        return bool(null.p[0, 0] <= ALPHA), own

    return says
