"""Readings have the share that was planted; a dull painter is narrow without keeping anything."""

import numpy as np
import pytest

from plantedu.topics.generation.variance_components import settled
from plantedu.topics.report_card import samples


@pytest.mark.parametrize("share", [0.0, 0.5, 0.9])
def test_the_planted_share_is_the_one_that_is_measured(share):
    rng = np.random.default_rng(1)
    found = [settled(samples._readings(rng, share)) for _ in range(60)]
    assert np.mean(found) == pytest.approx(share, abs=0.05)


def test_narrow_samples_are_no_evidence():
    marks = [mark for seed in range(10) for mark in samples.narrow(seed)]
    assert np.mean([m.said for m in marks if not m.there]) > 0.5
