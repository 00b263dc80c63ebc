"""How strongly each row looks like the first one after a step, trend and autocorrelation allowed.

    y = X b + delta h_k + e,    h_k = 1 from row k on,   phi(B) e = u,   X: the smooth trends

With M the projection that takes phi(B) X out, and g_k the step as the filter sees it,

    delta_k = g_k' M phi(B) y / g_k' M g_k,    T_k = |g_k' M phi(B) y| / (s_k sqrt(g_k' M g_k))

s_k is the scale of the noise near k. (Regressing on trend and step at once gives the same delta_k;
for white noise the numerator is the sum of residuals from k on, the CUSUM.) Two shapes are tried:

    sharp       g_k = phi(B) h_k    the level stepped in the logged numbers themselves
    smoothed    g_k = h_k           it stepped before the smoothing that made the noise
                                    autocorrelated, and so arrives as slowly as the noise forgets

Source: CUSUM of residuals, Ploberger & Kramer 1992 [ploberger1992].
"""

from dataclasses import dataclass

import numpy as np

from plantedu.changepoints.noise import local_scale, whitened
from plantedu.changepoints.trend import orthonormal

SHAPES = ("sharp", "smoothed")
LEAST = 0.3  # information on a step, in rows; below, trend and step cannot be told apart


@dataclass(frozen=True, eq=False)
class Contrast:
    """The statistic of one design: its trends, its filter, and the rows that may be steps.

    Attributes:
        trends: Orthonormal, filtered, "rows trends"; the first p rows are gone.
        phi: The filter.
        information: g_k' M g_k, "2 rows".
        allowed: Rows that may be the first after a step, "2 rows".
    """

    trends: np.ndarray
    phi: np.ndarray
    information: np.ndarray
    allowed: np.ndarray

    @classmethod
    def of(cls, trends: np.ndarray, phi: np.ndarray, open_rows: np.ndarray) -> "Contrast":
        """The contrast for trends and a filter; `open_rows` says where a step may be."""
        filtered = orthonormal(whitened(phi, trends)) if len(phi) else trends
        information = _information(filtered, phi)
        allowed = open_rows[len(phi) :] & (information > LEAST)
        return cls(filtered, phi, information, allowed)

    def residuals(self, rows: np.ndarray) -> np.ndarray:
        """M phi(B) y of unfiltered series, "rows draws"."""
        return self.without_trend(whitened(self.phi, rows))

    def without_trend(self, rows: np.ndarray) -> np.ndarray:
        """M of filtered series, "rows draws"."""
        return rows - self.trends @ (self.trends.T @ rows)

    def sums(self, residuals: np.ndarray) -> np.ndarray:
        """g_k' of residuals, "2 rows draws"."""
        return np.stack([from_here_on(ahead(self.phi, residuals)), from_here_on(residuals)])

    def scale(self, residuals: np.ndarray) -> np.ndarray:
        """s_k, "rows draws"; rows that the trend is bound to follow count for more."""
        free = 1 - (self.trends**2).sum(1)
        return local_scale(residuals / np.sqrt(np.maximum(free, 0.1))[:, None])

    def statistic(self, residuals: np.ndarray) -> np.ndarray:
        """T_k, "2 rows draws"; 0 where no step may be."""
        scale = self.scale(residuals)
        spread = np.sqrt(np.maximum(self.information, LEAST))[:, :, None]
        return np.abs(self.sums(residuals)) * self.allowed[:, :, None] / (spread * scale)

    def maxima(self, residuals: np.ndarray) -> np.ndarray:
        """The largest T of each draw, "draws"."""
        return self.statistic(residuals).max((0, 1))

    def step(self, shape: int, row: int) -> np.ndarray:
        """g of one shape and first row, "rows"."""
        order = len(self.phi)
        level = (np.arange(-order, len(self.trends)) >= row).astype(float)
        return whitened(self.phi, level) if shape == 0 else level[order:]

    def without_largest(self, residuals: np.ndarray) -> np.ndarray:
        """Residuals after each draw's own largest step is fitted too, "rows draws"."""
        rows, draws = residuals.shape
        largest = self.statistic(residuals).reshape(2 * rows, draws).argmax(0)
        shape, row = np.divmod(largest, rows)
        steps = np.stack([self.step(s, k) for s, k in zip(shape, row, strict=True)], axis=1)
        sizes = self.sums(residuals)[shape, row, np.arange(draws)] / self.information[shape, row]
        return residuals - sizes * self.without_trend(steps)


def from_here_on(rows: np.ndarray) -> np.ndarray:
    """Sums from each row to the last, down the columns."""
    return np.cumsum(rows[::-1], axis=0)[::-1]


def ahead(phi: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """phi(F): the filter turned round, so that sums of it are products with phi(B) h_k."""
    out = rows.copy()
    for lag, weight in enumerate(phi, 1):
        out[:-lag] -= weight * rows[lag:]
    return out


def _information(trends: np.ndarray, phi: np.ndarray) -> np.ndarray:
    """g_k' M g_k of both shapes, "2 rows"."""
    rows = len(trends)
    left = rows - np.arange(rows)  # rows from k on
    taps = np.cumsum(np.r_[1.0, -phi])  # phi(B) h_k, as far as it still changes
    squares = np.cumsum(np.r_[taps**2, np.full(rows, taps[-1] ** 2)])
    explained = [from_here_on(ahead(phi, trends)), from_here_on(trends)]
    return np.stack(
        [
            squares[left - 1] - (explained[0] ** 2).sum(1),
            left - (explained[1] ** 2).sum(1),
        ]
    )
