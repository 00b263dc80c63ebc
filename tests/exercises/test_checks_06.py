"""The slow twins of lesson 06's checks agree with the package, and no wrong version agrees."""

import numpy as np
import pytest
import torch

from plantedu.exercises import checks_06 as checks
from plantedu.statistics.cka import debiased_cka, linear_cka, products, u_centred
from plantedu.topics.similarity.neighbourhood import KnnJaccard


def test_the_slow_centring_is_the_package_s():
    x = np.random.default_rng(0).normal(size=(9, 4))
    fast = u_centred(products(torch.tensor(x))).numpy()
    assert checks._u_centred_slowly(x) == pytest.approx(fast, abs=1e-12)


def test_other_centrings_are_what_they_are_called():
    x, y = np.random.default_rng(1).normal(size=(2, 9, 4))
    package = linear_cka(torch.tensor(x), torch.tensor(y))
    assert checks._otherwise(x, y, zero=False, less=0) == pytest.approx(package, abs=1e-12)
    right = debiased_cka(torch.tensor(x), torch.tensor(y))
    others = [checks._otherwise(x, y, zero=True, less=less) for less in (0, 2)]
    assert all(abs(one - right) > 1e-3 for one in others)


def test_the_slow_neighbours_are_the_package_s():
    x, y = checks._related(np.random.default_rng(2))
    package = KnnJaccard(k=4)(torch.tensor(x), torch.tensor(y)).value
    assert checks._slow_jaccard(x, y) == pytest.approx(package, abs=1e-12)


def test_a_recorder_tells_whole_plants_from_torn_ones():
    x, y = np.random.default_rng(3).normal(size=(2, 5, 2))
    seen = checks._Recorder(x, y)
    seen(x, y[[1, 0, 2, 3, 4]])
    seen(x[[1, 0, 2, 3, 4]], y)
    seen(x, np.column_stack([y[::-1, 0], y[:, 1]]))
    assert seen.pairings == [(1, 0, 2, 3, 4), (1, 0, 2, 3, 4), None]
