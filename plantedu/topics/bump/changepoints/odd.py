"""Odd rows: a few values far from all around them, which are no step and would hide one.

    inside      up to five rows in a row, more than 8 usual deviations off the median of 13 rows,
                after which the curve is back where it was: put on a line between their neighbours
    at the end  up to five rows more than 10 deviations off the line through the 24 before them
    at the start  up to five rows, with a jump to the next of more than 10 times any of the next 16

Rows at either end are left out. A step of so few rows at an end cannot be distinguished from odd
rows, and is not looked for there. A step inside stays: the curve does not come back.
"""

from typing import Any

import numpy as np
import scipy.ndimage
import scipy.stats

RUN = 5  # rows at most
FAR, FAR_OUT = 8.0, 10.0  # usual deviations; at an end, where the level is less well known
AROUND = 13  # rows of the median
FLOOR = 1e-3  # of the curve's middle range: less is no deviation
BEFORE, AFTER = 24, 16  # rows beside which an end is judged


def without_odd(values: np.ndarray) -> tuple[np.ndarray, int]:
    """Values with odd rows inside put between their neighbours, and how many those were.

    Args:
        values: "rows".
    """
    if len(values) < 3 * AROUND:
        return values, 0
    base = scipy.ndimage.median_filter(values, AROUND, mode="nearest")
    off = values - base
    usual = scipy.ndimage.median_filter(np.abs(off), 65, mode="reflect")
    usual = 1.4826 * np.maximum(usual, float(np.median(np.abs(off))))
    far = np.abs(off) > np.maximum(FAR * usual, FLOOR * middle_range(values))
    far[[0, -1]] = False
    cleaned, count = values.copy(), 0
    labels: Any = scipy.ndimage.label(far)
    found: Any = scipy.ndimage.find_objects(labels[0])
    for (rows,) in found:
        first, last = rows.start - 1, rows.stop
        back = abs(values[last] - values[first]) < 0.5 * np.abs(off[rows]).max()
        if last - first - 1 <= RUN and back:
            between = np.linspace(values[first], values[last], last - first + 1)
            cleaned[rows] = between[1:-1]
            count += last - first - 1
    return cleaned, count


def odd_ends(values: np.ndarray) -> tuple[int, int]:
    """How many rows are odd at the start and at the end.

    Args:
        values: "rows".
    """
    if len(values) < BEFORE + AFTER + 2 * RUN:
        return 0, 0
    return _odd_start(values), _odd_end(values)


def _odd_start(values: np.ndarray) -> int:
    floor = FLOOR * middle_range(values)
    for last in reversed(range(RUN)):
        inside = np.abs(np.diff(values[last + 1 : last + 1 + AFTER]))
        if abs(values[last + 1] - values[last]) > FAR_OUT * max(float(inside.max()), floor):
            return last + 1
    return 0


def _odd_end(values: np.ndarray) -> int:
    rows = np.arange(-BEFORE - RUN - 1, 0)
    before, near = rows[:BEFORE], values[rows[0] :]
    line: Any = scipy.stats.theilslopes(near[:BEFORE], before)
    off = np.abs(near - float(line.intercept) - float(line.slope) * rows)
    usual = max(1.4826 * float(np.median(off[:BEFORE])), FLOOR * middle_range(values) / FAR_OUT)
    far = np.flatnonzero(off[BEFORE:] > FAR_OUT * usual)
    if not len(far) or far[0] == 0:  # none; or a run too long to be odd
        return 0
    return RUN + 1 - int(far[0])


def middle_range(values: np.ndarray) -> float:
    """Between the 2 and 98 % quantiles."""
    low, high = np.quantile(values, [0.02, 0.98])
    return float(high - low)
