"""Cues in pictures: a planted one is named, chance is not; balanced accuracy has a slow twin."""

import numpy as np
import torch

from plantedu.own.examination.heads import folds_of
from plantedu.own.examination.in_pictures import PENALTY, balanced, named_by


def test_balanced_accuracy_is_that_of_ridge_set_by_set():
    rng = np.random.default_rng(0)
    labels = np.array([0] * 25 + [1] * 15 + [2] * 10)
    x = rng.standard_normal((50, 6)) + labels[:, None]
    fold = folds_of(labels, folds=2)
    asked = np.stack([labels, rng.permutation(labels)])
    for y, found in zip(asked, balanced(torch.from_numpy(x), asked, fold), strict=True):
        said = np.empty(50, int)
        for k in (0, 1):
            train, held = x[fold != k], x[fold == k]
            middle, spread = train.mean(0), train.std(0, ddof=1)
            train, held = (train - middle) / spread, (held - middle) / spread
            shares = np.array([(y[fold != k] == c).mean() for c in range(3)])
            hot = (y[fold != k][:, None] == np.arange(3)) - shares
            penalty = PENALTY * np.linalg.svd(train)[1][0] ** 2
            w = np.linalg.solve(train.T @ train + penalty * np.eye(6), train.T @ hot)
            said[fold == k] = (held @ w / shares).argmax(1)
        assert np.isclose(found, np.mean([(said[y == c] == c).mean() for c in range(3)]))


def test_a_cue_that_names_the_class_stands_out_of_many_that_do_not():
    rng = np.random.default_rng(1)
    labels = rng.integers(0, 2, 80)
    cues = [rng.standard_normal((80, 5)) for _ in range(8)]
    cues[3][:, 0] += 1.5 * labels
    found = named_by(cues, list("abcdefgh"), labels)
    assert [one.p <= 0.05 for one in found] == [k == 3 for k in range(8)]
    assert abs(found[0].null - 0.5) < 0.03


def test_a_cue_that_never_varies_is_at_chance():
    assert named_by([np.ones((20, 2))], ["a"], np.arange(20) % 2)[0].right == 0.5


def test_false_alarms_keep_to_their_level():
    """Forty sets of noise: one or two at p <= .05, seldom more than six."""
    alarms = 0
    for seed in range(40):
        rng = np.random.default_rng(100 + seed)
        cues = [rng.standard_normal((24, 2)) for _ in range(4)]
        found = named_by(cues, list("abcd"), rng.permutation(np.arange(24) % 2), shuffles=39)
        alarms += min(one.p for one in found) <= 0.05
    assert alarms <= 6
