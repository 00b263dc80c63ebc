"""Deletion and insertion: pixels change hands in the order that a map gives them.

    deletion    the highest q of both pictures' pixels come from the filling:  area under s(q)
    insertion   the highest q come from the plant, the rest from the filling

    s(q) is scaled so that the plant is 1 and the filling 0; a good map has a small deletion and a
    large insertion area. A random order is the null.

The filling is the same plant *rendered without the cue*, which stays on the manifold, or a blurred
picture, which does not: then a network meets pictures that it has never seen.

Into the first filling, agreement with a mask holds by construction: outside the pixels that do()
moves both pictures are the same, so an order is rewarded for reaching those pixels and for nothing
else. It shows which of them the network uses, and cannot speak against the mask.

Source: Petsiuk et al. 2018, arXiv:1806.07421 [petsiuk2018]. Lesson: 09_attribution.
"""

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from plantedu.errors import require
from plantedu.topics.attribution.pair import Batch
from plantedu.topics.attribution.targets import Scored

SHARES = (0.0, 0.01, 0.03, 0.1, 0.2, 0.4, 0.7, 1.0)


@torch.no_grad()
def areas(
    scored: Scored,
    pair: Batch,
    filling: Batch,
    relevance: np.ndarray,
    target: int,
    *,
    insert: bool = False,
    shares: tuple[float, ...] = SHARES,
    check: Callable[[], None] = lambda: None,
) -> np.ndarray:
    """Area under the curve of every plant whose score differs from its filling's; else nan.

    Args:
        scored, target: The network, and which score.
        pair: The plants.
        filling: The same plants without the cue, or blurred.
        relevance: "2 plants height width" (1 for one camera); ties keep the pixels' own order.
        insert: Insertion in place of deletion.
        shares: Shares of the pixels that change hands, rising from 0 to 1.
        check: Called between shares; may raise to stop.

    Raises:
        PlantEduError: for a map of another shape.
    """
    cameras = len(pair.both)
    shape = (cameras, len(pair), *pair.x1.shape[-2:])
    require(relevance.shape == shape, f"The map must be {shape}; got {relevance.shape}.")
    flat = torch.from_numpy(relevance).swapaxes(0, 1).flatten(1)
    place = flat.argsort(dim=1, descending=True, stable=True).argsort(dim=1)
    fresh, rest = (filling, pair) if not insert else (pair, filling)
    curve = []
    for share in shares:
        check()
        taken = (
            (place < round(share * flat.shape[1]))
            .unflatten(1, (cameras, *shape[2:]))
            .swapaxes(0, 1)
        )
        mixed = [
            torch.where(mask[:, None], a, b)
            for mask, a, b in zip(taken, fresh.both, rest.both, strict=True)
        ]
        curve.append(_scores(scored, mixed, target))
    found = torch.stack(curve, 1).double().numpy()
    start, end = found[:, 0], found[:, -1]
    whole, none = (end, start) if insert else (start, end)
    span = whole - none
    scaled = (found - none[:, None]) / np.where(np.abs(span) > 1e-6, span, np.nan)[:, None]
    return np.asarray(np.trapezoid(scaled, shares, axis=1))


def _scores(scored: Scored, views: list[Tensor], target: int) -> Tensor:
    parts = zip(*(x.split(32) for x in views), strict=True)
    return torch.cat([scored(*part)[:, target] for part in parts])
