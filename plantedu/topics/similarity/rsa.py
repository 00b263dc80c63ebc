"""Representational similarity analysis: do the two rank all pairs of plants alike?

    D_x[i, j] = 1 - corr(x_i, x_j)   (correlation)   or   |x_i - x_j|   (euclidean)
    RSA       = Spearman correlation of D_x and D_y over the pairs i < j

Ranks are taken of the pairs, so any monotone change of the distances is unseen. Pairs of one plant
are not independent: shuffle plants, never pairs.

Source: Kriegeskorte et al. 2008 [kriegeskorte2008]. Lesson: 06_similarity.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from torch import Tensor

from plantedu.errors import require
from plantedu.topics.similarity.alignment import distances
from plantedu.topics.similarity.measure import Measure, Prepared
from plantedu.topics.similarity.results.measure_names import LABELS

Distance = Literal["correlation", "euclidean"]


@dataclass(frozen=True)
class Rsa(Measure):
    """Spearman correlation of two tables of distances.

    Attributes:
        between: How far two plants are apart. "correlation" takes each plant's mean over columns
            off first, so it needs three columns or more to say anything. It sees where 0 lies in
            each column: these means are not taken off, as they are in the rest of the family.
    """

    between: Distance = "euclidean"

    name = "rsa"
    label = LABELS["rsa"]
    pairwise = True
    inner = True
    raw = True  # a distance does not see the columns' means, and taking them off costs digits

    def __post_init__(self) -> None:
        known = ("correlation", "euclidean")
        require(self.between in known, f"between is one of {known}; got {self.between!r}.")

    def _prepare(self, x: Tensor) -> Prepared:
        table = dissimilarities(x, self.between)
        i, j = torch.triu_indices(len(x), len(x), offset=1, device=x.device).unbind()
        ranks = _ranks(table[i, j])
        ranks = ranks - ranks.mean()
        require(
            bool(ranks.abs().max() > 0),
            "All plants are equally far apart in one representation: RSA with it is undefined.",
        )
        rows = torch.zeros_like(table)
        rows[i, j] = rows[j, i] = ranks
        return Prepared(rows / torch.linalg.vector_norm(rows), x.shape[1])

    def _compare(self, a: Prepared, b: Prepared) -> Tensor:
        return a.rows.flatten().dot(b.rows.flatten())


def dissimilarities(x: Tensor, between: Distance) -> Tensor:
    """Table of distances, "plants plants".

    Raises:
        PlantEduError: for the correlation of a plant whose columns are all the same.
    """
    if between == "euclidean":
        return distances(x)
    apart = x - x.mean(1, keepdim=True)
    size = torch.linalg.vector_norm(apart, dim=1, keepdim=True)
    flat = int((size <= 1e-12 * torch.linalg.vector_norm(x, dim=1, keepdim=True)).sum())
    require(
        flat == 0,
        f"{flat} plants have the same number in every column: a correlation with them is "
        "undefined. Take the euclidean distance, or drop those plants.",
    )
    return distances(apart / size).square() / 2  # |u - v|^2 = 2 - 2 corr for unit vectors


def _ranks(values: Tensor) -> Tensor:
    """Ranks from 1, ties sharing their mean; a difference by rounding is none."""
    numbers, hair = values.cpu().numpy(), 1e-12 if values.dtype == torch.float64 else 1e-5
    order = np.argsort(numbers, kind="stable")
    ascending = numbers[order]
    fresh = np.concatenate([[True], np.diff(ascending) > hair * ascending[1:]])
    group = np.cumsum(fresh) - 1
    last = np.cumsum(np.bincount(group))
    first = np.concatenate([[1], last[:-1] + 1])
    found = np.empty(len(numbers))
    found[order] = ((first + last) / 2)[group]
    return torch.from_numpy(found).to(values.device, values.dtype)
