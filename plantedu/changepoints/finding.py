"""Find the bumps of a loss curve: where its level steps, with intervals and a null.

A bump is an *abrupt* shift of the level: faster than a cubic spline with a knot every N rows can
follow (N = 48 by default; denser after a start, see `trend`). A sigmoid that takes some five
times N rows or more is trend, however tall. The largest step is tested against a null over all
rows (`null`); if its p value is at most the level, the spline is cut there, and the largest of
what is left is tested, given those that were found. Its place has an interval,

    {k : T_k^2 >= max T^2 - c r^2},   c = -2 ln(1 - sqrt(coverage))  (7.35 for 95 %)

with r the scale of what the step leaves over nearby, so that a step that is smeared over many
rows gets an interval as wide as the smear. The change lies after the row before the interval's
first row, hence the interval begins there.

It misleads where the level of the noise itself jumps; where a slow change is nearly free of noise
(then what the spline misses counts as abrupt); and in the first rows, where nothing can be told
from a steep start. Noise of 1/10,000 of the curve's range is added, so that rounding is no news.

Source: Hansen 2000 [hansen2000] for the interval.
"""

import math
from dataclasses import dataclass
from functools import partial

import numpy as np
import scipy.ndimage
from threadpoolctl import threadpool_limits

from plantedu.changepoints.coarse import MOST, Buckets, finer
from plantedu.changepoints.contrast import SHAPES, Contrast
from plantedu.changepoints.curve import Curve
from plantedu.changepoints.null import BLOCK, lift_of, noise_of, null_maxima
from plantedu.changepoints.trend import trend_basis
from plantedu.errors import require

GUARD = 6  # rows at either end of a piece that are too few for a level of their own
DITHER = 1 / 10_000
SPIKE = 6.0  # scales of the usual difference of two rows, up and down again


@dataclass(frozen=True)
class Bump:
    """One abrupt shift of the level.

    Attributes:
        step: First logged step of the new level.
        interval: Steps between which the change happened, at 95 %.
        size: New level less the old, with its interval at 95 %.
        p: Probability of a step as strong anywhere in the curve without one.
        statistic: Its T.
        null: The value that T passes with probability `level` without a step.
        shape: "sharp", or "smoothed" if it comes in as slowly as the noise forgets.
    """

    step: float
    interval: tuple[float, float]
    size: float
    size_interval: tuple[float, float]
    p: float
    statistic: float
    null: float
    shape: str


@dataclass(frozen=True, eq=False)
class Search:
    """What was found in one curve.

    Attributes:
        bumps: In the order of their steps.
        level: Of the test.
        null: 1 - level quantile of the largest T without a step, in the first search.
        draws: The null's draws of that search, "draws".
        strongest: T of the strongest step that was not accepted, and its p.
        within: Steps in which the trend may bend once.
        steps, statistic: T at each row in the first search, "rows".
        notes: What was mended or cannot be said.
    """

    curve: Curve
    bumps: tuple[Bump, ...]
    level: float
    null: float
    draws: np.ndarray
    strongest: tuple[float, float]
    within: float
    steps: np.ndarray
    statistic: np.ndarray
    notes: tuple[str, ...]

    @property
    def block(self) -> int:
        """Rows of a block of the bootstrap."""
        return BLOCK


@dataclass(frozen=True, eq=False)
class Round:
    """One search, given the bumps that were found before."""

    contrast: Contrast
    residuals: np.ndarray
    statistic: np.ndarray
    shape: int
    row: int
    value: float
    draws: np.ndarray
    p: float


@threadpool_limits.wrap(limits=1, user_api="blas")
def find_bumps(
    curve: Curve,
    *,
    level: float = 0.05,
    within: int = 48,
    draws: int = 299,
    most: int = 8,
    seed: int = 0,
) -> Search:
    """Find the abrupt shifts of a curve.

    Args:
        curve: What to look at.
        level: Share of curves without a step in which one is found, in (0, 1).
        within: N, rows (buckets of rows, in long curves) in which the trend may bend once.
        draws: Draws of the null; p is at least 1 / (draws + 1).
        most: Stop after so many.
        seed: Draws null and dither.

    Raises:
        PlantEduError: for knobs out of range.
    """
    require(0 < level < 1, f"level is a probability in (0, 1), got {level}.")
    require(within >= 8, f"within is a number of rows, at least 8; got {within}.")
    require(draws >= 1 / level - 1, f"{draws} draws cannot show p <= {level}; take more.")
    generator = np.random.default_rng(seed)
    buckets = Buckets.of(curve)
    unit = float(np.ptp(buckets.values)) or 1.0
    values, spikes = without_spikes((buckets.values - buckets.values.min()) / unit)
    values = values + DITHER * generator.standard_normal(len(values))
    rows = (buckets.steps - buckets.steps[0]) / float(np.median(np.diff(buckets.steps)))
    look = partial(search, within=within, draws=draws, averaged=buckets.size > 1)
    first = found = look(values, rows, (), generator=generator)
    kept: list[tuple[Round, int]] = []
    while found.p <= level and len(kept) < most:
        kept.append((found, found.row + len(found.contrast.phi)))
        cuts = tuple(sorted(row for _, row in kept))
        found = look(values, rows, cuts, generator=generator)
    bumps = [_bump(one, buckets, level, unit) for one, _ in kept]
    spacing = float(np.median(np.diff(buckets.steps)))
    return Search(
        curve,
        tuple(sorted(bumps, key=lambda bump: bump.step)),
        level,
        float(np.quantile(first.draws, 1 - level)),
        first.draws,
        (found.value, found.p),
        within * spacing,
        buckets.steps[len(first.contrast.phi) :],
        first.statistic.max(0),
        (*curve.notes, *_notes(curve, buckets, spikes, within * spacing)),
    )


