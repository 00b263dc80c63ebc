"""RankMe: how many directions a set of embeddings fills.

    p_k = sigma_k / sum sigma + 1e-7,     RankMe = exp(-sum_k p_k ln p_k)

with sigma the singular values of the uncentred "plants dim" matrix. It is 1 if all rows lie on one
line and `dim` if every direction is used alike. It can be no larger than the number of rows, so
values are compared at equal n alone. A screen, not a cause: more directions are not by themselves
better ones.

Source: Garrido et al. 2023, arXiv:2210.02885 [garrido2023].
"""

import torch
from jaxtyping import Float
from torch import Tensor

from plantedu.errors import require

SMALL = 1e-7


def rankme(z: Float[Tensor, "plants dim"]) -> float:
    """Effective rank, from 1 to min(plants, dim).

    Raises:
        PlantEduError: for embeddings that are all zero.
    """
    sigma = torch.linalg.svdvals(z.double())
    require(bool(sigma.sum() > 0), "RankMe of embeddings that are all zero is undefined.")
    p = sigma / sigma.sum() + SMALL
    return float(torch.exp(-(p * p.log()).sum()))
