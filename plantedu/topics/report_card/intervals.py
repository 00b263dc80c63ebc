"""Trials on intervals: do they hold the truth as often as they say?

A world has 20 plants with 6 pictures each. Plants differ (scale 1), pictures of one plant differ
less (scale .5). In half of the cases the mean is 0, in the others .9. Or three to five seeds of a
run, with or without an effect of 2 scales. Or twenty settings that are all equally good. Or shares
of 24 plants classified correctly, .75 or .98: "surely below .95" is right of the first alone. Or
losses of 8 to 16 plants with a long tail.

Source: the bootstrap: Efron & Tibshirani 1993 [efron1993]; Hall 1992 [hall1992]; mid-p: Lancaster
1961 [lancaster1961]. Lesson: 04_family.
"""

from collections.abc import Callable

import numpy as np

from plantedu.statistics.evidence import t_interval
from plantedu.statistics.intervals import Interval, mean_interval, share_interval
from plantedu.topics.report_card.trial import Mark, drawn

CASES = 4  # of either kind, in each world
PLANTS, PICTURES, EFFECT = 20, 6, 0.9
SHARE_OF, SHARES, LINE = 24, (0.75, 0.98), 0.95


def percentile(values: np.ndarray, rng: np.random.Generator, resamples: int = 999) -> Interval:
    """The percentile bootstrap, the interval of this course in its first version."""
    rows = rng.integers(0, len(values), (resamples, len(values)))
    low, high = np.quantile(values[rows].mean(1), [0.025, 0.975])
    return float(low), float(high)


def _pictures(rng: np.random.Generator, effect: float) -> np.ndarray:
    plants = effect + rng.normal(size=(PLANTS, 1))
    return plants + 0.5 * rng.normal(size=(PLANTS, PICTURES))


def _judged(values: np.ndarray, effect: float, interval: Interval) -> Mark:
    low, high = interval
    return Mark(effect != 0, low > 0 or high < 0, effect, float(values.mean()), (low, high))


def _cases(seed: int, what: str, effect: float):
    rng = drawn(seed, what)
    return [(rng, size) for size in (effect, 0.0) for _ in range(CASES)]


def over_plants(seed: int) -> list[Mark]:
    """The interval of this course: one number a plant."""
    tables = [(_pictures(rng, e).mean(1), e) for rng, e in _cases(seed, "pictures", EFFECT)]
    return [_judged(plants, effect, mean_interval(plants)) for plants, effect in tables]


def bootstrap_of_plants(seed: int) -> list[Mark]:
    """The percentile bootstrap of the same plants."""
    tables = [(_pictures(rng, e).mean(1), e) for rng, e in _cases(seed, "pictures", EFFECT)]
    rng = drawn(seed, "resamples")
    return [_judged(plants, effect, percentile(plants, rng)) for plants, effect in tables]


def over_pictures(seed: int) -> list[Mark]:
    """The interval of this course, with pictures taken for plants."""
    tables = [(_pictures(rng, e).ravel(), e) for rng, e in _cases(seed, "pictures", EFFECT)]
    return [_judged(pictures, effect, mean_interval(pictures)) for pictures, effect in tables]


def counted(seed: int) -> list[Mark]:
    """A share near 1, counted."""
    return _shares(seed, lambda right, rng: share_interval(right))


def bootstrap_of_share(seed: int) -> list[Mark]:
    """The same by the percentile bootstrap: a point where all are right."""
    return _shares(seed, percentile)


def _shares(seed: int, how: Callable[[np.ndarray, np.random.Generator], Interval]) -> list[Mark]:
    rng, marks = drawn(seed, "shares"), []
    for share in (p for p in SHARES for _ in range(CASES)):
        right = (rng.random(SHARE_OF) < share).astype(float)
        low, high = how(right, rng)
        marks.append(Mark(share < LINE, high < LINE, share, float(right.mean()), (low, high)))
    return marks


def long_tail(seed: int) -> list[Mark]:
    """Few plants and a long tail: exponential numbers of mean 1, less .3 or less 1."""
    return _tailed(seed, lambda values, rng: mean_interval(values))


def bootstrap_of_tail(seed: int) -> list[Mark]:
    """The same by the percentile bootstrap."""
    return _tailed(seed, percentile)


def _tailed(seed: int, how: Callable[[np.ndarray, np.random.Generator], Interval]) -> list[Mark]:
    marks = []
    for rng, effect in _cases(seed, "tail", 0.7):
        values = rng.exponential(size=int(rng.integers(8, 17))) - 1 + effect
        marks.append(_judged(values, effect, how(values, rng)))
    return marks


def t_of_seeds(seed: int) -> list[Mark]:
    """Student's interval of three to five runs."""
    marks = []
    for rng, effect in _cases(seed, "seeds", 2.0):
        runs = effect + rng.normal(size=int(rng.integers(3, 6)))
        marks.append(_judged(runs, effect, t_interval(runs) or (0.0, 0.0)))
    return marks


def bootstrap_of_seeds(seed: int) -> list[Mark]:
    """The bootstrap of three to five runs, which can only repeat their range."""
    marks = []
    for rng, effect in _cases(seed, "seeds", 2.0):
        runs = effect + rng.normal(size=int(rng.integers(3, 6)))
        marks.append(_judged(runs, effect, percentile(runs, rng)))
    return marks


def best_of_twenty(seed: int) -> list[Mark]:
    """The interval of the best of twenty settings on the plants that chose it; is it above 0?"""
    return [_best(rng, effect, fresh=False) for rng, effect in _cases(seed, "settings", EFFECT)]


def best_rescored(seed: int) -> list[Mark]:
    """The same setting, scored once more on plants that nobody has looked at."""
    return [_best(rng, effect, fresh=True) for rng, effect in _cases(seed, "settings", EFFECT)]


def _best(rng: np.random.Generator, effect: float, *, fresh: bool) -> Mark:
    scores = effect + rng.normal(size=(20, 40))
    best = int(scores.mean(1).argmax())
    seen = effect + rng.normal(size=40) if fresh else scores[best]
    return _judged(seen, effect, mean_interval(seen))
