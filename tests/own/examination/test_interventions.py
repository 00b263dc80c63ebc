"""do() beside noise of the same size."""

import numpy as np

from plantedu.own.examination.interventions import interventions, noisy
from plantedu.own.plant import KINDS


def test_every_kind_is_asked_and_stands_beside_noise(asked):
    h, names = interventions(asked)
    assert [name for name, _ in h.lines] == list(KINDS)
    assert h["light"].value > 2 * h["light"].null  # darker everywhere moves the mean, noise hardly
    assert all(0 <= one.value <= 1 for _, one in names.lines)


def test_noise_has_the_size_of_the_change():
    x = np.full((2, 3, 32, 32), 128, np.uint8)
    done = x.copy()
    done[1, :, :16] = 148
    found = noisy(x, done, seed=0).astype(float) - x
    assert (found[0] == 0).all()
    assert abs(found[1].std() - 20 / np.sqrt(2)) < 0.7
