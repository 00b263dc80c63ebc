"""Which picture finds its partner: reciprocal ranks across sensors.

    rank_i = 1 + #{j != i : z_i . g_j > z_i . g_i} + #{j != i : z_i . g_j = z_i . g_i} / 2
    MRR    = mean_i 1 / rank_i

Among n partners, order by lot gives MRR = H_n / n with H_n = 1 + 1/2 + ... + 1/n, which falls as n
grows: say n beside every MRR.
"""

import torch.nn.functional as F
from jaxtyping import Float
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
