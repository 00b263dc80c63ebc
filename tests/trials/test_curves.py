"""Planted curves step where they say, and the eye always sees something."""

import numpy as np

from plantedu.trials.curves import NOISE, by_eye, planted_curve
from plantedu.trials.trial import drawn


def test_a_curve_steps_at_its_row_and_only_there():
    steps = []
    for seed in range(40):
        values, at = planted_curve(drawn(seed, "test"), step=True)
        row = int(at)
        steps.append(values[row : row + 20].mean() - values[row - 20 : row].mean())
        calm, nowhere = planted_curve(drawn(seed, "test"), step=False)
        assert np.isnan(nowhere)
        assert len(calm) == len(values)
    assert -8 * NOISE < np.mean(steps) < -2 * NOISE


def test_the_eye_reports_steps_that_are_not_there():
    marks = [mark for seed in range(10) for mark in by_eye(seed)]
    assert np.mean([m.said for m in marks if not m.there]) > 0.5