def search(
    values: np.ndarray,
    rows: np.ndarray,
    cuts: tuple[int, ...],
    *,
    within: int,
    draws: int,
    generator: np.random.Generator,
    averaged: bool,
) -> Round:
    """The strongest step, given cuts at those found before, and its p value."""
    trends = trend_basis(rows, within=within, cuts=cuts)
    open_rows = np.ones(len(rows), bool)
    for edge in (0, *cuts, len(rows)):
        open_rows[max(0, edge - GUARD) : edge + GUARD] = False
    plain = Contrast.of(trends, np.zeros(0), open_rows)
    noise = noise_of(plain, plain.residuals(values[:, None])[:, 0], generator)
    contrast = Contrast.of(trends, noise.phi, open_rows)
    residuals = contrast.residuals(values[:, None])[:, 0]
    statistic = contrast.statistic(residuals[:, None])[:, :, 0]
    shape, row = np.unravel_index(int(statistic.argmax()), statistic.shape)
    value = float(statistic[shape, row])
    lift = lift_of(plain, contrast, noise, trends, open_rows, generator)
    how = {"lift": lift, "draws": draws, "averaged": averaged}
    null = null_maxima(contrast, residuals, generator=generator, **how)
    p = (1 + int((null >= value).sum())) / (draws + 1)
    return Round(contrast, residuals, statistic, int(shape), int(row), value, null, p)


def without_spikes(values: np.ndarray) -> tuple[np.ndarray, int]:
    """Lone values far from both neighbours, on one side, put between them, and how many.

    A step is far from one neighbour only, and stays.
    """
    jumps = np.diff(values)
    usual = scipy.ndimage.median_filter(np.abs(jumps), 65, mode="reflect")
    usual = 1.4826 * np.maximum(usual, float(np.median(np.abs(jumps))))
    to, back, usual = jumps[:-1], -jumps[1:], np.maximum(usual[:-1], usual[1:])
    limit = np.maximum(SPIKE * usual, 1e-3 * float(np.ptp(values)))
    far = np.r_[False, (to * back > 0) & (np.minimum(abs(to), abs(back)) > limit), False]
    between = np.r_[values[0], (values[:-2] + values[2:]) / 2, values[-1]]
    return np.where(far, between, values), int(far.sum())


def profile(found: Round, *, coverage: float = 0.95) -> tuple[int, int]:
    """First and last row that the new level may begin at, whichever its shape."""
    contrast, row = found.contrast, found.row
    left = contrast.without_largest(found.residuals[:, None])[:, 0]
    near = slice(max(0, row - 16), row + 16)
    scale = _scale_near(found, row)
    ratio = max(1.0, float(np.sqrt(np.mean(left[near] ** 2))) / scale)
    allowed = -2 * math.log(1 - math.sqrt(coverage)) * ratio**2
    good = found.statistic.max(0) ** 2 >= found.value**2 - allowed
    low = high = row
    while low > 0 and good[low - 1] and row - low < 64:
        low -= 1
    while high < len(good) - 1 and good[high + 1] and high - row < 64:
        high += 1
    return low, high


def _scale_near(found: Round, row: int) -> float:
    """The scale of the noise that T was measured in."""
    sums = found.contrast.sums(found.residuals[:, None])[found.shape, row, 0]
    spread = math.sqrt(found.contrast.information[found.shape, row])
    return float(abs(sums) / (spread * found.value))


def _bump(found: Round, buckets: Buckets, level: float, unit: float) -> Bump:
    """The accepted step of a search, in steps and in units of the loss."""
    contrast, shape, row = found.contrast, found.shape, found.row
    low, high = profile(found)
    order = len(contrast.phi)
    size = float(contrast.sums(found.residuals[:, None])[shape, row, 0])
    size /= float(contrast.information[shape, row])
    size *= unit if shape == 0 else unit / (1.0 - float(contrast.phi.sum()))
    half = 1.96 * abs(size) / found.value
    step, interval = finer(buckets, row + order, low + order, high + order)
    return Bump(
        step=step,
        interval=interval,
        size=size,
        size_interval=(size - half, size + half),
        p=found.p,
        statistic=found.value,
        null=float(np.quantile(found.draws, 1 - level)),
        shape=SHAPES[shape],
    )


def _notes(curve: Curve, buckets: Buckets, spikes: int, within: float) -> list[str]:
    """What was done to the rows, and what counts as abrupt."""
    notes = []
    if buckets.size > 1:
        notes.append(
            f"{len(curve):,} rows were averaged in buckets of {buckets.size} (at most {MOST:,}); "
            "the place of a bump was then sought among the rows themselves."
        )
    if spikes:
        notes.append(f"{spikes} lone spikes were put between their neighbours.")
    notes.append(
        f"The trend may bend once in {within:,.0f} steps; a smooth change over some five times as "
        "many is no bump."
    )
    return notes
