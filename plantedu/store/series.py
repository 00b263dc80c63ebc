"""A recorded quantity as arrays, and its thinning for a chart."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class Series:
    """One metric of one run, in step order.

    Attributes:
        steps: "points", int64.
        values: "points", float64; NaN where the run recorded NaN.
        lows, highs: Ends of the band, "points"; NaN where there is none.
        seconds: Working time since the run's start, "points".
    """

    steps: np.ndarray
    values: np.ndarray
    lows: np.ndarray
    highs: np.ndarray
    seconds: np.ndarray

    def __len__(self) -> int:
        return len(self.steps)

    def at(self, points: np.ndarray) -> "Series":
        """The same series at some of its points."""
        return Series(
            self.steps[points],
            self.values[points],
            self.lows[points],
            self.highs[points],
            self.seconds[points],
        )

    def then(self, later: "Series") -> "Series":
        """This series followed by `later`, for readers that ask only for what is new."""
        return Series(
            np.concatenate((self.steps, later.steps)),
            np.concatenate((self.values, later.values)),
            np.concatenate((self.lows, later.lows)),
            np.concatenate((self.highs, later.highs)),
            np.concatenate((self.seconds, later.seconds)),
        )


def buckets(series: Series, most: int = 2000) -> Series:
    """At most `most` points of `series`, none invented, so that a one-step bump survives.

    The points are cut into equal runs; of each the least and the greatest value stay, and the
    first NaN, since a loss that is no number is news too.

    Args:
        series: What to thin; returned as it is when short enough.
        most: Largest number of points, at least 3.
    """
    count = len(series)
    if count <= most:
        return series
    edges = np.linspace(0, count, max(1, most // 3) + 1).astype(np.int64)
    if not np.isnan(series.values).any():
        edges = np.linspace(0, count, max(1, most // 2) + 1).astype(np.int64)
    starts = edges[:-1]
    bucket = np.repeat(np.arange(len(starts)), np.diff(edges))
    chosen = [
        first_where(extreme(series.values, starts, bucket), bucket),
        first_where(extreme(-series.values, starts, bucket), bucket),
        first_where(np.isnan(series.values), bucket),
    ]
    return series.at(np.unique(np.concatenate(chosen)))


def extreme(values: np.ndarray, starts: np.ndarray, bucket: np.ndarray) -> np.ndarray:
    """Which values equal the least of their bucket, "points" bool; NaN never does."""
    return values == np.fmin.reduceat(values, starts)[bucket]


def first_where(marked: np.ndarray, bucket: np.ndarray) -> np.ndarray:
    """Index of the first marked point of each bucket that has one."""
    points = np.flatnonzero(marked)
    return points[np.unique(bucket[points], return_index=True)[1]]
