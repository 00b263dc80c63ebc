"""Long curves in buckets, and back: bumps are found among means, then placed among the rows.

A bucket is `size` rows in a row; its step is that of its first row, its value their mean. A step
that falls inside a bucket leaves its mean in between, so the rows of the neighbouring buckets are
searched once more, with a cubic for trend.
"""

from dataclasses import dataclass

import numpy as np

from plantedu.topics.bump.changepoints.curve import Curve

MOST = 1500  # rows that are searched as they are; more are averaged
AROUND = 3  # buckets on either side that are searched again


@dataclass(frozen=True, eq=False)
class Buckets:
    """Means of a curve's rows.

    Attributes:
        curve: The rows.
        size: Rows a bucket.
        steps: First step of each bucket, "buckets".
        values: Mean of each, "buckets".
    """

    curve: Curve
    size: int
    steps: np.ndarray
    values: np.ndarray

    @classmethod
    def of(cls, curve: Curve, most: int = MOST) -> "Buckets":
        """At most `most` buckets; the last rows that fill none are left out."""
        size = -(-len(curve) // most)
        whole = len(curve) // size
        shape = (whole, size)
        steps = curve.steps[: whole * size].reshape(shape)[:, 0]
        return cls(curve, size, steps, curve.values[: whole * size].reshape(shape).mean(1))


def finer(buckets: Buckets, bucket: int, low: int, high: int) -> tuple[float, tuple[float, float]]:
    """The step of a bump and its interval, from its bucket and the buckets that it may be in.

    The interval begins at the row before the first that the new level may begin at.
    """
    curve, size = buckets.curve, buckets.size
    if size == 1:
        return float(curve.steps[bucket]), _between(curve.steps, low, high)
    first = max(0, (min(low, bucket) - AROUND) * size)
    last = min(len(curve), (max(high, bucket) + AROUND + 1) * size)
    row, (near, far) = placed(curve.values[first:last], margin=size)
    if high - low > 2:  # among the means its place was open already: the rows know no better
        near, far = min(near + first, low * size), max(far + first, high * size)
        return float(curve.steps[row + first]), _between(curve.steps, near, far)
    return float(curve.steps[row + first]), _between(curve.steps, near + first, far + first)


def _between(steps: np.ndarray, low: int, high: int) -> tuple[float, float]:
    return float(steps[max(0, low - 1)]), float(steps[min(high, len(steps) - 1)])


def placed(values: np.ndarray, *, margin: int) -> tuple[int, tuple[int, int]]:
    """The row at which a step fits best beside a cubic, and the rows that fit nearly as well.

    Args:
        values: "rows", with one step somewhere inside.
        margin: Rows at either end that are no candidates.
    """
    rows = len(values)
    cubic, _ = np.linalg.qr(np.vander(np.linspace(-1, 1, rows), 4))
    left = values - cubic @ (cubic.T @ values)
    sums = np.cumsum(left[::-1])[::-1]
    inside = np.cumsum(cubic[::-1], axis=0)[::-1]
    information = rows - np.arange(rows) - (inside**2).sum(1)
    gain = np.where(information > 1, sums**2 / np.maximum(information, 1), 0.0)
    gain[:margin] = gain[rows - margin :] = 0.0
    best = int(gain.argmax())
    spread = max((left @ left - gain[best]) / max(rows - 6, 1), 1e-300)
    good = np.flatnonzero(gain >= gain[best] - 7.35 * spread)
    return best, (int(good[0]), int(good[-1]))
