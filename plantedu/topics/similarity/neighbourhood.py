"""Neighbours: does a plant have the same nearest plants in both representations?

    J_k = mean_i |N_x(i) & N_y(i)| / |N_x(i) | N_y(i)|,    N(i) = the k nearest others by cosine

It looks at the near alone: two clouds may be bent and stretched against each other as a whole. By
lot two plants share k^2 / (n - 1) of their neighbours, so chance depends on k / n.

Source: Klabunde et al. 2025, arXiv:2305.06329 (survey) [klabunde2025]. Lesson: 06_similarity.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from plantedu.errors import require
from plantedu.topics.similarity.measure import Measure, Prepared
from plantedu.topics.similarity.results.measure_names import LABELS

HAIR = 1e-12  # cosines this close are ties: the order of a sum is no evidence


@dataclass(frozen=True)
class KnnJaccard(Measure):
    """Mean overlap of two neighbourhoods.

    Attributes:
        k: Neighbours of a plant; fewer than the plants allow.
    """

    k: int = 10

    name = "knn"
    label = LABELS["knn"]
    pairwise = True

    def __post_init__(self) -> None:
        require(self.k >= 1, f"A neighbourhood holds one plant or more; got k = {self.k!r}.")

    def note(self, n: int, p: int, q: int) -> str:
        return f"k = {self.k} of {n - 1} others; at random about {chance(n, self.k):.3f}."

    def _prepare(self, x: Tensor) -> Prepared:
        n, k = len(x), self.k
        require(k < n - 1, f"{k} neighbours of {n} plants are all of them: take a smaller k.")
        unit = F.normalize(x, dim=1)
        near = (unit @ unit.T).fill_diagonal_(-torch.inf)
        last = near.topk(k, dim=1).values[:, -1:]
        inside, tied = near > last + HAIR, (near - last).abs() <= HAIR
        share = (k - inside.sum(1, keepdim=True)) / tied.sum(1, keepdim=True)
        rows = inside.to(near.dtype) + tied * share.to(near.dtype)
        return Prepared(rows, x.shape[1])

    def _compare(self, a: Prepared, b: Prepared) -> Tensor:
        shared = (a.rows * b.rows).sum(1)
        return (shared / (2 * self.k - shared)).mean()

    def compare_all(
        self, a: Sequence[Prepared], b: Sequence[Prepared], *, quick: bool = False
    ) -> Tensor:
        """The values of every first side with every second one, "first second"."""
        left, right = (torch.stack([s.rows for s in side], 1) for side in (a, b))
        shared = left @ right.mT  # plant by plant: "plants first second"
        return (shared / (2 * self.k - shared)).mean(0)


def chance(n: int, k: int) -> float:
    """Overlap at random, to first order: E|N & N'| = k^2 / (n - 1)."""
    shared = k * k / (n - 1)
    return shared / (2 * k - shared)
