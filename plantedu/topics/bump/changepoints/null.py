"""What the largest statistic would be without a step: a wild bootstrap of the whole search.

1. phi is estimated from what trend and steps leave over. Fitting them takes some of the noise
   along, so phi comes out too small; the same is done to simulated noise of known phi, and the
   difference is put right.
2. What is left after the filter, with all steps out, stays where it is and gets signs at random,
   one a block; phi makes a series of it. So noise that is loud in places is loud there in each
   draw, and heavy tails are as heavy.
3. Each drawn series goes the whole way, as the curve did: its own phi, its own scale, the same
   contrast. max_k T_k of each is one draw of the null. The level then holds for the search as a
   whole, not for each row, and for a phi that is not known but estimated.
4. What is drawn from has lost its largest step and a part of its low frequencies, which makes the
   draws a few per cent too small. How much is measured on white noise, and they are raised by that.

Source: the wild bootstrap of an autoregression, with phi estimated anew, Goncalves & Kilian 2004
[goncalves2004]; blocks, Kunsch 1989 [kunsch1989].
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from plantedu.topics.bump.changepoints.contrast import Contrast
from plantedu.topics.bump.changepoints.noise import (
    ar_filter,
    ar_filters,
    autocorrelation,
    coloured,
    recoloured,
)

BLOCK = 8  # rows of one sign
BURN = 64  # rows before the first, in which a drawn series forgets that it began at 0
GROUPS = 8  # of draws, each with one filter: that of the middle of its memory
PILOT = 40  # simulated series by which the draws are put right


@dataclass(frozen=True, eq=False)
class Noise:
    """How the noise hangs together.

    Attributes:
        phi: The filter that whitens it; empty where it is white already.
        taken: What fitting takes off its autocorrelations, "lags".
        scale: Its standard deviation near each row, "rows".
    """

    phi: np.ndarray
    taken: np.ndarray
    scale: np.ndarray


def noise_of(plain: Contrast, residuals: np.ndarray, generator: np.random.Generator) -> Noise:
    """The noise in residuals about the trend.

    Args:
        plain: The contrast without a filter.
        residuals: "rows", of the unfiltered series.
        generator: Draws the simulated noise.
    """
    rows = len(residuals)
    left = plain.without_largest(residuals[:, None])
    scale = plain.scale(left)
    seen = autocorrelation(left / scale)[:, 0]
    phi, taken = ar_filter(seen, rows), np.zeros(len(seen))
    for _ in range(2):
        simulated = coloured(phi, rows, PILOT, generator)
        known = autocorrelation(simulated).mean(1)
        taken = known - seen_correlations(plain, simulated * scale).mean(1)
        phi = ar_filter(seen + taken, rows)
    return Noise(phi, taken, scale[:, 0])


def seen_correlations(plain: Contrast, series: np.ndarray) -> np.ndarray:
    """Autocorrelations that are left after trend and largest step are fitted, "lags draws"."""
    left = plain.without_largest(plain.without_trend(series))
    return autocorrelation(left / plain.scale(left))


def null_maxima(
    plain: Contrast,
    filtered: Callable[[np.ndarray], Contrast],
    noise: Noise,
    innovations: np.ndarray,
    *,
    draws: int,
    generator: np.random.Generator,
) -> np.ndarray:
    """Draws of max_k T_k without a step, "draws"; each has a filter estimated from itself.

    Args:
        plain: The contrast without a filter.
        filtered: The contrast by its filter.
        noise: What `plain` left.
        innovations: What is left when all steps are out, "rows" after those of the filter.
        draws: How many.
        generator: Draws the signs.
    """
    rows = len(noise.scale)
    missing = BURN + rows - len(innovations)
    before = generator.choice(innovations[: 2 * BURN], (missing, draws))
    white = np.r_[before, flipped(innovations, draws, generator)]
    series = recoloured(noise.phi, white)[BURN:]
    own = ar_filters(seen_correlations(plain, series) + noise.taken[:, None], rows)
    found = np.zeros(draws)
    for phi, members in _alike(own):
        each = filtered(phi)
        found[members] = each.maxima(each.residuals(series[:, members]))
    looked = replace(filtered(noise.phi), clip=np.inf, quiet=False)
    return found * shortfall(looked, generator)


def flipped(innovations: np.ndarray, draws: int, generator: np.random.Generator) -> np.ndarray:
    """Innovations where they were, blocks of them with a sign at random, "rows draws".

    Args:
        innovations: "rows", or "rows draws" to draw each column from itself.
        draws: How many.
        generator: Draws signs, and where the first block ends.
    """
    rows = len(innovations)
    signs = generator.choice([-1.0, 1.0], (rows // BLOCK + 2, draws))
    block = (np.arange(rows)[:, None] + generator.integers(0, BLOCK, draws)) // BLOCK
    own = innovations[:, None] if innovations.ndim == 1 else innovations
    return own * np.take_along_axis(signs, block, 0)


def _alike(filters: list[np.ndarray]) -> list[tuple[np.ndarray, np.ndarray]]:
    """Filters in groups of about one memory, each with its middle one and its members."""
    memory = np.array([phi.sum() for phi in filters])
    white = np.array([not len(phi) for phi in filters])
    order = np.flatnonzero(~white)[np.argsort(memory[~white], kind="stable")]
    groups = [np.flatnonzero(white), *np.array_split(order, GROUPS)]
    return [(filters[group[len(group) // 2]], group) for group in groups if len(group)]


def shortfall(contrast: Contrast, generator: np.random.Generator) -> float:
    """By how much draws of signs fall short of the noise that they are drawn from: about 1.03."""
    fresh = generator.standard_normal((len(contrast.trends), PILOT))
    left = innovations_of(contrast, contrast.without_trend(fresh))
    again = flipped(left, PILOT, generator)
    whole, drawn = (contrast.maxima(contrast.without_trend(one)) for one in (fresh, again))
    return float(whole.mean() / drawn.mean())


def innovations_of(contrast: Contrast, residuals: np.ndarray) -> np.ndarray:
    """What is left after the largest step, as large as if no trend had been fitted."""
    free = 1 - (contrast.trends**2).sum(1)
    return contrast.without_largest(residuals) / np.sqrt(np.maximum(free, 0.1))[:, None]
