"""A projection head of SwAV's architecture that computes a linear map we chose.

    x M = relu(x) M - relu(-x) M:    Linear(I, -I) -> BatchNorm -> ReLU -> Linear(M, -M)

since relu(a) - relu(-a) = a. The batch norm passes everything through in evaluation mode. The head
is as non-linear as any other to look at, and its Jacobian is M^T everywhere.

Lesson: 07_spectrum.
"""

import torch
from torch import Tensor, nn

from plantedu.errors import require


def planted_head(matrix: Tensor) -> nn.Sequential:
    """The head in float64 and evaluation mode; head(x) = x M.

    Args:
        matrix: M, "dim dim".

    Raises:
        PlantEduError: for a map that is not square.
    """
    require(
        matrix.ndim == 2 and matrix.shape[0] == matrix.shape[1],
        f"A planted head maps a space to itself; got {tuple(matrix.shape)}.",
    )
    matrix = matrix.double()
    dim = len(matrix)
    first, norm, last = nn.Linear(dim, 2 * dim), nn.BatchNorm1d(2 * dim), nn.Linear(2 * dim, dim)
    head = nn.Sequential(first, norm, nn.ReLU(), last).double()
    eye = torch.eye(dim, dtype=torch.float64)
    assert norm.running_var is not None
    with torch.no_grad():
        first.weight.copy_(torch.cat([eye, -eye]))
        first.bias.zero_()
        norm.running_var.fill_(1 - norm.eps)
        last.weight.copy_(torch.cat([matrix, -matrix]).T)
        last.bias.zero_()
    return head.eval().requires_grad_(False)
