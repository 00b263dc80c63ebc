"""Two forecasters: one means what she says."""

import numpy as np

from plantedu.trials.forecasts import _said


def test_the_overconfident_are_right_less_often_than_they_say():
    gaps = {True: [], False: []}
    for seed in range(40):
        for over, c, right, truth in _said(seed):
            gaps[over].append(c.mean() - right.mean())
            assert (truth > 0.05) == over
    assert np.mean(gaps[True]) > 0.1
    assert abs(np.mean(gaps[False])) < 0.04
