"""The slow twins of lesson 10's checks are right, and their worlds hold what they say."""

import numpy as np
import pytest
import torch

from plantedu.exercises import checks_10 as checks
from plantedu.topics.neurons.selectivity import of_classes
from plantedu.topics.neurons.sparse_autoencoder import kept


def test_the_slow_codes_are_the_package_s():
    x, reader, shift, directions, middle = given = checks.world()
    codes, rebuilt = checks.slow(*given)
    fast = kept(torch.relu((x - middle) @ reader + shift), 3)
    assert torch.allclose(codes, fast)
    assert torch.allclose(rebuilt, fast @ directions + middle)


def test_some_rows_have_fewer_codes_than_are_kept():
    codes, _ = checks.slow(*checks.world())
    many = (codes > 0).sum(1)
    assert int(many.min()) < 3 == int(many.max())


def test_the_slow_null_is_the_package_s():
    units, classes = checks.noise()
    assert checks._of(units, classes) == pytest.approx(of_classes(units, classes)[0])


@pytest.mark.parametrize("seed", range(3))
def test_levels_of_other_draws_lie_within_the_room(seed):
    units, classes = checks.noise()
    rng = np.random.default_rng(seed)
    null = np.stack([checks._of(units, rng.permutation(classes)) for _ in range(200)])
    known = checks.null_slowly(units, classes, shuffles=200)
    levels = [np.quantile(one, checks.HUNDREDTH, axis=0).mean() for one in (null, known)]
    assert abs(levels[0] - levels[1]) < 0.008
