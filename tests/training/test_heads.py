"""A head is the linear reader itself, folded into a classifier."""

import torch

from plantedu.models.encoders import make_encoder
from plantedu.training.heads import fit_head, sensor_features
from plantedu.training.linear import Target, fit_linear, standardised
from plantedu.training.randomness import generator_for


def test_a_head_answers_as_the_linear_reader_does():
    encoder = make_encoder("res2next_tiny", seed=0)
    generator = torch.Generator().manual_seed(0)
    views = torch.rand(2, 24, 3, 16, 16, generator=generator)
    labels = torch.arange(24) % 3
    features = sensor_features(encoder, views)
    model = fit_head(encoder, features, labels, classes=3, sensors="both", seed=4)
    h = torch.cat(features, 1)
    scaled, same = standardised(h, h)
    target = Target("disease", "both", 3, labels, labels)
    weights = fit_linear(
        scaled, [target], wanted=[target.wanted], seeds=1, generator=generator_for(4, "head both")
    )
    with torch.no_grad():
        torch.testing.assert_close(model(views), same @ weights[:, 0], atol=2e-3, rtol=2e-3)
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
