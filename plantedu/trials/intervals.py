"""Trials on intervals: do they hold the truth as often as they say?

A world has 20 plants with 6 pictures each. Plants differ (scale 1), pictures of one plant differ
less (scale .5). In half of the cases the mean is 0, in the others .9. Or three to five seeds of a
run, with or without an effect of 2 scales. Or twenty settings that are all equally good.

Source: the bootstrap: Efron & Tibshirani 1993 [efron1993]. Lesson: 04_family.
"""

import numpy as np

from plantedu.evidence import bootstrap_interval, t_interval
from plantedu.trials.trial import Mark, drawn

CASES = 4  # of either kind, in each world
PLANTS, PICTURES, EFFECT = 20, 6, 0.9


def _pictures(rng: np.random.Generator, effect: float) -> np.ndarray:
    plants = effect + rng.normal(size=(PLANTS, 1))
    return plants + 0.5 * rng.normal(size=(PLANTS, PICTURES))


def _judged(values: np.ndarray, effect: float, interval: tuple[float, float]) -> Mark:
    low, high = interval
    return Mark(effect != 0, low > 0 or high < 0, effect, float(values.mean()), (low, high))


def _cases(seed: int, what: str, effect: float):
    rng = drawn(seed, what)
    return [(rng, size) for size in (effect, 0.0) for _ in range(CASES)]


def over_plants(seed: int) -> list[Mark]:
    """The bootstrap of this course: plants are drawn anew."""
    marks = []
    for rng, effect in _cases(seed, "pictures", EFFECT):
        plants = _pictures(rng, effect).mean(1)
        marks.append(_judged(plants, effect, bootstrap_interval(plants, generator=rng)))
    return marks


def over_pictures(seed: int) -> list[Mark]:
    """The same bootstrap, with pictures taken for plants."""
    marks = []
    for rng, effect in _cases(seed, "pictures", EFFECT):
        pictures = _pictures(rng, effect).ravel()
        marks.append(_judged(pictures, effect, bootstrap_interval(pictures, generator=rng)))
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
        marks.append(_judged(runs, effect, bootstrap_interval(runs, generator=rng)))
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
    return _judged(seen, effect, bootstrap_interval(seen, generator=rng))
