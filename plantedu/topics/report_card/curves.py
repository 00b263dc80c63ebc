"""Trials on loss curves: is there a step, and where?

A curve falls as 1 / (1 + t / tau), its noise remembers the row before. In half of the cases its
level steps by 2 to 6 noise scales at a row at random. Or by ten scales at two to four rows, and all
are to be found. Or the curve is awkward: heavy-tailed noise, a kink, a smooth fall after the
learning rate fell, with one step of ten scales or none.

Source: the detector: Hansen 2000 [hansen2000]. Lesson: 03_bump.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from plantedu.topics.bump.changepoints.curve import tidy
from plantedu.topics.bump.changepoints.finding import find_bumps
from plantedu.topics.report_card.trial import Mark, drawn

ROWS, NOISE = 320, 0.02
NEAR = 6  # rows
NULL = "the same kind of curve without a step"


class Place(NamedTuple):
    """A step that is reported.

    Attributes:
        row: First row of the new level, from 0.
        interval: Rows between which it lies, at 95 %; None where the method gives none.
    """

    row: float
    interval: tuple[float, float] | None = None


Finds = Callable[[np.ndarray], Sequence[Place]]


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
    return one_step(seed, ours(seed, most=2))


def ours(seed: int, *, most: int) -> Finds:
    """The detector, on rows counted from 0."""

    def finds(values: np.ndarray) -> list[Place]:
        curve = tidy(np.arange(ROWS), values)
        found = find_bumps(curve, draws=99, most=most, seed=seed).bumps
        return [Place(b.step, (b.interval[0], b.interval[1])) for b in found]

    return finds


def one_step(seed: int, finds: Finds) -> list[Mark]:
    """A curve with a step at a row at random, and one without."""
    rng, marks = drawn(seed, "curves"), []
    for step in (True, False):
        values, at = planted_curve(rng, step=step)
        found = finds(values)
        nearest = min(found, key=lambda b: abs(b.row - at)) if found and step else None
        marks.append(
            Mark(
                step,
                bool(found),
                at if nearest else None,
                nearest.row if nearest else None,
                nearest.interval if nearest else None,
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


def several(seed: int) -> list[Mark]:
    """The detector, which may find four."""
    return several_steps(seed, ours(seed, most=4))


def several_steps(seed: int, finds: Finds) -> list[Mark]:
    """Two to four steps of ten scales, 48 rows apart or more: are all of them found?"""
    rng, marks = drawn(seed, "several"), []
    for step in (True, False):
        values, _ = planted_curve(rng, step=False)
        rows = 40 + 48 * np.sort(rng.permutation(5)[: int(rng.integers(2, 5))]) if step else []
        for row in rows:
            values[row:] -= 10 * NOISE
        at = np.array([b.row for b in finds(values)])
        all_found = bool(len(at)) and all(np.abs(at - row).min() <= NEAR for row in rows)
        marks.append(Mark(step, all_found if step else bool(len(at))))
    return marks


def awkward(seed: int) -> list[Mark]:
    """The detector on curves that are not as it expects them."""
    return awkward_step(seed, ours(seed, most=2))


def awkward_step(seed: int, finds: Finds) -> list[Mark]:
    """One step of ten scales, or none, in curves that are no smooth fall with tame noise."""
    rng, marks = drawn(seed, "awkward"), []
    kinds = ("tails", "bursts", "kink", "relaxation")
    for kind, step in ((kinds[(seed + k) % 4], there) for k in (0, 1) for there in (True, False)):
        values = awkward_curve(rng, kind)
        if step:
            values[int(rng.integers(60, ROWS - 60)) :] -= 10 * NOISE
        marks.append(Mark(step, bool(finds(values))))
    return marks


def awkward_curve(rng: np.random.Generator, kind: str) -> np.ndarray:
    """A curve without a step, "rows".

    Args:
        rng: Draws it.
        kind: tails (t3 innovations, AR .6), bursts (noise four times as loud now and then), kink
            (the slope changes at a row), relaxation (an exponential fall begins at a row).
    """
    t, at = np.arange(ROWS), int(rng.integers(80, ROWS - 80))
    noise = rng.normal(size=ROWS)
    memory = 0.4
    if kind == "tails":
        noise, memory = rng.standard_t(3, size=ROWS) / np.sqrt(3), 0.6
    if kind == "bursts":
        noise *= np.where(np.repeat(rng.random(ROWS // 16) < 0.2, 16), 4.0, 1.0)
    for k in range(1, ROWS):
        noise[k] += memory * noise[k - 1]
    values = 3 + 2 / (1 + t / rng.uniform(20, 120)) + NOISE * noise
    after = np.maximum(t - at, 0)
    if kind == "kink":
        values -= 0.15 * NOISE * after
    if kind == "relaxation":
        values -= 8 * NOISE * (1 - np.exp(-after / 25))
    return values
