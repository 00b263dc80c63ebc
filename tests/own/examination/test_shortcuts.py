"""Planted shortcuts in linear heads: the stronger the cue, the more predictions follow it."""

import numpy as np
import torch

from plantedu.own.examination.heads import folds_of
from plantedu.own.examination.shortcuts import RHOS, shortcuts, taken


def test_a_head_takes_a_cue_that_is_all_there_is():
    rng = np.random.default_rng(0)
    labels = np.arange(80) % 2
    bare = torch.from_numpy(rng.standard_normal((80, 4)))
    done = bare.clone()
    done[:, 0] += 6
    fold = folds_of(labels)
    shares = [taken(bare, done, labels, fold, rho, seed=0).mean() for rho in (0, 1)]
    assert shares[1] > 0.9
    assert shares[0] < shares[1]


def test_each_strength_stands_beside_the_cue_at_random(asked):
    found = shortcuts(asked)
    assert len(found.lines) == 2 * len(RHOS)
    assert all(one.control.endswith("at random") for _, one in found.lines)
