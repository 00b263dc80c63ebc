"""The slow twins of lesson 03's checks agree with the package, and their worlds are apart."""

import numpy as np
import torch

from plantedu.exercises import checks_03 as checks
from plantedu.models.sinkhorn import sinkhorn


def test_the_codes_are_sinkhorn_s():
    scores = np.random.default_rng(0).uniform(-1, 1, (6, 3))
    package = sinkhorn(torch.tensor(scores), epsilon=0.1, iterations=3).numpy()
    assert np.allclose(checks._even(scores), package)


def test_a_queue_sharpens():
    scores, queue = np.array([[0.9, 0.1]] * 2), np.array([[0.1, 0.9]] * 2)
    without, with_queue = checks._slow_objectives(scores, queue, 0.2)
    assert without > with_queue + 1


def test_the_noisy_curves_fall_where_they_say():
    steps = [checks._slow_drop(checks._noisy(seed), 8)[0] for seed in range(3)]
    assert all(abs(step - 35) <= 2 for step in steps)
    assert any(int(np.diff(checks._noisy(s)).argmin()) + 1 != step for s, step in enumerate(steps))
