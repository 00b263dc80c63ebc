"""Find the bumps of a loss curve: where its level steps, with intervals and a null.

A bump is an *abrupt* shift of the level: faster than a cubic spline with a knot every N rows can
follow (N = 48 by default; denser after a start, see `trend`). A sigmoid that takes some five
times N rows or more is trend, however tall; so is a kink, and a relaxation (`shapes`). All steps
are sought together and each is tested given the others (`segmentation`), against a null over all
rows (`null`). Its place has an interval,

    {k : T_k^2 >= max T^2 - c r^2},   c = -2 ln(1 - sqrt(coverage))  (7.35 for 95 %)

with r the scale of what the step leaves over nearby, so that a step that is smeared over many
rows gets an interval as wide as the smear. The change lies after the row before the interval's
first row, hence the interval begins there.

Odd rows are taken out first (`odd`), then the range is taken; where values span more than two
decades their logarithms are searched too. It misleads where a slow change is nearly free of noise
(then what the spline misses counts as abrupt), and in the first rows, where nothing can be found
from a steep start. Noise of 1/10,000 of the curve's range is added, so that rounding is no news.

Source: Hansen 2000 [hansen2000] for the interval.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from threadpoolctl import threadpool_limits

from plantedu.errors import require
from plantedu.topics.bump.changepoints.coarse import MOST, Buckets, finer
from plantedu.topics.bump.changepoints.contrast import SHAPES, SMOOTHED
from plantedu.topics.bump.changepoints.curve import Curve
from plantedu.topics.bump.changepoints.null import BLOCK
from plantedu.topics.bump.changepoints.odd import RUN, odd_ends, without_odd
from plantedu.topics.bump.changepoints.segmentation import Found, Look, Series, segmented

DITHER = 1 / 10_000
DECADES = 2  # of values; above, logarithms are searched too


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
        shape: "sharp"; "arriving" if it comes in within a few rows; "returning" if the level jumps
            and decays, as after a restart; "smoothed" if it comes as slowly as the noise forgets.
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
    kept, notes = _without_odd_ends(curve)
    buckets = Buckets.of(kept)
    values, spikes = without_odd(buckets.values)
    scales = [Scale.of(values, seed, log) for log in (False, True) if not log or _wide(values)]
    rows = (buckets.steps - buckets.steps[0]) / float(np.median(np.diff(buckets.steps)))
    every = []
    for scale in scales:
        series = Series(scale.values, rows, within, averaged=buckets.size > 1)
        how = {"level": level / len(scales), "draws": draws, "most": most}
        every.append(segmented(series, **how, generator=np.random.default_rng(seed)))
    found = max(every, key=lambda one: _strength(one).max() / np.quantile(one.draws, 1 - level))
    bumps = [
        _bump(look, p * len(scales), one, level / len(scales), buckets, scale)
        for one, scale in zip(every, scales, strict=True)
        for look, p in one.looks
    ]
    last, p = found.last
    spacing = float(np.median(np.diff(buckets.steps)))
    notes += _notes(curve, buckets, spikes, within * spacing, len(scales) > 1)
    return Search(
        curve,
        apart(bumps),
        level,
        float(np.quantile(found.draws, 1 - level / len(scales))),
        found.draws,
        (last.value, min(1.0, p * len(scales))),
        within * spacing,
        buckets.steps[len(last.contrast.phi) :],
        _strength(found),
        (*curve.notes, *notes),
    )


@dataclass(frozen=True, eq=False)
class Scale:
    """Values as they are searched: from 0 to 1, of themselves or of their logarithms.

    Attributes:
        unit: What 1 stands for.
        log: Whether they are logarithms.
        raw: The values themselves, "rows".
    """

    values: np.ndarray
    unit: float
    log: bool
    raw: np.ndarray

    @classmethod
    def of(cls, raw: np.ndarray, seed: int, log: bool) -> "Scale":
        values = np.log(raw) if log else raw
        unit = float(np.ptp(values)) or 1.0
        dither = DITHER * np.random.default_rng(seed).standard_normal(len(raw))
        return cls((values - values.min()) / unit + dither, unit, log, raw)

    def sizes(self, row: int, sizes: Sequence[float]) -> list[float]:
        """Sizes in units of the loss, of steps at a row."""
        if not self.log:
            return [size * self.unit for size in sizes]
        level = float(np.exp(np.median(np.log(self.raw[max(0, row - 8) : max(1, row)]))))
        return [level * math.expm1(size * self.unit) for size in sizes]


def _wide(values: np.ndarray) -> bool:
    """Whether values span more than `DECADES`."""
    low, high = float(values.min()), float(values.max())
    return low > 0 and high > 10**DECADES * low


def _without_odd_ends(curve: Curve) -> tuple[Curve, list[str]]:
    first, last = odd_ends(curve.values)
    if not first and not last:
        return curve, []
    ends = [f"the {count} {name}" for count, name in ((first, "first"), (last, "last")) if count]
    note = f"Rows far from all others were left out: {' and '.join(ends)}."
    rows = slice(first, len(curve) - last)
    return replace(curve, steps=curve.steps[rows], values=curve.values[rows]), [note]


def apart(bumps: Sequence[Bump]) -> tuple[Bump, ...]:
    """Bumps in the order of their steps; of two whose intervals touch, the stronger one."""
    kept: list[Bump] = []
    for one in sorted(bumps, key=lambda bump: -bump.statistic / bump.null):
        (low, high) = one.interval
        if all(high < other.interval[0] or other.interval[1] < low for other in kept):
            kept.append(one)
    return tuple(sorted(kept, key=lambda bump: bump.step))


def _strength(found: Found) -> np.ndarray:
    """T at each row: the largest of any look."""
    looks = [*(look for look, _ in found.looks), found.last[0]]
    return np.stack([look.statistic.max(0) for look in looks]).max(0)


def profile(found: Look, *, coverage: float = 0.95) -> tuple[int, int]:
    """First and last row that the new level may begin at, whichever its shape."""
    contrast, row = found.contrast, found.row
    left = contrast.without_largest(found.residuals[:, None])[:, 0]
    near = slice(max(0, row - 16), row + 16)
    scale = _scale_near(found, row)
    ratio = max(1.0, float(np.sqrt(np.mean(left[near] ** 2))) / scale)
    allowed = -2 * math.log(1 - math.sqrt(coverage)) * ratio**2
    good = found.statistic.max(0) ** 2 >= found.statistic[found.shape, row] ** 2 - allowed
    low = high = row
    while low > 0 and good[low - 1] and row - low < 64:
        low -= 1
    while high < len(good) - 1 and good[high + 1] and high - row < 64:
        high += 1
    return low, high


def _scale_near(found: Look, row: int) -> float:
    """The scale of the noise that T was measured in."""
    sums = found.contrast.sums(found.residuals[:, None])[found.shape, row, 0]
    spread = math.sqrt(found.contrast.information[found.shape, row])
    return float(abs(sums) / (spread * found.statistic[found.shape, row]))


def _bump(
    found: Look, p: float, among: Found, level: float, buckets: Buckets, scale: Scale
) -> Bump:
    """The accepted step of a search, in steps and in units of the loss."""
    contrast, shape, row = found.contrast, found.shape, found.row
    low, high = profile(found)
    order = len(contrast.phi)
    information = float(contrast.information[shape, row])
    gain = 1.0 if shape < SMOOTHED else 1.0 / (1.0 - float(contrast.phi.sum()))
    size = float(contrast.sums(found.plain[:, None])[shape, row, 0]) / information * gain
    half = 1.96 * gain * _scale_near(found, row) / math.sqrt(information)
    step, interval = finer(buckets, row + order, low + order, high + order)
    size, *ends = scale.sizes(row + order, (size, size - half, size + half))
    return Bump(
        step=step,
        interval=interval,
        size=size,
        size_interval=(min(ends), max(ends)),
        p=p,
        statistic=found.value,
        null=float(np.quantile(among.draws, 1 - level)),
        shape=SHAPES[shape],
    )


def _notes(curve: Curve, buckets: Buckets, spikes: int, within: float, logs: bool) -> list[str]:
    """What was done to the rows, and what counts as abrupt."""
    notes = []
    if buckets.size > 1:
        notes.append(
            f"{len(curve):,} rows were averaged in buckets of {buckets.size} (at most {MOST:,}); "
            "the place of a bump was then sought among the rows themselves."
        )
    if spikes:
        notes.append(
            f"{spikes} odd rows, alone or up to {RUN} in a row, were put between their neighbours."
        )
    if logs:
        notes.append(
            f"The values span more than {DECADES} decades; their logarithm was searched too, and "
            "each search has half of the level."
        )
    notes.append(
        f"No bump is: a smooth change over {5 * within:,.0f} steps or so (the trend may bend once "
        f"in {within:,.0f}), a kink, a relaxation within 13 rows or more."
    )
    return notes
