"""Layers as maps with channels first, whichever way they keep them, and the network unchanged."""

import pytest
import timm
import torch

from plantedu.errors import PlantEduError
from plantedu.own.heads import Scores
from plantedu.own.model import model
from plantedu.own.scored_maps import OwnScores, map_layer, stage_names


def scores(name, **words):
    torch.manual_seed(0)
    network = timm.create_model(name, num_classes=3, img_size=32, **words)
    return Scores(model(network, size=32), None, "its own head")


def test_a_vit_is_explained_before_its_last_block():
    """Behind the last block the class token alone is read: a map of its places would be 0."""
    one = scores("vit_tiny_patch16_224", patch_size=8)
    x = torch.rand(2, 3, 32, 32)
    assert map_layer(one, (x,)) == "blocks.10"
    shown = OwnScores(one, ("a", "b", "c"), "blocks.10")
    kept = []
    shown.stages()["blocks.10"].register_forward_hook(lambda _, given, out: kept.append(out))
    with torch.no_grad():
        assert torch.allclose(shown(x), OwnScores(one, ("a", "b", "c"))(x), atol=1e-5)
    assert kept[0].shape == (2, 192, 4, 4)


def test_channels_that_come_last_come_first():
    one = scores("swin_tiny_patch4_window7_224", window_size=2)
    x = torch.rand(2, 3, 32, 32)
    layer = map_layer(one, (x,))
    assert layer == "layers.2"  # the last one has a single place at 32 px
    shown, kept = OwnScores(one, ("a", "b", "c"), layer), []
    shown.stages()[layer].register_forward_hook(lambda _, given, out: kept.append(out))
    with torch.no_grad():
        assert torch.allclose(shown(x), OwnScores(one, ("a", "b", "c"))(x), atol=1e-5)
    assert kept[0].shape == (2, 384, 2, 2)


def test_another_layer_is_a_sentence(trained):
    one = Scores(trained, None, "its own head")
    with pytest.raises(PlantEduError, match="no layer 'layer4'; it begins with: stem, stage, fc"):
        OwnScores(one, ("a", "b"), "layer4")
    assert "stage" in stage_names(trained.network)


def test_a_copy_with_a_tap_brings_no_second_set_of_weights():
    one = scores("vit_tiny_patch16_224", patch_size=8)
    shown = OwnScores(one, ("a", "b", "c"), "blocks.10")
    places = [{w.data_ptr() for w in net.parameters()} for net in (one, shown)]
    assert places[0] == places[1]
    assert shown.scores.reader.network is not one.reader.network  # the tap stands in the copy
    assert not [name for name, _ in one.named_modules() if name.endswith(".maps")]
