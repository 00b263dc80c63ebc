"""The Jacobian of a projection head at a plant, in closed form.

    J(h) = W_2 diag(1[a > 0]) diag(gamma / sigma) W_1,       a = BN(W_1 h + b_1)

and with the embedding's unit length, J_z = (I - z z^T) J / |g|. Batch norm in evaluation mode.

Lesson: 07_spectrum.
"""

import torch
from jaxtyping import Float
from torch import Tensor, nn


def head_jacobians(
    head: nn.Sequential, h: Float[Tensor, "plants dim"], *, unit: bool = True
) -> Float[Tensor, "plants out dim"]:
    """Jacobians of Linear - BatchNorm - ReLU - Linear at each plant, float64.

    Args:
        head: The projector, in evaluation mode.
        h: Features.
        unit: Whether the output is brought to unit length.
    """
    first, norm, _, last = head
    assert isinstance(first, nn.Linear)
    assert isinstance(norm, nn.BatchNorm1d)
    assert isinstance(last, nn.Linear)
    assert norm.running_mean is not None
    assert norm.running_var is not None
    with torch.no_grad():
        h, w1, w2 = h.double(), first.weight.double(), last.weight.double()
        scale = norm.weight.double() / (norm.running_var.double() + norm.eps).sqrt()
        before = h @ w1.T + first.bias.double() - norm.running_mean.double()
        a = before * scale + norm.bias.double()
        jacobians = (w2 * ((a > 0) * scale)[:, None]) @ w1
        if not unit:
            return jacobians
        g = a.clamp(min=0) @ w2.T + last.bias.double()
        size = g.norm(dim=1, keepdim=True)
        z = g / size
        across = jacobians - z[:, :, None] * (z[:, None] @ jacobians)
        return across / size[:, :, None]
