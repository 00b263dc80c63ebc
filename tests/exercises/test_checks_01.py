"""The small worlds of lesson 01's checks are what their sentences say."""

import numpy as np
import torch

from plantedu.exercises import checks_01 as checks


def test_the_plants_of_the_split():
    assert len(checks.PLANTS) == 14
    numbers, rows = np.unique(checks.PLANTS, return_counts=True)
    assert (len(numbers), rows.max()) == (8, 5)
    assert not (np.diff(checks.PLANTS) >= 0).all()  # so that sorting and first come differ


def test_the_encoder_doubles_and_has_no_hook():
    encoder = checks._doubling()
    assert encoder(torch.ones(1, 1)).item() == 2
    assert checks._hooks(encoder) == 0
    encoder.register_forward_hook(print)
    assert checks._hooks(encoder) == 1
