"""The noise of a loss curve: how large it is where, and how it hangs together from row to row.

    u_t = e_t - phi_1 e_{t-1} - ... - phi_p e_{t-p},     p by BIC

Averaged losses are autocorrelated: a value that lies high is followed by others that do. The
filter phi(B) takes that out, and what is left can be drawn again.

Source: orders by BIC, Schwarz 1978 [schwarz1978].
"""

from functools import lru_cache

import numpy as np
import scipy.ndimage
import scipy.signal

WINDOW = 32  # rows of one local estimate of the scale; seven neighbours are smoothed
ORDER = 4  # largest p
NEAR_UNIT = 0.995  # roots beyond this would make the drawn noise wander off


def local_scale(noise: np.ndarray, *, quiet: bool = False) -> np.ndarray:
    """Standard deviation of the noise near each row, "rows draws"; outliers count for little.

    Mean of |e| in windows, each |e| held below three medians of its window. Its logarithm is
    smoothed by a parabola over seven windows (a line over fewer), so that noise which grows and
    falls with the learning rate keeps its peak, and drawn as straight lines between their centres.
    `quiet` takes medians of seven windows first: the scale between bursts.
    """
    count = len(noise)
    windows = max(1, count // WINDOW)
    edges = np.linspace(0, count, windows + 1).astype(int)
    size = int(np.diff(edges).min())
    parts = np.abs(noise[edges[:-1, None] + np.arange(size)])  # windows rows draws
    limit = 3 * np.median(parts, axis=1, keepdims=True)
    means = np.minimum(parts, limit).mean(1) / 0.782
    logs = np.log(means + 1e-300)
    if quiet:
        logs = scipy.ndimage.median_filter(logs, (min(7, windows), 1), mode="mirror")
    return np.exp(_between(windows, count) @ logs)


@lru_cache(maxsize=32)
def _between(windows: int, count: int) -> np.ndarray:
    """What smooths the logarithms of windows and draws them out to rows, "rows windows"."""
    if windows <= 2:
        return np.full((count, windows), 1 / windows)
    over = min(7, windows - 1 + windows % 2)
    order = 2 if over == 7 else 1
    smooth = scipy.signal.savgol_filter(np.eye(windows), over, order, axis=0, mode="mirror")
    edges = np.linspace(0, count, windows + 1).astype(int)
    centres = (edges[:-1] + edges[1:] - 1) / 2
    left = np.clip(np.searchsorted(centres, np.arange(count)) - 1, 0, windows - 2)
    share = (np.arange(count) - centres[left]) / (centres[left + 1] - centres[left])
    share = np.clip(share, 0, 1)[:, None]
    smooth = np.asarray(smooth)
    return smooth[left] * (1 - share) + smooth[left + 1] * share


def autocorrelation(noise: np.ndarray) -> np.ndarray:
    """Autocorrelations at lags 0 to `ORDER`, "lags draws"."""
    count = len(noise)
    sums = [(noise[: count - lag] * noise[lag:]).sum(0) for lag in range(ORDER + 1)]
    return np.stack(sums) / np.maximum(sums[0], 1e-300)


def ar_filter(correlations: np.ndarray, rows: int) -> np.ndarray:
    """phi by Yule and Walker, its length by BIC; empty for white noise.

    Args:
        correlations: At lags 0, 1, ...
        rows: How many rows they rest on.
    """
    return ar_filters(correlations[:, None], rows)[0]


def ar_filters(correlations: np.ndarray, rows: int) -> list[np.ndarray]:
    """phi of many series at once, see `ar_filter`.

    Args:
        correlations: "lags draws".
        rows: How many rows they rest on.
    """
    lags, draws = correlations.shape
    best, found = rows * np.log(correlations[0]), [np.zeros(0)] * draws
    for order in range(1, lags):
        apart = np.abs(np.arange(order)[:, None] - np.arange(order))
        system = np.moveaxis(correlations[apart], 2, 0)
        phis = np.linalg.solve(system, correlations[1 : order + 1].T[:, :, None])[:, :, 0]
        left = correlations[0] - (phis * correlations[1 : order + 1].T).sum(1)
        companion = np.tile(np.eye(order, k=-1), (draws, 1, 1))
        companion[:, 0] = phis
        root = np.abs(np.linalg.eigvals(companion)).max(1)
        cost = rows * np.log(np.maximum(left, 1e-300)) + order * np.log(rows)
        better = (left > 0) & (root <= NEAR_UNIT) & (cost < best)
        best = np.where(better, cost, best)
        for draw in np.flatnonzero(better):
            found[draw] = phis[draw]
    return found


def whitened(phi: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """phi(B) applied down the rows; the first p rows, whose past is not known, are left out."""
    order = len(phi)
    out = rows[order:].copy()
    for lag, weight in enumerate(phi, 1):
        out -= weight * rows[order - lag : len(rows) - lag]
    return out


def coloured(phi: np.ndarray, rows: int, draws: int, generator: np.random.Generator) -> np.ndarray:
    """Gaussian noise with these autocorrelations and unit innovations, "rows draws"."""
    burn = 400 if len(phi) else 0
    return recoloured(phi, generator.standard_normal((rows + burn, draws)))[burn:]


def recoloured(phi: np.ndarray, white: np.ndarray) -> np.ndarray:
    """The inverse of `whitened`, begun at 0, "rows draws"."""
    if not len(phi):
        return white
    return np.asarray(scipy.signal.lfilter([1.0], np.r_[1, -phi], white, axis=0))
