"""Frozen encoders: the names that ship, their layers, and pictures of any kind."""

import numpy as np
import pytest
import torch

from plantedu.errors import PlantEduError
from plantedu.models.encoders import make_encoder
from plantedu.zoo.representations import as_pictures, open_encoder, open_teller


@pytest.fixture(scope="module")
def cross():
    return open_encoder("cross-0")


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


def test_random_is_the_control_and_a_denoisers_teller_is_what_it_was_trained_with():
    control, teller = open_encoder("random-cross-0"), open_teller("random-cross-0")
    for one, seed in ((control, 1001), (teller, 0)):
        own = make_encoder("res2next_tiny", seed=seed)
        assert torch.equal(next(one.encoder.parameters()), next(own.parameters()))
    assert control.encoder.body.bn1.running_var.ne(1).any()
    assert teller.encoder.body.bn1.running_var.eq(1).all()
    assert (control.data, control.pairs) == ("", 0)


def test_encoders_know_their_plants(cross):
    assert (cross.data, cross.world_seed, cross.pairs) == ("field", 0, 4096)
    tuned = open_encoder("supervised_rgb-0")
    assert (tuned.data, tuned.pairs) == ("field", 4096)


def test_a_classifier_has_no_projector():
    supervised = open_encoder("supervised_rgb-0")
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
    with pytest.raises(PlantEduError, match=r"No encoder 'crossed'.*cross-0"):
        open_encoder("crossed")
