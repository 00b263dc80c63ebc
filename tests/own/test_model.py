"""A model of one's own: pictures in, features out, its control, and what it refuses."""

import numpy as np
import pytest
import timm
import torch
from torch import nn

from plantedu.errors import PlantEduError
from plantedu.own.images import Images
from plantedu.own.model import model

PICTURES = np.random.default_rng(0).integers(0, 256, (6, 3, 40, 40), dtype=np.uint8)


def resnet(**words):
    torch.manual_seed(0)
    return timm.create_model("resnet18", num_classes=3, **words)


@pytest.fixture(scope="module")
def me():
    return model(resnet(), size=32)


def test_every_form_of_picture_says_the_same(me):
    found = me.features(PICTURES)
    assert found.shape == (6, 512)
    floats = torch.from_numpy(PICTURES).float() / 255
    for other in (PICTURES.transpose(0, 2, 3, 1), floats, floats.numpy(), floats.movedim(1, 3)):
        assert torch.allclose(me.features(other), found, atol=1e-5)
    assert torch.allclose(me.features(PICTURES, batch=4), found, atol=1e-5)
    whole = Images(pictures=PICTURES, names=tuple("abcdef"))
    assert torch.allclose(me.features(whole[2:4]), found[2:4], atol=1e-5)


def test_logits_are_the_networks_own(me):
    network, x = resnet().eval(), torch.rand(4, 3, 32, 32)
    mean, std = (torch.tensor(v).view(3, 1, 1) for v in (me.mean, me.std))
    with torch.no_grad():
        wanted = network((x - mean) / std)
    assert torch.allclose(me.logits(x), wanted, atol=1e-4)
    assert model(timm.create_model("resnet18", num_classes=0), size=32).logits(x) is None


def test_slopes_reach_the_pictures(me):
    x = torch.rand(2, 3, 32, 32, requires_grad=True)
    (slope,) = torch.autograd.grad(me.differentiable(x).sum(), x)
    assert float(slope.abs().max()) > 0


def test_the_users_network_stays_as_it_was():
    network = resnet().train()
    before = {k: v.clone() for k, v in network.state_dict().items()}
    one = model(network, layer=network.layer2, mean=0.5, std=0.25, size=32)
    one.features(PICTURES)
    assert one.layer == "layer2"
    assert (one.mean, one.std) == ((0.5,) * 3, (0.25,) * 3)
    assert network.training
    assert all(torch.equal(v, before[k]) for k, v in network.state_dict().items())
    assert all(p.requires_grad for p in network.parameters())


def test_its_control_is_another_network_of_the_same_kind(me):
    twin = me.random_twin(seed=3, pictures=PICTURES)
    assert twin.name == "random resnet18"
    assert twin.features(PICTURES).shape == (6, 512)
    assert not torch.equal(twin.features(PICTURES), me.features(PICTURES))
    again = me.random_twin(seed=3, pictures=PICTURES)
    assert torch.equal(again.features(PICTURES), twin.features(PICTURES))


def test_the_course_own_and_its_own_control():
    one = model("cross-0")
    assert (one.side, one.dim, one.has_head) == (40, 512, False)
    assert one.random_twin().dim == 512
    two = model("supervised_both-0")
    assert two.logits(np.stack([PICTURES, PICTURES])).shape == (6, 3)
    with pytest.raises(PlantEduError, match="takes two pictures"):
        two.features(Images(pictures=PICTURES, names=tuple("abcdef"), origin="these"))


class Broken(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(3, 2)
        nn.init.constant_(self.fc.weight, float("nan"))

    def forward(self, x):
        return self.fc(x.mean((2, 3)))


class Grey(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 2, 3)

    def forward(self, x):
        return self.conv(x)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: model(Broken(), size=32), "not finite"),
        (lambda: model(Grey(), size=32), "cannot take 1 colour picture"),
        (lambda: model(resnet(), size=4), "size is 8 to 1024"),
        (lambda: model(resnet(), std=0.0), "std must be above 0"),
        (lambda: model(resnet(), mean=(1, 2)), "one number or three"),
        (lambda: model(resnet(), layer="layer9", size=32), "Did you mean layer"),
        (lambda: model(3), "words or an nn.Module"),
        (lambda: model("timm:vit_tiny_patch16_224", size=100), "100 x 100"),
    ],
)
def test_what_cannot_be_a_model_is_a_sentence(make, said):
    with pytest.raises(PlantEduError, match=said):
        make()


@pytest.mark.parametrize(
    ("pictures", "said"),
    [
        (np.zeros((3, 40, 40), np.uint8), "got \\(3, 40, 40\\)"),
        (np.full((2, 3, 32, 32), 200.0), "before any normalisation"),
        (np.zeros((0, 3, 32, 32), np.uint8), "no picture"),
        (np.zeros((2, 4, 32, 32), np.uint8), "Pictures of 1 camera"),
    ],
)
def test_what_are_no_pictures_is_a_sentence(me, pictures, said):
    with pytest.raises(PlantEduError, match=said):
        me.features(pictures)
