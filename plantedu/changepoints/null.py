"""What the largest statistic would be without a step: a bootstrap of blocks, over all rows at once.

1. phi is estimated from what trend and the largest step leave over. Fitting both takes some of the
   noise along, so phi comes out too small; the same is done to simulated noise of known phi, and
   the difference is put right.
2. What is left after the filter is drawn again in blocks, takes its local scale, and goes through
   the same contrast: max_k T_k of each draw is one draw of the null. The level then holds for the
   search as a whole, not for each row.
3. What is drawn from has lost its largest step and a part of its low frequencies; and phi is not
   known but estimated. Both make the draws of 2 a few per cent too small. How much is measured on
   simulated noise without a step that goes through all of it, and the draws are raised by that.

Source: blocks, Kunsch 1989 [kunsch1989]; filtering before and block draws after, as reviewed
in Buhlmann 2002 [buhlmann2002].
"""

from dataclasses import dataclass

import numpy as np

from plantedu.changepoints.contrast import Contrast
from plantedu.changepoints.noise import (
    ar_filter,
    autocorrelation,
    coloured,
    in_blocks,
)

BLOCK = 8  # rows of a block
PILOT = 60  # simulated series by which the draws are put right


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
    contrast: Contrast,
    residuals: np.ndarray,
    *,
    lift: float,
    draws: int,
    generator: np.random.Generator,
    averaged: bool = False,
) -> np.ndarray:
    """Draws of max_k T_k without a step, "draws".

    Args:
        contrast: The contrast that looked at the series.
        residuals: Its residuals, "rows".
        lift: What the draws are raised by, see `lift_of`.
        draws: How many.
        generator: Draws the blocks.
        averaged: Whether rows are means of rows: one that a step falls into is part old level, part
            new, and so no draw of the noise.
    """
    left, scale = _innovations(contrast, residuals[:, None])
    noise = left[:, 0]
    if averaged:
        noise = _without_mixed(noise, contrast, residuals, generator)
    again = in_blocks(noise, draws, BLOCK, generator) * scale
    return lift * contrast.maxima(contrast.without_trend(again))


def _without_mixed(
    noise: np.ndarray, contrast: Contrast, residuals: np.ndarray, generator: np.random.Generator
) -> np.ndarray:
    """Noise with the rows at its largest step drawn anew from all the others."""
    step = int(contrast.statistic(residuals[:, None])[:, :, 0].max(0).argmax())
    at_step = np.abs(np.arange(len(noise)) - step) <= 1
    noise = noise.copy()
    noise[at_step] = generator.choice(noise[~at_step], int(at_step.sum()))
    return noise


def lift_of(
    plain: Contrast,
    contrast: Contrast,
    noise: Noise,
    trends: np.ndarray,
    open_rows: np.ndarray,
    generator: np.random.Generator,
) -> float:
    """By how much draws of blocks fall short of noise that goes the whole way.

    It is about 1.08, the ratio of the means of two samples of `PILOT`.
    """
    rows = len(noise.scale)
    series = coloured(noise.phi, rows, PILOT, generator) * noise.scale[:, None]
    seen = seen_correlations(plain, series) + noise.taken[:, None]
    whole = []
    for column, correlations in zip(series.T, seen.T, strict=True):
        own = Contrast.of(trends, ar_filter(correlations, rows), open_rows)
        whole.append(own.maxima(own.residuals(column[:, None]))[0])
    white = generator.standard_normal((len(contrast.trends), PILOT))
    left, scale = _innovations(contrast, contrast.without_trend(white))
    again = in_blocks(left, PILOT, BLOCK, generator) * scale
    drawn = contrast.maxima(contrast.without_trend(again))
    return float(np.mean(whole) / drawn.mean())


def _innovations(contrast: Contrast, residuals: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What is left after the largest step, in units of its local scale and with mean 0."""
    left = contrast.without_largest(residuals)
    scale = contrast.scale(left)
    left = left / scale
    return left - left.mean(0), scale
