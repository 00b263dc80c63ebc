"""A head is a softmax regression, folded into a classifier."""

import torch
from torch import nn

from plantedu.models.encoders import make_encoder
from plantedu.training.classifier.linear_head import fit_head, fit_softmax, sensor_features
from plantedu.training.linear_probe import standardised
from plantedu.training.seeding import generator_for


def test_the_regression_is_the_minimum_that_autograd_finds_in_float64():
    """Slow twin: L-BFGS on cross-entropy plus the penalty, on the four fifths that are seen."""
    generator = generator_for(1, "features")
    features = torch.randn(60, 6, generator=generator)
    labels = (features[:, 0] > 0).long() + (features[:, 1] > 0.5).long()
    features = nn.functional.pad(features, (0, 1), value=1.0)
    fast = fit_softmax(features, labels, classes=3, generator=generator_for(3, "probe"), steps=300)
    generator = generator_for(3, "probe")
    torch.randn(7, 1, 3, generator=generator)
    seen = (torch.rand(60, 1, generator=generator).argsort(0) < 48)[:, 0]
    weights = torch.zeros(7, 3, dtype=torch.float64, requires_grad=True)
    search = torch.optim.LBFGS([weights], max_iter=500, tolerance_grad=1e-10)

    def loss():
        search.zero_grad()
        total = nn.functional.cross_entropy(features.double()[seen] @ weights, labels[seen])
        total = total + 0.5 * 0.3 * weights.square().sum()
        total.backward()
        return total

    search.step(loss)
    torch.testing.assert_close(fast.double(), weights.detach(), atol=1e-4, rtol=1e-3)


def test_a_head_answers_as_the_regression_does():
    encoder = make_encoder("res2next_tiny", seed=0)
    generator = torch.Generator().manual_seed(0)
    views = torch.rand(2, 24, 3, 16, 16, generator=generator)
    labels = torch.arange(24) % 3
    features = sensor_features(encoder, views)
    model = fit_head(encoder, features, labels, classes=3, sensors="both", seed=4)
    h = torch.cat(features, 1)
    scaled, same = standardised(h, h)
    generator = generator_for(4, "head both")
    weights = fit_softmax(scaled, labels, classes=3, generator=generator)
    with torch.no_grad():
        torch.testing.assert_close(model(views), same @ weights, atol=2e-3, rtol=2e-3)
    assert model.frozen
    assert not model.training


def test_one_sensor_reads_its_own_features():
    encoder = make_encoder("res2next_tiny", seed=0)
    views = torch.rand(2, 9, 3, 16, 16, generator=torch.Generator().manual_seed(0))
    features = sensor_features(encoder, views)
    model = fit_head(encoder, features, torch.arange(9) % 3, classes=3, sensors="rgn", seed=0)
    with torch.no_grad():
        assert model(views[1:]).shape == (9, 3)
        assert model.head[0].running_mean.allclose(features[1].mean(0))
