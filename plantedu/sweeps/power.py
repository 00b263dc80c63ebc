"""What a sweep costs and what it can tell apart, from runs that were measured before.

    spread s     pooled standard deviation of the end value between seeds of one setting
    difference   t(.975, 2 (k - 1)) s sqrt(2 / k): half the 95 % interval of the difference of two
                 settings with k seeds each; smaller differences are not told apart
    luck         s / sqrt(k) times the mean of the largest of m standard normal draws: by how much
                 the best of m settings that are truly alike beats their mean

All three take the end values of a setting as normal with one spread, which few seeds cannot check.
"""

import math
from dataclasses import dataclass

import numpy as np
import scipy

from plantedu.errors import require
from plantedu.store.curves import Curves

PACE_KNOBS = ("encoder", "image_size", "crop_size", "small_crops", "batch")  # what a step costs


@dataclass(frozen=True)
class Spread:
    """How far seeds of one setting lie apart, and on how many it rests."""

    value: float
    runs: int
    settings: int

    @property
    def freedom(self) -> int:
        return self.runs - self.settings


def spread_of(curves: Curves, metric: str) -> Spread:
    """Pooled standard deviation between seeds, over settings that were run with two or more.

    Raises:
        PlantEduError: if no setting was.
    """
    ends = curves.ends(metric)
    knobs = [knob for knob in curves.knobs if knob != "seed"]
    groups = [group["end"] for _, group in ends.groupby(knobs)] if knobs else [ends["end"]]
    groups = [group.to_numpy(float) for group in groups if len(group) >= 2]
    require(bool(groups), f"No setting was run with two seeds; the spread of {metric} is unknown.")
    squares = sum(float(((group - group.mean()) ** 2).sum()) for group in groups)
    runs = sum(len(group) for group in groups)
    return Spread(math.sqrt(squares / (runs - len(groups))), runs, len(groups))


def smallest_difference(spread: float, seeds: int) -> float:
    """Half the 95 % interval of a difference of two settings; infinite with one seed."""
    if seeds < 2:
        return math.inf
    return float(scipy.stats.t.ppf(0.975, 2 * (seeds - 1)) * spread * math.sqrt(2 / seeds))


def luck_of_the_best(settings: int, spread: float, seeds: int) -> float:
    """By how much the best of some settings that are alike is above their mean, on average."""
    return best_of(settings) * spread / math.sqrt(max(seeds, 1))


def best_of(draws: int) -> float:
    """Mean of the largest of some standard normal draws: the integral of x d Phi(x)^m."""
    x = np.linspace(-8, 10, 20_001)
    mass = np.diff(scipy.stats.norm.cdf(x) ** draws)
    return float((mass * (x[1:] + x[:-1]) / 2).sum())


def pace(curves: Curves, asked: dict[str, object]) -> float | None:
    """Median seconds a step of measured runs with the same costly knobs; None for none."""
    known = curves.runs
    for knob in PACE_KNOBS:
        if knob in known and knob in asked:
            known = known[known[knob] == asked[knob]]
    steps, seconds = (np.asarray(known[name], float) for name in ("steps", "seconds"))
    done = steps > 0
    return float(np.median(seconds[done] / steps[done])) if done.any() else None
