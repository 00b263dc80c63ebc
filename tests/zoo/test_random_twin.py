"""The control of any network: same shapes, other weights, batch norms settled, own state kept."""

import timm
import torch
from torch import nn

from plantedu.zoo.random_twin import random_twin


def test_a_timm_network_starts_as_timm_starts_it():
    network = timm.create_model("vit_tiny_patch16_224", img_size=32, num_classes=3).eval()
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.fill_(0.3)
    x = torch.rand(8, 3, 32, 32)
    before = torch.get_rng_state()
    twin = random_twin(network, seed=1, pictures=(x,))
    assert torch.equal(before, torch.get_rng_state())
    assert all(torch.equal(p, torch.full_like(p, 0.3)) for p in network.parameters())
    assert 0.01 < float(twin.blocks[0].attn.qkv.weight.std()) < 0.2
    same = random_twin(network, seed=1, pictures=(x,))
    assert torch.equal(same(x), twin(x))
    assert not torch.equal(random_twin(network, seed=2, pictures=(x,))(x), twin(x))


class Odd(nn.Module):
    """A module with a parameter that nobody resets, and a batch norm."""

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.norm = nn.Conv2d(3, 64, 1), nn.BatchNorm2d(64)
        self.token = nn.Parameter(torch.arange(64.0))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.norm(self.conv(x)).mean((2, 3)) + self.token


def test_any_other_module_starts_again_and_is_settled():
    network, x = Odd().eval(), torch.rand(32, 3, 8, 8)
    twin = random_twin(network, seed=0, pictures=(x,))
    assert not torch.equal(twin.conv.weight, network.conv.weight)
    assert not torch.equal(twin.token, network.token)
    assert torch.equal(twin.token.sort().values, network.token)
    maps = twin.norm(twin.conv(x))
    assert float(maps.mean((0, 2, 3)).abs().max()) < 1e-3
    assert float((maps.std((0, 2, 3)) - 1).abs().max()) < 0.02
