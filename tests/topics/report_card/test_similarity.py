"""Planted pairs have the CKA that is said of them, in the limit of many plants."""

import numpy as np
import pytest

from plantedu.statistics.cka import debiased_cka
from plantedu.topics.report_card.similarity import SIGNALS, two
from plantedu.topics.report_card.trial import drawn


class Many:
    """A generator whose first number is a large n."""

    def __init__(self, rng):
        self.rng, self.first = rng, True

    def integers(self, low, high):
        if self.first:
            self.first = False
            return 4000
        return self.rng.integers(low, high)

    def __getattr__(self, name):
        return getattr(self.rng, name)


@pytest.mark.parametrize("shared", [True, False])
def test_the_true_cka_is_that_of_many_plants(shared):
    x, y, truth = two(Many(drawn(5, "test")), shared=shared)
    assert debiased_cka(x, y) == pytest.approx(truth, abs=0.03)
    assert (truth > 0.1) == shared
    assert x.shape[1] > SIGNALS


def test_signals_of_ones_own_share_nothing():
    x, y, truth = two(drawn(1, "test"), shared=False)
    assert truth == 0
    assert len(x) == len(y)
    assert np.isfinite(x.numpy()).all()
