"""Representational similarity analysis: do the two rank all pairs of plants alike?

    D_x[i, j] = 1 - corr(x_i, x_j)   (correlation)   or   |x_i - x_j|^2   (euclidean)
    RSA       = Spearman correlation of D_x and D_y over the pairs i < j

Ranks are taken of the pairs, so any monotone change of the distances is unseen. Pairs of one plant
are not independent: shuffle plants, never pairs.

Source: Kriegeskorte et al. 2008 [kriegeskorte2008]. Lesson: 06_similarity.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import scipy.stats
import torch
import torch.nn.functional as F
from torch import Tensor

from plantedu.errors import require
from plantedu.similarity.alignment import squared_distances
from plantedu.similarity.measure import Measure, Prepared

Distance = Literal["correlation", "euclidean"]


@dataclass(frozen=True)
class Rsa(Measure):
    """Spearman correlation of two tables of distances.

    Attributes:
        between: How far two plants are apart. "correlation" takes each plant's mean off first, so
            it needs three columns or more to say anything.
    """

    between: Distance = "euclidean"

    name = "rsa"
    label = "RSA (Spearman)"
    pairwise = True
    inner = True

    def __post_init__(self) -> None:
        known = ("correlation", "euclidean")
        require(self.between in known, f"between is one of {known}; got {self.between!r}.")

    def _prepare(self, x: Tensor) -> Prepared:
        table = distances(x, self.between)
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


def distances(x: Tensor, between: Distance) -> Tensor:
    """Table of distances, "plants plants"."""
    if between == "euclidean":
        return squared_distances(x)
    unit = F.normalize(x - x.mean(1, keepdim=True), dim=1)
    return (1 - unit @ unit.T).fill_diagonal_(0)


def _ranks(values: Tensor) -> Tensor:
    """Ranks from 1, ties sharing their mean; a difference by rounding is none."""
    told = (values / values.abs().max().clamp_min(1e-300) * 1e12).round()
    found = scipy.stats.rankdata(told.cpu().numpy())
    return torch.from_numpy(np.asarray(found)).to(values.device, values.dtype)
