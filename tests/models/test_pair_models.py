"""What is attacked answers as the networks in it do, and asks for no slopes of its weights."""

import pytest
import torch
import torch.nn.functional as F

from plantedu.models.classifier import PairClassifier
from plantedu.models.encoders import make_encoder
from plantedu.models.pair_models import Embedder, LateFusion, Namer, Watched
from plantedu.models.swav import SwAV


@pytest.fixture(scope="module")
def encoder():
    return make_encoder("res2next_tiny", seed=0).eval()


@pytest.fixture(scope="module")
def pictures():
    return torch.rand(2, 3, 3, 24, 24, generator=torch.Generator().manual_seed(0))


def small(views):
    flat = F.interpolate(views.flatten(0, 1), size=(16, 16), mode="bilinear", antialias=True)
    return flat.unflatten(0, views.shape[:2])


def classifier(encoder, sensors):
    return PairClassifier(encoder, classes=3, sensors=sensors, frozen_steps=1, seed=0).eval()


def test_a_namer_of_one_sensor_sees_that_sensor(encoder, pictures):
    model = Namer(classifier(encoder, "rgn"), side=16)
    wanted = classifier(encoder, "rgn")(small(pictures)[1:])
    torch.testing.assert_close(model(pictures), wanted)
    other = pictures.clone()
    other[0] = 0
    torch.testing.assert_close(model(other), wanted)


def test_late_fusion_is_the_mean_of_probabilities(encoder, pictures):
    parts = [classifier(encoder, sensors) for sensors in ("rgb", "rgn")]
    p = LateFusion(*parts, side=16)(pictures).exp()
    slow = [part(small(pictures)[k][None]).softmax(1) for k, part in enumerate(parts)]
    torch.testing.assert_close(p, (slow[0] + slow[1]) / 2)


def test_slopes_reach_the_pictures_and_no_weight(encoder, pictures):
    model = Namer(classifier(encoder, "both"), side=16)
    x = pictures.clone().requires_grad_()
    model(x).sum().backward()
    assert x.grad.abs().sum() > 0
    assert not any(w.requires_grad for w in model.parameters())


def test_embedder_and_watched_agree(encoder, pictures):
    objective = SwAV(encoder, prototypes=8, projection_dim=8, hidden_dim=16, seed=0).eval()
    z = Embedder(objective, side=16)(pictures)
    torch.testing.assert_close(z[:, 1], objective.project(small(pictures)[1]))
    assert Embedder(objective, side=16).prototypes.norm(dim=1).allclose(torch.ones(8))
    head = classifier(encoder, "both")
    answer = Watched(objective, head.head, side=16)(pictures)
    torch.testing.assert_close(answer[:, :-1], Namer(head, side=16)(pictures))
    torch.testing.assert_close(answer[:, -1], (z[:, 0] * z[:, 1]).sum(1))
