"""The noise of a loss curve: how large it is where, and how it hangs together from row to row.

    u_t = e_t - phi_1 e_{t-1} - ... - phi_p e_{t-p},     p by BIC

Averaged losses are autocorrelated: a value that lies high is followed by others that do. The
filter phi(B) takes that out, and what is left can be drawn again in short blocks.

Source: moving blocks, Kunsch 1989 [kunsch1989]; orders by BIC, Schwarz 1978 [schwarz1978].
"""

import numpy as np
import scipy.linalg
import scipy.signal

WINDOW = 32  # rows of one local estimate of the scale; seven neighbours are smoothed
ORDER = 4  # largest p
NEAR_UNIT = 0.995  # roots beyond this would make the drawn noise wander off


def local_scale(noise: np.ndarray) -> np.ndarray:
    """Standard deviation of the noise near each row, "rows draws"; outliers count for little.

    Mean of |e| in windows, each |e| held below three medians of its window. Its logarithm is
    smoothed by a parabola over seven windows (a line over fewer), so that noise which grows and
    falls with the learning rate keeps its peak, and drawn as straight lines between their centres.
    """
    count = len(noise)
    windows = max(1, count // WINDOW)
    edges = np.linspace(0, count, windows + 1).astype(int)
    size = int(np.diff(edges).min())
    parts = [np.abs(noise[start : start + size]) for start in edges[:-1]]
    means = np.stack([np.minimum(p, 3 * np.median(p, 0)).mean(0) for p in parts]) / 0.782
    logs = np.log(means + 1e-300)
    if windows == 1:
        return np.exp(np.repeat(logs, count, 0))
    if windows == 2:
        return np.exp(np.repeat(logs.mean(0, keepdims=True), count, 0))
    over = min(7, windows - 1 + windows % 2)
    order = 2 if over == 7 else 1
    logs = np.asarray(scipy.signal.savgol_filter(logs, over, order, axis=0, mode="mirror"))
    centres = (edges[:-1] + edges[1:] - 1) / 2
    left = np.clip(np.searchsorted(centres, np.arange(count)) - 1, 0, windows - 2)
    share = (np.arange(count) - centres[left]) / (centres[left + 1] - centres[left])
    share = np.clip(share, 0, 1)[:, None]
    return np.exp(logs[left] * (1 - share) + logs[left + 1] * share)


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
    best, found = rows * np.log(correlations[0]), np.zeros(0)
    for order in range(1, len(correlations)):
        phi = scipy.linalg.solve_toeplitz(correlations[:order], correlations[1 : order + 1])
        left = correlations[0] - phi @ correlations[1 : order + 1]
        if left <= 0 or np.abs(np.roots(np.r_[1, -phi])).max() > NEAR_UNIT:
            continue
        cost = rows * np.log(left) + order * np.log(rows)
        if cost < best:
            best, found = cost, phi
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
    white = generator.standard_normal((rows + burn, draws))
    if not burn:
        return white
    return np.asarray(scipy.signal.lfilter([1.0], np.r_[1, -phi], white, axis=0))[burn:]


def in_blocks(
    noise: np.ndarray, draws: int, length: int, generator: np.random.Generator
) -> np.ndarray:
    """Rows drawn again in blocks that stay together, "rows draws".

    Args:
        noise: "rows" for draws of one series; "rows draws" to draw each column from itself.
        draws: How many.
        length: Rows of a block.
        generator: Draws where the blocks start.
    """
    rows = len(noise)
    count = -(-rows // length)
    starts = generator.integers(0, rows - length + 1, (count, 1, draws))
    places = (starts + np.arange(length)[None, :, None]).reshape(-1, draws)[:rows]
    return noise[places] if noise.ndim == 1 else np.take_along_axis(noise, places, 0)
