"""Two forecasters: one means what she says."""

import numpy as np

from plantedu.topics.report_card.forecasts import _said, ten_sure


def test_the_overconfident_are_right_less_often_than_they_say():
    gaps = {True: [], False: []}
    for seed in range(40):
        for over, c, right, truth in _said(seed):
            gaps[over].append(c.mean() - right.mean())
            assert (truth > 0.05) == over
    assert np.mean(gaps[True]) > 0.1
    assert abs(np.mean(gaps[False])) < 0.04


def test_who_is_right_ten_times_of_ten_is_not_accused():
    marks = [m for seed in range(30) for m in ten_sure(seed)]
    assert np.mean([m.said for m in marks if not m.there]) < 0.1
    assert np.mean([m.said for m in marks if m.there]) > 0.7
