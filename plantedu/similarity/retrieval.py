"""Which picture finds its partner: reciprocal ranks across sensors.

    b_i    = #{j != i : z_i . g_j > z_i . g_i},     t_i = #{j != i : z_i . g_j = z_i . g_i}
    rank_i = 1 + b_i + t_i / 2
    MRR    = mean_i E_i,   E_i = (1 / (b_i + 1) + ... + 1 / (b_i + t_i + 1)) / (t_i + 1)

E_i is 1 / rank, on average over ties broken at random: the reciprocal of the mean rank
would be lower than the mean of the reciprocals, and an encoder that gives every plant the same
vector would score below chance. Among n partners, a random order gives MRR = H_n / n with
H_n = 1 + 1/2 + ... + 1/n, which falls as n grows: say n beside every MRR.
"""

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor

from plantedu.errors import require


def reciprocal_ranks(
    queries: Float[Tensor, "plants dim"], partners: Float[Tensor, "plants dim"]
) -> Float[Tensor, " plants"]:
    """1 / rank of each query's own partner among all of them, by cosine; mean over broken ties.

    Raises:
        PlantEduError: for different numbers of queries and partners.
    """
    require(
        queries.shape == partners.shape,
        f"Every query needs its partner: {tuple(queries.shape)} and {tuple(partners.shape)}.",
    )
    return reciprocal_ranks_among(queries, partners, torch.arange(len(queries)))


def chance_mrr(n: int) -> float:
    """MRR among n partners in a random order, H_n / n."""
    return sum(1 / k for k in range(1, n + 1)) / n


def ranks_among(
    queries: Float[Tensor, "queries dim"],
    gallery: Float[Tensor, "plants dim"],
    own: Int[Tensor, " queries"],
) -> Float[Tensor, " queries"]:
    """Rank of each query's own plant among the gallery, by cosine; 1 is the nearest, ties half.

    Args:
        queries: Representations of what was made from a plant.
        gallery: Representations of the plants.
        own: Which plant each query was made from, a row of the gallery.

    Raises:
        PlantEduError: for a plant that is not in the gallery, or widths that differ.
    """
    better, tied = _ahead(queries, gallery, own)
    return 1 + better + tied / 2


def reciprocal_ranks_among(
    queries: Float[Tensor, "queries dim"],
    gallery: Float[Tensor, "plants dim"],
    own: Int[Tensor, " queries"],
) -> Float[Tensor, " queries"]:
    """1 / rank of each query's own plant, as `ranks_among`; the mean over ties broken at random."""
    better, tied = _ahead(queries, gallery, own)
    mean = (torch.digamma(better + tied + 2) - torch.digamma(better + 1)) / (tied + 1)
    return torch.where(tied == 0, 1 / (1 + better), mean)


def tie_width(*representations: Tensor) -> float:
    """Difference of two cosines that is no evidence: what rounding does to their vectors.

    A number is kept to half a unit of its type, so a vector's direction to eps / 2 and a cosine of
    two to eps; the difference of two such cosines to 2 eps. Twice that, and in float64 the order
    of the sum on top.
    """
    eps = max(torch.finfo(one.dtype).eps for one in representations)
    return max(4 * eps, 1e-12)


def _ahead(queries: Tensor, gallery: Tensor, own: Tensor) -> tuple[Tensor, Tensor]:
    """How many plants are nearer to each query than its own, and how many as near; float64."""
    require(
        queries.shape[1] == gallery.shape[1],
        f"Queries and gallery differ in width: {queries.shape[1]} and {gallery.shape[1]}.",
    )
    inside = len(own) == len(queries) and bool(((own >= 0) & (own < len(gallery))).all())
    require(inside, "Every query needs its plant in the gallery.")
    finite = bool(torch.isfinite(queries).all() and torch.isfinite(gallery).all())
    require(finite, "Some representations hold numbers that are not finite: no rank is defined.")
    near = F.normalize(queries.double(), dim=1) @ F.normalize(gallery.double(), dim=1).T
    mine = near.gather(1, own.to(near.device)[:, None])
    width = tie_width(queries, gallery)
    better, tied = near > mine + width, (near - mine).abs() <= width
    return better.sum(1).double(), (tied.sum(1) - 1).double()
