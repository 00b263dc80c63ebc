"""The smooth part of a loss curve: a cubic spline that bends at most once in N rows.

    w(r) = 2 log(1 + r) + r / N      r: rows since the start, or since the last accepted bump

The spline's knots lie one apart in w: dense where the loss falls fastest, just after a start or a
bump, and N rows apart later on. A power law is nearly straight in log r, so it is followed from
its first rows on. What this spline can follow is trend; what it cannot is abrupt. At an accepted
bump the spline is cut, and the rows before it have dense knots too, since a smoothed step shows
a little ahead of itself.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import cast

import numpy as np
import scipy.linalg
from scipy.interpolate import BSpline

FEW = 12  # rows; shorter pieces have no inner knots


def trend_basis(rows: np.ndarray, *, within: float, cuts: Sequence[int] = ()) -> np.ndarray:
    """Orthonormal columns that span the trends, "rows trends".

    Args:
        rows: Where the rows stand, in units of their usual distance; rising.
        within: N, the rows in which the trend may bend once.
        cuts: First rows of the pieces after the first; the spline breaks before each.
    """
    edges = [0, *cuts, len(rows)]
    pieces = [
        _splines(_warped(rows[a:b], within, cut_after=b < len(rows))) for a, b in pairwise(edges)
    ]
    return orthonormal(np.asarray(scipy.linalg.block_diag(*pieces)))


def orthonormal(columns: np.ndarray) -> np.ndarray:
    """An orthonormal basis of what the columns span; those that add nothing are left out."""
    found = scipy.linalg.qr(columns, mode="economic", pivoting=True)
    q, r, _ = cast(tuple[np.ndarray, np.ndarray, np.ndarray], found)
    size = np.abs(np.diag(r))
    return q[:, size > 1e-9 * size[0]]


def _warped(rows: np.ndarray, within: float, *, cut_after: bool) -> np.ndarray:
    """w of the rows of one piece."""
    since = rows - rows[0]
    warped = 2 * np.log1p(since) + since / within
    return warped - 2 * np.log1p(since[-1] - since) if cut_after else warped


def _splines(warped: np.ndarray) -> np.ndarray:
    """B-splines over one piece, "rows splines": cubic, or straight if it is very short."""
    count = len(warped)
    degree = 3 if count > 8 else min(1, count - 1)
    inner = _knots(warped) if count > FEW else []
    low, high = warped[0], warped[-1] + (count == 1)
    knots = np.r_[[low] * (degree + 1), inner, [high] * (degree + 1)]
    return BSpline.design_matrix(warped, knots, degree).toarray()


def _knots(warped: np.ndarray) -> list[float]:
    """Rows at least one apart in w, and two rows apart, so that each spline has rows of its own."""
    found, last = [], 0
    for row in range(2, len(warped) - 2):
        if warped[row] - warped[last] >= 1 and row - last >= 2:
            found.append(float(warped[row]))
            last = row
    return found
