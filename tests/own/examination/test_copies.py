"""Copies are found: the same bytes, nearly the same, and across the training pictures."""

from dataclasses import replace

import numpy as np

from plantedu.own.examination.asked import Asked
from plantedu.own.examination.copies import copies


def test_a_copy_here_and_a_copy_in_the_training_pictures(asked):
    rng = np.random.default_rng(0)
    x = np.kron(rng.integers(0, 255, (8, 3, 8, 8)), np.ones((4, 4))).astype(np.uint8)
    x[1] = x[0]
    names = tuple(map(str, range(8)))
    data = replace(asked.data[:8], pictures=x, names=names)
    near = np.clip(x[5:7].astype(int) + 2, 0, 255).astype(np.uint8)
    found = copies(Asked(asked.me, data, earlier=replace(data[:2], pictures=near)))
    assert found["copy in these pictures"].value == 2 / 8
    assert found["copy in the training pictures"].value == 2 / 8
    assert copies(Asked(asked.me, data[2:])).lines[0][1].value == 0
