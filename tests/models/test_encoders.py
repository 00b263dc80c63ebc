"""Encoders: one contract for the family, and a sentence for what is not in it."""

import pytest
import timm
import torch

from plantedu.errors import PlantEduError
from plantedu.models.encoders import ENCODERS, FAMILY, make_encoder


def images(count=2, side=24, seed=0):
    return torch.rand(count, 3, side, side, generator=torch.Generator().manual_seed(seed))


@pytest.fixture(scope="module", params=[*ENCODERS, "mobilenetv3_small_050"])
def encoder(request):
    return make_encoder(request.param, seed=1)


def test_gives_one_finite_vector_an_image(encoder):
    h = encoder(images())
    assert h.shape == (2, encoder.dim)
    assert torch.isfinite(h).all()
    assert h.std() > 0


def test_gradient_reaches_the_first_layer(encoder):
    encoder.zero_grad()
    encoder(images()).square().sum().backward()
    first = next(p for p in encoder.parameters() if p.ndim == 4)
    assert first.grad.abs().sum() > 0


def test_pooled_maps_are_the_features():
    encoder = make_encoder("res2next_tiny", seed=1).eval()
    with torch.no_grad():
        maps, h = encoder.maps(images(side=64)), encoder(images(side=64))
    assert maps.shape == (2, encoder.dim, 2, 2)
    torch.testing.assert_close(maps.mean((2, 3)), h, rtol=1e-4, atol=1e-5)


def test_save_and_load_agree():
    encoder, copy = (make_encoder("res2next_tiny", seed=seed).eval() for seed in (1, 2))
    copy.load_state_dict(encoder.state_dict())
    with torch.no_grad():
        assert torch.equal(copy(images()), encoder(images()))


def test_is_a_plain_timm_network_that_normalises_for_itself():
    encoder = make_encoder("res2next_tiny", seed=0).eval()
    plain = timm.create_model(
        "res2next50", num_classes=0, layers=(1, 1, 1, 1), channels=(16, 32, 64, 128)
    ).eval()
    plain.load_state_dict(encoder.body.state_dict())
    mean, std = (torch.tensor(plain.default_cfg[k]).view(3, 1, 1) for k in ("mean", "std"))
    with torch.no_grad():
        torch.testing.assert_close(encoder(images()), plain((images() - mean) / std))


def test_the_seed_alone_decides_the_weights_and_global_randomness_is_left_alone():
    torch.manual_seed(7)
    expected = torch.rand(3)
    torch.manual_seed(7)
    weights = [make_encoder("res2next_tiny", seed=s).body.conv1.weight for s in (3, 3, 4)]
    assert torch.equal(torch.rand(3), expected)
    assert torch.equal(weights[0], weights[1])
    assert not torch.equal(weights[0], weights[2])


def test_the_course_encoders_grow():
    with torch.device("meta"):
        bodies = [timm.create_model("res2next50", num_classes=0, **FAMILY[n]) for n in ENCODERS]
    sizes = [sum(p.numel() for p in body.parameters()) for body in bodies]
    assert 0.4e6 < sizes[0] < 0.5e6
    assert 2 < sizes[1] / sizes[0] < 4
    assert sizes[2] > 20e6


@pytest.mark.parametrize("name", ["res2next_tyny", "restnet50", "hf_hub:someone/thing", ""])
def test_an_unknown_name_is_answered_with_close_ones(name):
    with pytest.raises(PlantEduError, match="No encoder is called") as caught:
        make_encoder(name, seed=0)
    assert "res2next_tiny" in str(caught.value)


def test_close_matches_name_timm_networks_too():
    with pytest.raises(PlantEduError, match=r"Did you mean .*resnet50"):
        make_encoder("restnet50", seed=0)


def test_a_side_that_cannot_pass_is_refused_before_training():
    with pytest.raises(PlantEduError, match="cannot take images of 40 x 40 pixels"):
        make_encoder("vit_tiny_patch16_224", seed=0, side=40)
    assert make_encoder("res2next_tiny", seed=0, side=24).training
