"""Softened labels, blended images, turned views."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from plantedu.errors import PlantEduError
from plantedu.training.classifier.regularisation import TURNS, mixed, smoothed, turned


def test_smoothed_labels_give_torchs_own_loss():
    logits, labels = torch.randn(5, 4), torch.tensor([0, 1, 2, 3, 3])
    mine = F.cross_entropy(logits, smoothed(labels, 4, 0.2))
    torch.testing.assert_close(mine, F.cross_entropy(logits, labels, label_smoothing=0.2))
    assert torch.equal(smoothed(labels, 4, 0.0), F.one_hot(labels, 4).float())


def test_mixed_rows_are_known_blends_with_their_views_and_targets_alike():
    views = torch.rand(2, 6, 3, 4, 4)
    targets = F.one_hot(torch.arange(6), 6).float()
    blended, soft = mixed(views, targets, alpha=1.0, generator=np.random.default_rng(3))
    torch.testing.assert_close(soft.sum(1), torch.ones(6))
    for row in range(6):  # one-hot targets say who was blended with whom, and how much
        wanted = torch.einsum("j,vjchw->vchw", soft[row], views)
        torch.testing.assert_close(blended[:, row], wanted)
    assert float(soft.max()) < 1


def test_no_mixup_changes_nothing():
    views, targets = torch.rand(1, 3, 3, 2, 2), torch.eye(3)
    blended, soft = mixed(views, targets, alpha=0.0, generator=np.random.default_rng(0))
    assert blended is views
    assert soft is targets


def test_turns_are_the_eight_of_a_square_and_the_first_does_nothing():
    image = torch.arange(9.0).view(1, 3, 3)
    found = [turned(image, k) for k in range(TURNS)]
    assert torch.equal(found[0], image)
    assert len({tuple(x.flatten().tolist()) for x in found}) == TURNS
    for x in found:
        assert float(x[0, 1, 1]) == 4.0
        corners = {float(x[0, i, j]) for i in (0, 2) for j in (0, 2)}
        assert corners == {0.0, 2.0, 6.0, 8.0}


def test_too_much_smoothing_is_refused():
    with pytest.raises(PlantEduError, match="label_smoothing"):
        smoothed(torch.tensor([0]), 2, 1.0)
