"""Any network as a reader: layers, pooling, and a sentence for what it cannot be."""

import pytest
import timm
import torch
from torch import Tensor, nn

from plantedu.errors import PlantEduError
from plantedu.zoo.foreign_network import Reader, inputs_of

ZERO, ONE = (0.0, 0.0, 0.0), (1.0, 1.0, 1.0)


class Plain(nn.Module):
    """A network without a configuration: maps, a tuple, a head."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3, padding=1)
        self.both = Split()
        self.fc = nn.Linear(8, 4)

    def forward(self, x: Tensor) -> Tensor:
        _, h = self.both(self.conv(x))
        return self.fc(h)


class Split(nn.Module):
    def forward(self, maps: Tensor) -> tuple[Tensor, Tensor]:
        return maps, maps.mean((2, 3))


def reader(network, layer="h", side=32):
    return Reader(network.eval(), layer=layer, side=side, mean=ZERO, std=ONE)


def test_h_is_what_the_last_linear_layer_reads():
    network, x = Plain(), torch.rand(5, 3, 32, 32)
    one = reader(network)
    h = one(x)
    assert torch.equal(h, network.conv(x).mean((2, 3)))
    assert torch.equal(one.logits(x), network.fc(h))
    assert one.has_head
    network.fc = nn.Identity()  # an encoder: its answer is h, and it has no head
    assert torch.equal(reader(network)(x), h)
    assert not reader(network).has_head


def test_pictures_are_normalised_inside():
    network, x = Plain().eval(), torch.rand(3, 3, 32, 32)
    one = Reader(network, layer="conv", side=32, mean=(0.1, 0.2, 0.3), std=(0.5, 0.4, 0.3))
    seen = (x - torch.tensor([0.1, 0.2, 0.3]).view(3, 1, 1)) / torch.tensor([0.5, 0.4, 0.3]).view(
        3, 1, 1
    )
    assert torch.allclose(one(x), network.conv(seen).mean((2, 3)), atol=1e-6)


def test_tokens_are_averaged_over_places_without_the_class_token():
    network = timm.create_model("vit_tiny_patch16_224", img_size=32, num_classes=2).eval()
    x, kept = torch.rand(2, 3, 32, 32), []
    network.blocks[3].register_forward_hook(lambda _, given, out: kept.append(out))
    found = reader(network, "blocks.3")(x)
    assert torch.allclose(found, kept[-1][:, 1:].mean(1))
    h = network.forward_head(network.forward_features(x), pre_logits=True)
    assert torch.equal(reader(network)(x), h)


def test_channels_that_come_last_are_pooled_over_places():
    network = timm.create_model("swin_tiny_patch4_window7_224", img_size=64, num_classes=0).eval()
    kept: list[Tensor] = []
    network.layers[1].register_forward_hook(lambda _, given, out: kept.append(out))
    found = reader(network, "layers.1", side=64)(torch.rand(2, 3, 64, 64))
    assert found.shape == (2, kept[-1].shape[-1])
    assert torch.allclose(found, kept[-1].mean((1, 2)), atol=1e-6)


class Two(nn.Module):
    def forward(self, x1: Tensor, x2: Tensor) -> Tensor:
        return torch.cat([x1.mean((2, 3)), x2.mean((2, 3))], 1)


class Three(nn.Module):
    def forward(self, x1: Tensor, x2: Tensor, mask: Tensor) -> Tensor:
        return x1


def test_networks_of_two_pictures_are_read_and_of_three_refused():
    a, b = torch.rand(2, 2, 3, 32, 32)
    assert reader(Two())(a, b).shape == (2, 6)
    assert inputs_of(Two()) == 2
    with pytest.raises(PlantEduError, match="wants 3 inputs"):
        inputs_of(Three())


@pytest.mark.parametrize(
    ("layer", "side", "said"),
    [
        ("both", 32, "a tuple of 2 parts"),
        ("convv", 32, "Did you mean conv"),
        ("input:nothing", 32, "no layer 'nothing'"),
    ],
)
def test_a_layer_that_cannot_be_read_is_a_sentence(layer, side, said):
    with pytest.raises(PlantEduError, match=said):
        reader(Plain(), layer, side)


def test_a_size_that_a_network_cannot_take_is_a_sentence():
    network = timm.create_model("vit_tiny_patch16_224", img_size=32, num_classes=2)
    with pytest.raises(PlantEduError, match="48 x 48"):
        reader(network, side=48)
