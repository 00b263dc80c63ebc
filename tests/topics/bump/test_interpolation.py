"""Between two networks: ends are ends, statistics are measured, twins compute the same."""

import pytest
import torch

from plantedu.data.crops import CropBatch
from plantedu.errors import PlantEduError
from plantedu.models.encoders import make_encoder
from plantedu.models.swav import SwAV
from plantedu.topics.bump.interpolation import between, permuted_twin, recalibrate


def network(seed, prototypes=8):
    encoder = make_encoder("res2next_tiny", seed=seed)
    return SwAV(
        encoder, pairing="cross", prototypes=prototypes, projection_dim=8, hidden_dim=12, seed=seed
    ).eval()


def crops(seed, batch=6):
    draws = torch.rand(2, batch, 3, 16, 16, generator=torch.Generator().manual_seed(seed))
    return CropBatch(draws, (1, 2))


@torch.no_grad()
def test_ends_are_the_networks_and_the_middle_is_the_mean():
    one, other = network(0), network(1)
    recalibrate(one, [crops(0)]), recalibrate(other, [crops(1)])
    for alpha, end in ((0.0, one), (1.0, other)):
        assert torch.equal(between(one, other, alpha).embed(crops(2)), end.embed(crops(2)))
    middle = between(one, other, 0.5).state_dict()
    for name, value in middle.items():
        if "running" in name or "weight" in name:
            wanted = (one.state_dict()[name] + other.state_dict()[name]) / 2
            assert torch.allclose(value, wanted, atol=1e-6)


@torch.no_grad()
def test_statistics_are_the_mean_over_batches():
    """Slow twin for the first norm: means of what the first convolution gives."""
    objective = network(0)
    recalibrate(objective, [crops(0), crops(1)])
    body = objective.encoder.body
    seen = [body.conv1(objective.encoder.normalised(crops(k).large.flatten(0, 1))) for k in (0, 1)]
    mean = torch.stack([x.mean((0, 2, 3)) for x in seen]).mean(0)
    assert torch.allclose(body.bn1.running_mean, mean, atol=1e-5)
    var = torch.stack([x.var((0, 2, 3)) for x in seen]).mean(0)
    assert torch.allclose(body.bn1.running_var, var, atol=1e-5)
    assert body.bn1.momentum == 0.1
    assert not objective.training


@torch.no_grad()
def test_a_twin_has_other_weights_and_the_same_function():
    one = network(0)
    recalibrate(one, [crops(0)])
    twin = permuted_twin(one, generator=torch.Generator().manual_seed(0))
    assert torch.allclose(one.embed(crops(1)), twin.embed(crops(1)), atol=1e-6)
    assert not torch.equal(one.projector[0].weight, twin.projector[0].weight)
    middle = between(one, twin, 0.5)
    assert not torch.allclose(one.embed(crops(1)), middle.embed(crops(1)), atol=1e-2)


def test_two_architectures_have_no_line():
    with pytest.raises(PlantEduError, match="two architectures"):
        between(network(0), network(0, prototypes=9), 0.5)
