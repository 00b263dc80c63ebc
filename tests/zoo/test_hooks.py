"""Layers by hooks: what passes through is what is caught; nothing stays behind."""

import pytest
import torch
import torch.nn.functional as F

from plantedu.errors import PlantEduError
from plantedu.models.encoders import make_encoder
from plantedu.zoo.encoders import LoadedEncoder
from plantedu.zoo.hooks import layer_features, layer_names


@pytest.fixture
def one():
    encoder = make_encoder("res2next_tiny", seed=0).eval()
    return LoadedEncoder(
        name="tiny", encoder=encoder, projector=torch.nn.Linear(encoder.dim, 5), side=24
    )


@pytest.fixture
def images():
    return torch.rand(5, 3, 24, 24, generator=torch.Generator().manual_seed(0))


def test_layers_are_those_of_the_network(one):
    assert layer_names(one) == ("pixels", "stem", "layer1", "layer2", "layer3", "h", "z")


def test_each_layer_is_what_the_network_computes(one, images):
    found = layer_features(one, images, layer_names(one), batch=2)
    body = one.encoder.body
    with torch.no_grad():
        x = one.encoder.normalised(images)
        stem = body.act1(body.bn1(body.conv1(x)))
        layer2 = body.layer2(body.layer1(body.maxpool(stem)))
        h = one.encoder(images)
        z = F.normalize(one.projector(h), dim=1)
    pooled = {"stem": stem.mean((2, 3)), "layer2": layer2.mean((2, 3)), "h": h, "z": z}
    for layer, wanted in pooled.items():
        assert torch.allclose(found[layer], wanted, atol=1e-5), layer
    assert found["pixels"].shape == (5, 192)
    assert torch.allclose(found["pixels"].mean(1), images.mean((1, 2, 3)), atol=1e-5)


def test_hooks_are_taken_off(one, images):
    layer_features(one, images, ("h",))
    assert not any(module._forward_hooks for module in one.encoder.modules())


def test_tokens_of_places_are_averaged_and_the_class_token_is_none():
    encoder = make_encoder("vit_tiny_patch16_224", seed=0).eval()
    vit, images = LoadedEncoder(name="vit", encoder=encoder, side=224), torch.rand(1, 3, 224, 224)
    found = layer_features(vit, images, ("blocks.3",))
    body = encoder.body
    with torch.no_grad():
        tokens = body.patch_embed(encoder.normalised(images))
        tokens = body.norm_pre(body.patch_drop(body._pos_embed(tokens)))
        tokens = body.blocks[:4](tokens)
    assert torch.allclose(found["blocks.3"], tokens[:, 1:].mean(1), atol=1e-5)


def test_channels_that_come_last_are_not_taken_for_places():
    """Swin keeps "batch height width channels"; averaged over the wrong axes it had 7 columns."""
    encoder = make_encoder("swin_tiny_patch4_window7_224", seed=0).eval()
    swin, images = LoadedEncoder(name="swin", encoder=encoder, side=224), torch.rand(1, 3, 224, 224)
    found = layer_features(swin, images, ("layers.1", "layers.2", "h"))
    assert {layer: h.shape[1] for layer, h in found.items()} == {
        "layers.1": 192,
        "layers.2": 384,
        "h": 768,
    }
    assert torch.allclose(encoder.maps(images).mean((2, 3)), found["h"], atol=1e-4)


def test_a_layer_that_is_not_there_lists_those_that_are(one, images):
    with pytest.raises(PlantEduError, match=r"no layer 'layer9'. It has: pixels, stem, layer1"):
        layer_features(one, images, ("layer9",))
