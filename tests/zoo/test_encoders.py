"""Encoders by their words: what ships, a file, random weights; what is none is said."""

import numpy as np
import pytest
import torch

from plantedu.errors import PlantEduError
from plantedu.models.encoders import make_encoder
from plantedu.training.checkpoints import save_checkpoint
from plantedu.zoo.encoders import as_pictures, conditioning_encoder, load_encoder, read_encoder


def test_what_ships_opens_whatever_trained_it():
    pair, labels = load_encoder("cross-0"), load_encoder("shipped:supervised_rgb-0")
    assert (pair.step, pair.side, pair.data, pair.pairs) == (1200, 40, "field", 4096)
    assert pair.projector is not None
    assert labels.projector is None
    assert labels.side == 64
    assert not pair.encoder.training


def test_random_weights_follow_their_seed():
    one, same, other = (load_encoder(f"random:{seed}") for seed in (3, 3, 4))
    weights = [next(one.encoder.parameters()) for one in (one, same, other)]
    assert torch.equal(weights[0], weights[1])
    assert not torch.equal(weights[0], weights[2])
    assert (one.data, one.pairs, one.step) == ("", 0, 0)
    assert one.encoder.body.bn1.running_var.ne(1).any()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("cross-9", "No checkpoint 'cross-9' ships.*cross-"),
        ("random:many", "takes a whole number"),
        ("scratch:", "start must be"),
        ("file:/nowhere.safetensors", "no such file"),
        ("run:1a2b@last", "1a2b"),
    ],
)
def test_words_that_name_none_are_said(words, said):
    with pytest.raises(PlantEduError, match=said):
        load_encoder(words)


def test_a_file_without_a_recipe_is_said(tmp_path):
    path = tmp_path / "bare.safetensors"
    save_checkpoint(path, {"w": torch.zeros(2)}, {})
    with pytest.raises(PlantEduError, match=r"bare.safetensors holds no recipe"):
        read_encoder(path, "bare")


@pytest.fixture(scope="module")
def cross():
    return load_encoder("cross-0")


def test_bytes_and_floats_of_one_picture_say_the_same(cross):
    picture = np.random.default_rng(0).integers(256, size=(3, 3, 48, 48), dtype=np.uint8)
    h = cross.h(picture)
    torch.testing.assert_close(h, cross.h(torch.from_numpy(picture) / 255))
    assert h.shape == (3, cross.width("h"))
    z = cross.z(picture)
    torch.testing.assert_close(z.norm(dim=1), torch.ones(3))
    assert z.shape[1] == cross.width("z")


def test_h_is_what_the_backbone_alone_says(cross):
    picture = torch.rand(2, 3, cross.side, cross.side)
    with torch.no_grad():
        torch.testing.assert_close(cross.h(picture), cross.encoder(picture))


def test_random_is_the_control_and_a_denoisers_encoder_is_what_it_was_trained_with():
    control, trained_with = load_encoder("random-cross-0"), conditioning_encoder("random-cross-0")
    for one, seed in ((control, 1001), (trained_with, 0)):
        own = make_encoder("res2next_tiny", seed=seed)
        assert torch.equal(next(one.encoder.parameters()), next(own.parameters()))
    assert control.encoder.body.bn1.running_var.ne(1).any()
    assert trained_with.encoder.body.bn1.running_var.eq(1).all()
    assert (control.data, control.pairs) == ("", 0)


def test_encoders_know_their_plants(cross):
    assert (cross.data, cross.world_seed, cross.pairs) == ("field", 0, 4096)
    tuned = load_encoder("supervised_rgb-0")
    assert (tuned.data, tuned.pairs) == ("field", 4096)


def test_a_classifier_has_no_projector():
    supervised = load_encoder("supervised_rgb-0")
    assert supervised.sensors == ("rgb",)
    with pytest.raises(PlantEduError, match="without a projector"):
        supervised.z(torch.zeros(1, 3, 32, 32))


@pytest.mark.parametrize(
    ("pictures", "said"),
    [
        (torch.zeros(1, 6, 8, 8), "one sensor"),
        (torch.full((1, 3, 8, 8), float("nan")), "NaN"),
        (torch.full((1, 3, 8, 8), 2.0), "in \\[0, 1\\]"),
    ],
)
def test_pictures_that_are_none_are_refused(pictures, said):
    with pytest.raises(PlantEduError, match=said):
        as_pictures(pictures)


def test_an_encoder_that_does_not_ship_is_named_with_those_that_do():
    with pytest.raises(PlantEduError, match=r"No checkpoint 'crossed'.*cross-"):
        load_encoder("crossed")
