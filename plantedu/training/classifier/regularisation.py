"""What keeps a classifier from being too sure: smoothed labels, mixed images, averaged views.

    smoothed labels    t = (1 - e) onehot(y) + e / K
    mixup              x = l x_i + (1 - l) x_j,   t = l t_i + (1 - l) t_j,   l ~ Beta(a, a)
    test-time views    p = mean over views v of softmax(logits(v x)), v among the 8 turns and flips

One l is drawn for a batch. A leaf has no upper side in a picture taken from above, so every turn
of it is as good a picture as the first.

Source: Szegedy et al. 2016, arXiv:1512.00567 (label smoothing) [szegedy2016]; Zhang et al. 2018,
arXiv:1710.09412 (mixup) [zhang2018]. Lesson: 04_family.
"""

import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor

from plantedu.errors import require

TURNS = 8  # quarter turns, each also mirrored


def smoothed(
    labels: Int[Tensor, " batch"], classes: int, smoothing: float
) -> Float[Tensor, "batch classes"]:
    """Soft targets t; `smoothing` is e, the share that is spread over all classes."""
    require(0 <= smoothing < 1, f"label_smoothing is a share from 0 to below 1; got {smoothing}.")
    return (1 - smoothing) * F.one_hot(labels, classes).float() + smoothing / classes


def mixed(
    views: Float[Tensor, "views batch 3 height width"],
    targets: Float[Tensor, "batch classes"],
    *,
    alpha: float,
    generator: np.random.Generator,
) -> tuple[Tensor, Tensor]:
    """Each row blended with another row of the batch, all its views alike, and so its target.

    Args:
        views: Images in [0, 1].
        targets: Rows sum to 1.
        alpha: a of the Beta distribution; 0 leaves everything as it is.
        generator: Draws l and the partners.
    """
    if alpha == 0:
        return views, targets
    share = float(generator.beta(alpha, alpha))
    partner = torch.from_numpy(generator.permutation(len(targets))).to(views.device)
    blended = share * views + (1 - share) * views[:, partner]
    return blended, share * targets + (1 - share) * targets[partner]


def turned(images: Tensor, turn: int) -> Tensor:
    """Images "... height width" in turn 0 to 7: quarter turns, from 4 on mirrored first."""
    flipped = images.flip(-1) if turn >= 4 else images
    return torch.rot90(flipped, turn % 4, (-2, -1))
