"""How strongly each row looks like the first one after a step, trend and autocorrelation allowed.

    y = X b + delta h_k + e,    h_k = 1 from row k on,   phi(B) e = u,   X: the smooth trends

With M the projection that takes phi(B) X out, g_k the shape as the filter sees it, and psi the
clip at c local scales (c = inf for Gaussian noise, see `tails`),

    r: M phi(B) y, moved until X' phi(B)' psi(r) = 0      (Huber's fit of the trend)
    T_k = |g_k' M psi(r)| / (s_k sqrt(g_k' M g_k))

s_k is the scale of the noise near k, of what is left when the largest step is taken out.
(Without a clip, regressing on trend and step at once gives the same T; for white noise the
numerator is the sum of residuals from k on, the CUSUM.) Shapes that are tried at each row:

    sharp       g_k = phi(B) h_k    the level stepped in the logged numbers themselves
    arriving    g_k = phi(B) of a step that comes in within a few rows: a smoothed log
    returning   g_k = phi(B) of a step that decays: a restart
    smoothed    g_k = h_k           it stepped before the smoothing that made the noise
                                    autocorrelated, and so arrives as slowly as the noise forgets

Source: CUSUM of residuals, Ploberger & Kramer 1992 [ploberger1992]; the clip, Huber 1964
[huber1964].
"""

from dataclasses import dataclass, replace

import numpy as np

from plantedu.topics.bump.changepoints import shapes
from plantedu.topics.bump.changepoints.noise import local_scale, whitened
from plantedu.topics.bump.changepoints.tails import Tails
from plantedu.topics.bump.changepoints.trend import orthonormal

SHAPES = (
    "sharp",
    *("arriving" for _ in shapes.ARRIVES),
    *("returning" for _ in shapes.RETURNS),
    "smoothed",
)
SMOOTHED = len(SHAPES) - 1
LEAST = 0.3  # information on a step, in rows; below, trend and step cannot be distinguished
ROUNDS = 8  # of Huber's fit
UNSEEN = 0.3  # of a relaxation; one that lies within a gap to more is a step as well


