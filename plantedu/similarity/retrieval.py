"""Which picture finds its partner: reciprocal ranks across sensors.

    rank_i = 1 + #{j != i : z_i . g_j > z_i . g_i} + #{j != i : z_i . g_j = z_i . g_i} / 2
    MRR    = mean_i 1 / rank_i

Among n partners, order by lot gives MRR = H_n / n with H_n = 1 + 1/2 + ... + 1/n, which falls as n
grows: say n beside every MRR.
"""

import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor

from plantedu.errors import require


def reciprocal_ranks(
    queries: Float[Tensor, "plants dim"], partners: Float[Tensor, "plants dim"]
) -> Float[Tensor, " plants"]:
    """1 / rank of each query's own partner among all of them, by cosine; ties count half.

    Raises:
        PlantEduError: for different numbers of queries and partners.
    """
    require(
        queries.shape == partners.shape,
        f"Every query needs its partner: {tuple(queries.shape)} and {tuple(partners.shape)}.",
    )
    near = F.normalize(queries.double(), dim=1) @ F.normalize(partners.double(), dim=1).T
    own = near.diagonal()[:, None]
    # A hair's breadth counts as a tie: the order of a sum is no evidence.
    better, tied = near > own + 1e-12, (near - own).abs() <= 1e-12
    return 1 / (1 + better.sum(1) + (tied.sum(1) - 1) / 2)


def chance_mrr(n: int) -> float:
    """MRR among n partners in an order by lot, H_n / n."""
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
    require(
        queries.shape[1] == gallery.shape[1],
        f"Queries and gallery differ in width: {queries.shape[1]} and {gallery.shape[1]}.",
    )
    inside = len(own) == len(queries) and bool(((own >= 0) & (own < len(gallery))).all())
    require(inside, "Every query needs its plant in the gallery.")
    near = F.normalize(queries.double(), dim=1) @ F.normalize(gallery.double(), dim=1).T
    mine = near.gather(1, own[:, None])
    better, tied = near > mine + 1e-12, (near - mine).abs() <= 1e-12
    return 1 + better.sum(1) + (tied.sum(1) - 1) / 2
