"""Encoders by their words: what ships, a file, random weights; what is none is said."""

import pytest
import torch

from plantedu.errors import PlantEduError
from plantedu.training.checkpoints import save_checkpoint
from plantedu.zoo.encoders import open_encoder, opened


def test_what_ships_opens_whatever_trained_it():
    pair, labels = open_encoder("cross-0"), open_encoder("shipped:supervised_rgb-0")
    assert (pair.step, pair.side, pair.data, pair.pairs) == (1200, 40, "field", 4096)
    assert pair.projector is not None
    assert labels.projector is None
    assert labels.side == 64
    assert not pair.encoder.training


def test_random_weights_follow_their_seed():
    one, same, other = (open_encoder(f"random:{seed}") for seed in (3, 3, 4))
    weights = [next(one.encoder.parameters()) for one in (one, same, other)]
    assert torch.equal(weights[0], weights[1])
    assert not torch.equal(weights[0], weights[2])
    assert (one.data, one.pairs, one.step) == ("", 0, 0)
    assert one.encoder.body.bn1.running_var.ne(1).any()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("cross-9", "No checkpoint 'cross-9' ships.*cross-0"),
        ("random:many", "takes a whole number"),
        ("scratch:", "start must be"),
        ("file:/nowhere.safetensors", "no such file"),
        ("run:1a2b@last", "names no encoder here"),
    ],
)
def test_words_that_name_none_are_said(words, said):
    with pytest.raises(PlantEduError, match=said):
        open_encoder(words)


def test_a_file_without_a_recipe_is_said(tmp_path):
    path = tmp_path / "bare.safetensors"
    save_checkpoint(path, {"w": torch.zeros(2)}, {})
    with pytest.raises(PlantEduError, match=r"bare.safetensors holds no recipe"):
        opened(path, "bare")
