"""The null of every similarity: the same two representations with the plants of one shuffled.

    p = (1 + #{shuffles at least as alike as the pairing itself}) / (1 + shuffles)

which is exact: with plants drawn independently and no relation, P(p <= alpha) <= alpha. The *level*
is the value that one shuffle in twenty passes.

Shuffling plants answers one question: is there any relation at all? Two encoders of the same
pictures nearly always have one, random weights too. It is the lowest bar, not the highest.

For measures that are inner products of plants-by-plants matrices, all comparisons of a shuffle are
one matrix product:  V = A B_s,  A "first (plants plants)",  B_s "(plants plants) second" in the
shuffled order.

Source: Phipson & Smyth 2010, arXiv:1603.05766 [phipson2010]. Lesson: 06_similarity.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from plantedu.errors import require
from plantedu.topics.similarity.measure import Measure, Prepared

HAIR = 1e-5  # shuffles this close to the value count as ties: nulls are worked out quickly


@dataclass(frozen=True, eq=False)
class Null:
    """Values under shuffled plants, "shuffles first second", beside the values themselves.

    Attributes:
        values: "first second".
        shuffled: "shuffles first second".
        distance: Whether small values are the alike ones.
    """

    values: np.ndarray
    shuffled: np.ndarray
    distance: bool

    @property
    def p(self) -> np.ndarray:
        """Chance that shuffled plants look at least as alike, "first second"."""
        gain = (self.shuffled - self.values) * (-1 if self.distance else 1)
        alike = (gain >= -HAIR * (1 + np.abs(self.values))).sum(0)
        return (1 + alike) / (1 + len(self.shuffled))

    @property
    def mean(self) -> np.ndarray:
        """Mean over the shuffles, "first second"."""
        return self.shuffled.mean(0)

    def quantiles(self, at: Sequence[float]) -> np.ndarray:
        """Quantiles over the shuffles, "at first second"."""
        return np.quantile(self.shuffled, list(at), axis=0)

    @property
    def level(self) -> np.ndarray:
        """What one shuffle in twenty passes, "first second"."""
        return self.quantiles([0.05 if self.distance else 0.95])[0]


def permutation_null(
    measure: Measure,
    first: Sequence[Prepared],
    second: Sequence[Prepared],
    *,
    generator: torch.Generator,
    shuffles: int = 199,
    check: Callable[[], None] = lambda: None,
) -> Null:
    """Every first side against every second one, and the same for shuffled plants.

    Args:
        measure: Which one; it has prepared the sides.
        first: Representations.
        second: Others of the same plants.
        generator: Draws the orders, on the CPU; all cells share them.
        shuffles: How many; 199 make the smallest p .005.
        check: Called before each shuffle; may raise to stop.

    Raises:
        PlantEduError: for fewer than 19 shuffles, with which no p could reach .05.
    """
    require(shuffles >= 19, f"A p of .05 needs 19 shuffles or more; got {shuffles}.")
    values = measure.compare_all(first, second)
    n, device = len(first[0].rows), values.device
    again = _inner(first, second) if measure.inner else _each(measure, first, second)
    found = []
    for _ in range(shuffles):
        check()
        order = torch.randperm(n, generator=generator).to(device)
        found.append(again(order).float())
    shuffled = torch.stack(found).double().cpu().numpy()
    return Null(values.double().cpu().numpy(), shuffled, measure.distance)


def _inner(first: Sequence[Prepared], second: Sequence[Prepared]) -> Callable[[Tensor], Tensor]:
    """All cells of a shuffle as one product, in single precision."""
    left = torch.stack([one.rows.float() for one in first]).flatten(1)
    # The second sides lie innermost: shuffling then moves whole runs of memory.
    right = torch.stack([one.rows.float() for one in second], dim=-1)
    n = right.shape[0]

    def again(order: Tensor) -> Tensor:
        turned = right.index_select(0, order).index_select(1, order)
        return left @ turned.view(n * n, -1)

    return again


def _each(
    measure: Measure, first: Sequence[Prepared], second: Sequence[Prepared]
) -> Callable[[Tensor], Tensor]:
    def again(order: Tensor) -> Tensor:
        turned = [one.reordered(order, pairwise=measure.pairwise) for one in second]
        return measure.compare_all(first, turned, quick=True)

    return again
