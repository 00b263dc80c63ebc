"""Planted curves step where they say, and the eye always sees something."""

import numpy as np

from plantedu.topics.report_card.curves import NOISE, ROWS, awkward_curve, by_eye, planted_curve
from plantedu.topics.report_card.trial import drawn


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


def test_awkward_curves_have_no_step_and_are_what_they_say():
    def second(kind: str) -> float:
        """Kurtosis of the rows' differences, mean over curves."""
        jumps = [np.diff(awkward_curve(drawn(k, "test"), kind)) for k in range(60)]
        return float(np.mean([((j - j.mean()) ** 4).mean() / j.var() ** 2 for j in jumps]))

    assert second("tails") > second("kink") + 0.5
    assert second("bursts") > second("kink") + 0.5
    falls = {
        kind: np.mean(
            [np.ptp(awkward_curve(drawn(k, "test"), kind)[ROWS - 60 :]) for k in range(9)]
        )
        for kind in ("kink", "tails")
    }
    assert falls["kink"] > falls["tails"]
