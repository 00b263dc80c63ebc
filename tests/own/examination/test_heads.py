"""Heads: folds are even, no picture is judged by a reader that has seen it, own heads are found."""

import numpy as np
import pytest
import torch

from plantedu.errors import PlantEduError
from plantedu.own.examination.heads import fit_linear_head, folds_of, linear_head, own_head


class Means:
    """A network whose features are the mean colours."""

    def __init__(self, outputs=0):
        self.outputs = outputs

    def features(self, pictures):
        return torch.from_numpy(pictures).float().mean((2, 3))

    def logits(self, pictures):
        return self.features(pictures)[:, : self.outputs] if self.outputs else None


def test_folds_deal_each_class_evenly():
    labels = np.array([0] * 10 + [1] * 15)
    fold = folds_of(labels)
    assert {tuple(np.bincount(fold[labels == k])) for k in (0, 1)} == {(2,) * 5, (3,) * 5}


def test_bad_labels_are_refused():
    with pytest.raises(PlantEduError, match="one class"):
        folds_of(np.zeros(10, int))
    with pytest.raises(PlantEduError, match="needs 4"):
        folds_of(np.array([0] * 10 + [1] * 3))


def test_a_reader_has_not_seen_its_pictures():
    rng = np.random.default_rng(0)
    h, labels = torch.from_numpy(rng.standard_normal((40, 60))), rng.integers(0, 2, 40)
    fold = folds_of(labels)
    said = fit_linear_head(h, labels, 2, fold).scores(h.numpy(), np.arange(40)).argmax(1)
    moved = h.clone()
    moved[fold == 0] += 5 * torch.from_numpy(rng.standard_normal((int((fold == 0).sum()), 60)))
    again = fit_linear_head(moved, labels, 2, fold)
    one = fit_linear_head(h, labels, 2, fold)
    assert np.allclose(again.weights[0], one.weights[0])
    assert not np.allclose(again.weights[1], one.weights[1])
    assert (said == labels).mean() < 0.8  # 60 features of noise fit 32 pictures perfectly


def test_a_linear_head_names_colours():
    x = np.zeros((20, 3, 8, 8), np.uint8)
    labels = np.arange(20) % 2
    x[:, 0] = (80 + 60 * labels + np.arange(20))[:, None, None]
    head = linear_head(Means(), Means().features(x), labels, 2)
    assert (head(x, np.arange(20)) == labels).all()


def test_an_own_head_has_one_number_a_class():
    assert own_head(Means(), 2) is None
    assert own_head(Means(3), 2) is None
    head = own_head(Means(2), 2)
    assert head is not None
    assert head.name == "the network's own head"
