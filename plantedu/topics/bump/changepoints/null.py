"""What the largest statistic would be without a step: a bootstrap of blocks, over all rows at once.

1. phi is estimated from what trend and steps leave over. Fitting them takes some of the noise
   along, so phi comes out too small; the same is done to simulated noise of known phi, and the
   difference is put right.
2. What is left after the filter, when *all* steps of the best segmentation are taken out, is drawn
   again in blocks, takes its local scale, and goes through the same contrast: max_k T_k of each
   draw is one draw of the null. The level then holds for the search as a whole, not for each row.
   (With one step left in, the null holds it too, and hides the others.)
3. What is drawn from has lost its largest step and a part of its low frequencies; and phi is not
   known but estimated. Both make the draws of 2 a few per cent too small. How much is measured on
   simulated noise without a step that goes through all of it, and the draws are raised by that.

Source: blocks, Kunsch 1989 [kunsch1989]; filtering before and block draws after, as reviewed
in Buhlmann 2002 [buhlmann2002].
"""

from dataclasses import dataclass

import numpy as np

from plantedu.topics.bump.changepoints.contrast import Contrast
from plantedu.topics.bump.changepoints.noise import (
    ar_filter,
    ar_filters,
    autocorrelation,
    coloured,
    in_blocks,
)
from plantedu.topics.bump.changepoints.tails import GAUSSIAN

BLOCK = 8  # rows of a block
LONG = 40  # of one where large innovations come in bursts
FEW = 24  # of them that go the whole way where each has a filter of its own
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
    innovations: np.ndarray,
    scale: np.ndarray,
    *,
    lift: float,
    draws: int,
    generator: np.random.Generator,
) -> np.ndarray:
    """Draws of max_k T_k without a step, "draws".

    Args:
        contrast: The contrast that looked at the series.
        innovations: What is left when all steps are out, in units of its local scale, "rows".
        scale: That scale, "rows".
        lift: What the draws are raised by, see `lift_of`.
        draws: How many.
        generator: Draws the blocks.
    """
    length = LONG if contrast.quiet else BLOCK
    again = in_blocks(innovations, draws, min(length, len(innovations)), generator) * scale[:, None]
    return lift * contrast.maxima(contrast.clipped(contrast.fitted(contrast.without_trend(again))))


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
    own = ar_filters(seen, rows)
    white = [k for k, phi in enumerate(own) if not len(phi)]
    others = [k for k, phi in enumerate(own) if len(phi)]
    whole = np.zeros(PILOT)
    if white:
        whole[white] = plain.maxima(plain.residuals(series[:, white]))
    for k in others[:FEW]:  # each has a filter of its own, so they go one by one
        each = Contrast.of(trends, own[k], open_rows)
        whole[k] = each.maxima(each.residuals(series[:, [k]]))[0]
    whole = np.r_[whole[white], np.resize(whole[others[:FEW]], len(others))]
    fresh = generator.standard_normal((len(contrast.trends), PILOT))
    contrast = contrast.clipped_at(GAUSSIAN)
    left, scale = innovations_of(contrast, contrast.without_trend(fresh))
    again = in_blocks(left, PILOT, BLOCK, generator) * scale
    drawn = contrast.maxima(contrast.without_trend(again))
    return float(np.mean(whole) / drawn.mean())


def innovations_of(contrast: Contrast, residuals: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What is left after the largest step, in units of its local scale and with mean 0."""
    left = contrast.without_largest(residuals)
    scale = contrast.scale(left)
    left = left / scale
    return left - left.mean(0), scale
