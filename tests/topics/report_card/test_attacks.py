"""The planted radius is exact: the sign of the weights breaks just above it and not below."""

import numpy as np
import torch

from plantedu.topics.report_card import attacks as fooled


def test_the_radius_is_the_margin_over_the_sum_of_weights():
    rng = np.random.default_rng(0)
    w = torch.tensor(rng.normal(size=6 * 64)).double()
    x = torch.tensor(rng.uniform(0.4, 0.6, size=(2, 1, 3, 8, 8)))
    radius = 0.03
    bias = radius * w.abs().sum() - x.transpose(0, 1).flatten(1) @ w
    model = fooled.Linear(w, bias)
    away = -w.sign().view(1, 2, 3, 8, 8).transpose(0, 1)
    assert model(x + 0.99 * radius * away)[0, 1] > 0
    assert model(x + 1.01 * radius * away)[0, 1] < 0


def test_a_hidden_slope_hides_wrong_names_from_pgd():
    seen, hidden = fooled.pgd(2), fooled.rounded(2)
    assert all(mark.right for mark in seen)
    assert not any(mark.said for mark in hidden)