@dataclass(frozen=True, eq=False)
class Contrast:
    """The statistic of one design: its trends, its filter, and the rows that may be steps.

    Attributes:
        trends: Orthonormal, filtered, "rows trends"; the first p rows are gone.
        phi: The filter.
        information: g_k' M g_k, "shapes rows".
        allowed: Rows that may be the first after a step, "shapes rows".
        clip: c, in local scales.
        quiet: Whether those are the scales between bursts.
    """

    trends: np.ndarray
    phi: np.ndarray
    information: np.ndarray
    allowed: np.ndarray
    clip: float = np.inf
    quiet: bool = False

    @classmethod
    def of(cls, trends: np.ndarray, phi: np.ndarray, open_rows: np.ndarray) -> "Contrast":
        """The contrast for trends and a filter; `open_rows` says where a step may be."""
        filtered = orthonormal(whitened(phi, trends)) if len(phi) else trends
        information = _information(filtered, phi)
        allowed = open_rows[len(phi) :] & (information > LEAST)
        return cls(filtered, phi, information, allowed)

    def clipped_at(self, tails: Tails) -> "Contrast":
        """The same for noise with other tails."""
        return replace(self, clip=tails.clip, quiet=tails.bursts)

    def residuals(self, rows: np.ndarray) -> np.ndarray:
        """M psi(r) of unfiltered series, "rows draws"."""
        return self.clipped(self.fitted(self.without_trend(whitened(self.phi, rows))))

    def without_trend(self, rows: np.ndarray) -> np.ndarray:
        """M of filtered series, "rows draws"."""
        return rows - self.trends @ (self.trends.T @ rows)

    def fitted(self, residuals: np.ndarray) -> np.ndarray:
        """r of residuals by least squares, "rows draws"."""
        for _ in range(0 if np.isinf(self.clip) else ROUNDS):
            residuals = residuals - self.trends @ (self.trends.T @ self._inside(residuals))
        return residuals

    def clipped(self, residuals: np.ndarray) -> np.ndarray:
        """M psi(r), "rows draws"."""
        return residuals if np.isinf(self.clip) else self.without_trend(self._inside(residuals))

    def _inside(self, residuals: np.ndarray) -> np.ndarray:
        limit = self.clip * self.scale(residuals)
        return np.clip(residuals, -limit, limit)

    def sums(self, residuals: np.ndarray) -> np.ndarray:
        """g_k' of residuals, "shapes rows draws"."""
        sharp = shapes.abrupt_products(ahead(self.phi, residuals))
        return np.concatenate([sharp, shapes.from_here_on(residuals)[None]])

    def scale(self, residuals: np.ndarray) -> np.ndarray:
        """s_k of residuals without a step, "rows draws"; bound rows count for more."""
        free = 1 - (self.trends**2).sum(1)
        return local_scale(residuals / np.sqrt(np.maximum(free, 0.1))[:, None], quiet=self.quiet)

    def statistic(self, residuals: np.ndarray) -> np.ndarray:
        """T_k, "shapes rows draws"; 0 where no step may be."""
        size, left = self._largest(residuals)
        return size / self.scale(left)

    def maxima(self, residuals: np.ndarray) -> np.ndarray:
        """The largest T of each draw, "draws"."""
        return self.statistic(residuals).max((0, 1))

    def steps(self, shape: np.ndarray, row: np.ndarray) -> np.ndarray:
        """g of shapes and first rows, "rows draws"."""
        order, count = len(self.phi), len(self.trends)
        since = np.arange(-order, count, dtype=float)[:, None] - row
        own = np.empty_like(since)
        abrupt = np.where(shape == SMOOTHED, 0, shape)
        for kind in np.unique(abrupt):
            own[:, abrupt == kind] = shapes.abrupt_shape(since[:, abrupt == kind], int(kind))
        return np.where(shape == SMOOTHED, own[order:], whitened(self.phi, own))

    def without_largest(self, residuals: np.ndarray) -> np.ndarray:
        """Residuals after each draw's own largest step is fitted too, "rows draws"."""
        return self._largest(residuals)[1]

    def _largest(self, residuals: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """|g' r| / sqrt(g' M g), "shapes rows draws", and residuals without the largest step."""
        sums = self.sums(residuals)
        spread = np.sqrt(np.maximum(self.information, LEAST))[:, :, None]
        size = np.abs(sums) * self.allowed[:, :, None] / spread
        kinds, rows, draws = size.shape
        largest = (size / self.scale(residuals)).reshape(kinds * rows, draws).argmax(0)
        shape, row = np.divmod(largest, rows)
        steps = self.steps(shape, row)
        height = sums[shape, row, np.arange(draws)] / np.maximum(
            self.information[shape, row], LEAST
        )
        height = np.where(self.allowed[shape, row], height, 0.0)
        return size, residuals - height * self.without_trend(steps)

    def turn(
        self, residuals: np.ndarray, scale: np.ndarray, rows: np.ndarray
    ) -> tuple[float, int, float]:
        """The strongest kink or relaxation: its T, its row, its tau.

        Args:
            residuals: "rows".
            scale: s_k, "rows".
            rows: Where the unfiltered rows stand; where some are missing, a shape that ran on by
                number alone would step there.
        """
        apart = np.diff(rows)
        even = len(rows) < 2 or float(np.abs(apart - 1).max()) < 0.5
        sums, information, squares = (self._even if even else self._uneven)(residuals, rows)
        allowed = self.allowed.any(0) & (information > 1e-6 * squares[:, :1])
        size = np.abs(sums) * allowed / np.sqrt(np.where(allowed, information, 1.0)) / scale
        kind, row = np.unravel_index(int(size.argmax()), size.shape)
        tau = np.inf if kind == 0 else shapes.RELAXES[int(kind) - 1]
        return float(size[kind, row]), int(row), tau

    def _even(self, residuals: np.ndarray, _: np.ndarray) -> tuple[np.ndarray, ...]:
        """Products with residuals, information, squares of continuous shapes, "shapes rows"."""
        order = len(self.phi)
        sums = shapes.continuous_products(ahead(self.phi, residuals[:, None]), shapes.RELAXES)
        explained = shapes.continuous_products(ahead(self.phi, self.trends), shapes.RELAXES)
        _, templates = shapes.templates(len(self.trends))
        filtered = np.stack([whitened(self.phi, np.r_[np.zeros(order), t]) for t in templates])
        squares = np.cumsum(filtered**2, axis=1)[:, ::-1]
        return sums[:, :, 0], squares - (explained**2).sum(2), squares

    def _uneven(self, residuals: np.ndarray, rows: np.ndarray) -> tuple[np.ndarray, ...]:
        """The same, each shape drawn out at each row; no relaxation mostly within one gap."""
        found = []
        since = np.maximum(rows[:, None] - rows[len(self.phi) :], 0.0)
        for tau in (np.inf, *shapes.RELAXES):
            shape = since / len(rows) if np.isinf(tau) else -np.expm1(-since / tau)
            filtered = whitened(self.phi, shape)
            squares = (filtered**2).sum(0)
            explained = ((self.trends.T @ filtered) ** 2).sum(0)
            seen = np.isinf(tau) | (np.diff(shape, axis=0).max(0) <= UNSEEN)
            found.append((filtered.T @ residuals, (squares - explained) * seen, squares))
        sums, information, squares = (np.stack(each) for each in zip(*found, strict=True))
        return sums, information, squares


def ahead(phi: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """phi(F): the filter turned round, so that sums of it are products with phi(B) h_k."""
    out = rows.copy()
    for lag, weight in enumerate(phi, 1):
        out[:-lag] -= weight * rows[lag:]
    return out


def _information(trends: np.ndarray, phi: np.ndarray) -> np.ndarray:
    """g_k' M g_k of all shapes, "shapes rows"."""
    count, order = trends.shape[0], len(phi)
    abrupt, _ = shapes.templates(count)
    filtered = [whitened(phi, np.r_[np.zeros(order), one]) for one in abrupt]
    squares = np.cumsum(np.stack([*filtered, np.ones(count)]) ** 2, axis=1)[:, ::-1]
    explained = [*shapes.abrupt_products(ahead(phi, trends)), shapes.from_here_on(trends)]
    return squares - np.stack([(one**2).sum(1) for one in explained])
