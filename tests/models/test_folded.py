"""A folded copy reads what the encoder reads; where folding would not, there is none."""

import pytest
import torch
from torch import nn

from plantedu.models.encoders import Encoder, make_encoder
from plantedu.models.folded import folded


def used(name):
    """An encoder whose norms have seen pictures, so that folding has something to do."""
    encoder = make_encoder(name, seed=0).train()
    with torch.no_grad():
        for k in range(3):
            encoder(torch.rand(8, 3, 40, 40, generator=torch.Generator().manual_seed(k)))
        for part in encoder.modules():
            if isinstance(part, nn.BatchNorm2d):
                part.weight.uniform_(0.5, 1.5)
                part.bias.uniform_(-0.5, 0.5)
    return encoder


@pytest.mark.parametrize("name", ["res2next_tiny", "res2next_small"])
def test_reads_the_encoders_own_features(name):
    encoder, images = used(name), torch.rand(6, 3, 40, 40)
    copy = folded(encoder, images[:2])
    assert copy is not None
    assert encoder.training, "the encoder's mode was changed"
    assert not any(isinstance(part, nn.BatchNorm2d) for part in copy.body.modules())
    with torch.no_grad():
        expected = encoder.eval()(images)
    torch.testing.assert_close(
        copy.read(encoder.normalised(images), batch=4), expected, rtol=1e-4, atol=1e-5
    )


def test_takes_in_the_weights_of_a_later_step():
    encoder, images = used("res2next_tiny"), torch.rand(4, 3, 40, 40)
    copy = folded(encoder, images)
    assert copy is not None
    before = {name: value.clone() for name, value in encoder.state_dict().items()}
    stale = copy.read(encoder.normalised(images))
    with torch.no_grad():
        for weight in encoder.parameters():
            weight.add_(0.02 * torch.randn(weight.shape))
    changed = {name: value.clone() for name, value in encoder.state_dict().items()}
    copy.take(encoder)
    with torch.no_grad():
        expected = encoder.eval()(images)
    found = copy.read(encoder.normalised(images))
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-5)
    assert not torch.allclose(found, stale)
    assert all(torch.equal(v, changed[k]) for k, v in encoder.state_dict().items())
    assert any(not torch.equal(v, changed[k]) for k, v in before.items())


class Twice(nn.Module):
    """A convolution whose output goes two ways, so that folding would change the other one."""

    default_cfg = {"mean": (0.5, 0.5, 0.5), "std": (0.2, 0.2, 0.2)}  # noqa: RUF012
    num_features = 8

    def __init__(self):
        super().__init__()
        self.conv, self.norm = nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8)
        self.norm.running_mean.fill_(0.7)

    def forward(self, images):
        made = self.conv(images)
        return (self.norm(made) + made.square()).mean((2, 3))


def test_there_is_no_copy_where_folding_would_change_the_features():
    assert folded(Encoder(Twice(), "twice"), torch.rand(4, 3, 16, 16)) is None


def test_there_is_no_copy_of_what_has_no_norms_or_is_no_encoder():
    images = torch.rand(2, 3, 16, 16)
    assert folded(nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8)), images) is None
    encoder = make_encoder("res2next_tiny", seed=0)
    for name, part in encoder.body.named_modules():
        if isinstance(part, nn.BatchNorm2d):
            parent, _, leaf = name.rpartition(".")
            encoder.body.get_submodule(parent)._modules[leaf] = nn.Identity()
    assert folded(encoder, torch.rand(2, 3, 40, 40)) is None
