"""Trials on loss curves: is there a step, and where?

A curve falls as 1 / (1 + t / tau), its noise remembers the row before. In half of the cases its
level steps by 2 to 6 noise scales at a row by lot.

Source: the detector: Hansen 2000 [hansen2000]. Lesson: 03_bump.
"""

import numpy as np

from plantedu.changepoints.curve import tidy
from plantedu.changepoints.finding import find_bumps
from plantedu.trials.trial import Mark, drawn

ROWS, NOISE = 320, 0.02
NULL = "the same kind of curve without a step"


def planted_curve(rng: np.random.Generator, *, step: bool) -> tuple[np.ndarray, float]:
    """Values of a curve, "rows", and the first row of the new level (nan without one)."""
    t = np.arange(ROWS)
    noise = rng.normal(size=ROWS)
    for k in range(1, ROWS):
        noise[k] += 0.4 * noise[k - 1]
    values = 3 + 2 / (1 + t / rng.uniform(20, 120)) + NOISE * noise
    if not step:
        return values, float("nan")
    at = int(rng.integers(60, ROWS - 60))
    values[at:] -= NOISE * rng.uniform(2, 6)
    return values, float(at)


def detector(seed: int) -> list[Mark]:
    """The bump detector of lesson 03; its interval is about the step's place."""
    rng, marks = drawn(seed, "curves"), []
    for step in (True, False):
        values, at = planted_curve(rng, step=step)
        found = find_bumps(tidy(np.arange(ROWS), values), draws=99, most=2, seed=seed).bumps
        nearest = min(found, key=lambda b: abs(b.step - at)) if found and step else None
        marks.append(
            Mark(
                step,
                bool(found),
                at if nearest else None,
                nearest.step if nearest else None,
                (nearest.interval[0], nearest.interval[1]) if nearest else None,
            )
        )
    return marks


def by_eye(seed: int) -> list[Mark]:
    """The largest fall between means of ten rows counts if it beats 3 scales of the noise."""
    rng, marks = drawn(seed, "curves"), []
    for step in (True, False):
        values, _ = planted_curve(rng, step=step)
        means = np.convolve(values, np.ones(10) / 10, "valid")
        fall = means[:-10] - means[10:]
        scale = np.diff(values).std() / np.sqrt(2) * np.sqrt(2 / 10)
        marks.append(Mark(step, bool(fall.max() > 3 * scale)))
    return marks
