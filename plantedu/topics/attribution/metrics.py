"""How well a map points at what is known to matter.

With relevance r >= 0 and a mask M over both pictures of a plant:

    mass       sum of r inside M / sum of r                     uniform: |M| / pixels
    rank       share of the |M| highest pixels that lie in M    uniform: the same, in expectation
    pointing   1 if the highest pixel lies in M; where several tie, the share of them that do

Both pictures are ranked together: a map that puts all on one sensor can win half of the mask only.

Source: Arras et al. 2020, arXiv:2003.07258 (relevance mass and rank accuracy) [arras2022]; Zhang et
al. 2016, arXiv:1608.00507 (pointing game) [zhang2018excitation]. Lesson: 09_attribution.
"""

import numpy as np

from plantedu.errors import require
from plantedu.topics.attribution.results.names import GRADES


def grade(name: str, relevance: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """One number for each plant.

    Args:
        name: One of GRADES.
        relevance: "2 plants height width", never negative.
        mask: What matters, bool, the same shape; every plant has some.

    Raises:
        PlantEduError: for another name, a map that is negative or of another shape, or a plant
            without anything in its mask.
    """
    require(name in GRADES, f"No grade {name!r}; there are {', '.join(GRADES)}.")
    same = relevance.shape == mask.shape and relevance.ndim == 4
    require(same, f"Map and mask must fit: {relevance.shape} beside {mask.shape}.")
    require(bool((relevance >= 0).all()), "Relevance is never negative; grade |attribution|.")
    r, m = (x.swapaxes(0, 1).reshape(x.shape[1], -1) for x in (relevance, mask.astype(bool)))
    empty = np.flatnonzero(~m.any(1)).tolist()
    require(not empty, f"Nothing is in the mask of plants {empty[:8]}: they cannot be graded.")
    return {"mass": _mass, "rank": _rank, "pointing": _pointing}[name](r, m)


def _mass(r: np.ndarray, m: np.ndarray) -> np.ndarray:
    total = r.sum(1)
    share = m.mean(1)  # a map that is 0 everywhere says as much as a uniform one
    return np.where(total > 0, (r * m).sum(1) / np.where(total > 0, total, 1), share)


def _rank(r: np.ndarray, m: np.ndarray) -> np.ndarray:
    """Pixels that tie at the threshold count by the share of them that lie in the mask."""
    found = np.empty(len(r))
    for row, (one, inside) in enumerate(zip(r, m, strict=True)):
        k = int(inside.sum())
        level = np.partition(one, -k)[-k]
        above, tied = one > level, one == level
        left = k - int(above.sum())
        found[row] = (inside[above].sum() + left * inside[tied].mean()) / k
    return found


def _pointing(r: np.ndarray, m: np.ndarray) -> np.ndarray:
    highest = r == r.max(1, keepdims=True)
    return (highest & m).sum(1) / highest.sum(1)
