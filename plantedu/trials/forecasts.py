"""Trials on ourselves: is a forecaster overconfident?

Forecasters give 36 confidences between .34 and .99. One means them; the other says more than she
knows: her true chance is .33 + .55 (c - .33). Can the report tell them apart?

Source: Brier 1950 [brier1950]; Broecker & Smith 2007 [brocker2007]. Lesson: 11_report.
"""

import numpy as np

from plantedu.reliability import reliability
from plantedu.trials.trial import Mark, drawn

ANSWERS = 36


def _said(seed: int) -> list[tuple[bool, np.ndarray, np.ndarray, float]]:
    rng, found = drawn(seed, "forecasts"), []
    for over in (True, False):
        c = rng.uniform(0.34, 0.99, size=ANSWERS)
        p = 0.33 + 0.55 * (c - 0.33) if over else c
        found.append((over, c, rng.random(ANSWERS) < p, float((c - p).mean())))
    return found


def overconfidence(seed: int) -> list[Mark]:
    """Mean confidence less the share right, with its interval: does it lie above 0?"""
    marks = []
    for over, c, right, truth in _said(seed):
        gap = reliability(c, right, seed=seed).overconfidence
        low = gap.interval[0] if gap.interval else 0.0
        marks.append(Mark(over, low > 0, truth, gap.value, gap.interval))
    return marks


def one_bad_answer(seed: int) -> list[Mark]:
    """Overconfident is who was ever more than .8 sure and wrong."""
    return [Mark(over, bool((~r & (c > 0.8)).any())) for over, c, r, _ in _said(seed)]
