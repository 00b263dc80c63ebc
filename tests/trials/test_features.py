"""Dictionaries of known directions and of none: agreement tells them apart, a good fit does not."""

import numpy as np
import torch

from plantedu.trials import features


def test_gaussian_numbers_have_the_mean_and_covariance_that_are_asked_for():
    rng = np.random.default_rng(0)
    x = torch.from_numpy(rng.exponential(size=(20_000, 3)) @ rng.normal(size=(3, 3))).float()
    like = features.gaussian(x, rng)
    assert torch.allclose(like.mean(0), x.mean(0), atol=0.05)
    assert torch.allclose(like.T.cov(), x.T.cov(), atol=0.15)
    skewed = ((x - x.mean(0)) ** 3).mean(0).abs().max()
    assert ((like - like.mean(0)) ** 3).mean(0).abs().max() < 0.2 * skewed


def test_two_seeds_agree_on_what_is_there_and_fit_what_is_not():
    told = [mark for seed in (0, 1) for mark in features.beyond_gaussian(seed)]
    assert [mark.there for mark in told] == [True, False] * 2
    assert all(mark.right for mark in told)
    assert all(mark.said for mark in features.fits(1))
    assert features.beyond_lots(1) == features.beyond_lots(1)
