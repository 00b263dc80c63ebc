"""Trials on ourselves: is a forecaster overconfident?

Forecasters give 36 confidences between .34 and .99. One means them; the other says more than she
knows: her true chance is .33 + .55 (c - .33). Can the report tell them apart?

Source: Brier 1950 [brier1950]; Broecker & Smith 2007 [brocker2007]. Lesson: 11_report.
"""

import numpy as np

from plantedu.statistics.brier import reliability
from plantedu.topics.report_card.trial import Mark, drawn

ANSWERS = 36


def _said(seed: int) -> list[tuple[bool, np.ndarray, np.ndarray, float]]:
    rng, found = drawn(seed, "forecasts"), []
    for over in (True, False):
        c = rng.uniform(0.34, 0.99, size=ANSWERS)
        p = 0.33 + 0.55 * (c - 0.33) if over else c
        found.append((over, c, rng.random(ANSWERS) < p, float((c - p).mean())))
    return found


def overconfidence(seed: int) -> list[Mark]:
    """Too few right answers for what was said, by the exact test; the gap with its interval."""
    marks = []
    for over, c, right, truth in _said(seed):
        found = reliability(c, right, seed=seed)
        gap = found.overconfidence
        said = found.verdict == "overconfident"
        marks.append(Mark(over, said, truth, gap.value, gap.interval))
    return marks


def ten_sure(seed: int) -> list[Mark]:
    """Ten answers, each called 95 %, by who means it and by who is right in 60 %."""
    rng, marks = drawn(seed, "ten sure"), []
    for p in (0.6, 0.95):
        found = reliability(np.full(10, 0.95), rng.random(10) < p, seed=seed)
        marks.append(Mark(p < 0.9, "confident" in found.verdict))
    return marks


def one_bad_answer(seed: int) -> list[Mark]:
    """Overconfident is who was ever more than .8 sure and wrong."""
    return [Mark(over, bool((~r & (c > 0.8)).any())) for over, c, r, _ in _said(seed)]
