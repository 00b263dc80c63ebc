"""Maps that know nothing of any network: what a method must beat before its map says something.

    uniform   1
    centre    exp(-|u|^2 / (2 (side / 4)^2)), u counted from the middle
    edges     |Sobel gradient of luminance|
    dark      1 - luminance
    leaf      1 on the leaf
    diff R    |x - x'|, summed over bands, x' one of the reference pictures that integrated
              gradients start from: what their map is where every slope is 1
    square R  (x - x')^2, summed over bands: the same where slopes grow with the difference

Each sensor's map is scaled to half of the total, since nothing here knows the sensors' shares.

Source: Adebayo et al. 2018, arXiv:1810.03292 (an edge detector as the control) [adebayo2018].
Lesson: 09_attribution.
"""

import numpy as np
import torch
from scipy import ndimage

from plantedu.errors import require
from plantedu.topics.attribution.pair import PairBatch, reference
from plantedu.topics.attribution.results.names import BASELINES


def baseline(name: str, views: np.ndarray, leaf: np.ndarray) -> np.ndarray:
    """A map that is made without a network.

    Args:
        name: One of BASELINES.
        views: Pictures in [0, 1], "2 plants 3 height width".
        leaf: Where the leaf is, "2 plants height width".

    Returns:
        Maps that are never negative, "2 plants height width"; each sensor's sums to 1/2.

    Raises:
        PlantEduError: for another name.
    """
    known = ", ".join(BASELINES)
    require(name in BASELINES, f"No baseline {name!r}; there are {known}.")
    light = views.mean(2)
    kind, _, against = name.partition(" ")
    maps = {
        "uniform": lambda: np.ones_like(light),
        "centre": lambda: np.broadcast_to(_bump(light.shape[-1]), light.shape).copy(),
        "edges": lambda: _edges(light),
        "dark": lambda: 1 - light,
        "leaf": lambda: leaf.astype(np.float64),
        "diff": lambda: np.abs(_away(views, against)).sum(2),
        "square": lambda: np.square(_away(views, against)).sum(2),
    }[kind]()
    total = maps.sum((2, 3), keepdims=True)
    return np.where(total > 0, maps / np.where(total > 0, total, 1), 1 / light[0, 0].size) / 2


def _away(views: np.ndarray, against: str) -> np.ndarray:
    """x - x', of every value."""
    x1, x2 = (torch.from_numpy(np.ascontiguousarray(x)) for x in views)
    return views - torch.stack(reference(PairBatch(x1, x2), against)).numpy()


def _bump(side: int) -> np.ndarray:
    u = np.arange(side) - (side - 1) / 2
    one = np.exp(-0.5 * np.square(u / (side / 4)))
    return one[:, None] * one[None]


def _edges(light: np.ndarray) -> np.ndarray:
    """Length of the Sobel gradient."""
    down, across = (ndimage.sobel(light, axis=axis, mode="nearest") for axis in (2, 3))
    return np.hypot(down, across)
