"""Pooling: the same maps with their channels in either place, tokens, and what is none of these."""

import pytest
import torch

from plantedu.errors import PlantEduError
from plantedu.models.pooling import channels_first, pooled


@pytest.mark.parametrize(
    ("shape", "channels"),
    [((2, 96, 7, 7), 96), ((2, 96, 7, 7), None), ((2, 5, 9, 7), 5), ((2, 7, 7, 7), 7)],
)
def test_maps_give_one_number_a_channel(shape, channels):
    maps = torch.rand(shape)
    wanted = maps.mean((2, 3))
    assert torch.allclose(pooled(maps, channels=channels), wanted)
    assert torch.equal(channels_first(maps, channels), maps)


@pytest.mark.parametrize(("shape", "channels"), [((2, 7, 7, 96), None), ((2, 9, 7, 5), 5)])
def test_channels_may_come_last(shape, channels):
    maps = torch.rand(shape)
    assert torch.allclose(pooled(maps, channels=channels), maps.mean((1, 2)))
    assert torch.equal(channels_first(maps, channels), maps.permute(0, 3, 1, 2))


def test_tokens_are_averaged_without_those_of_no_place():
    tokens = torch.rand(2, 5, 4)
    assert torch.allclose(pooled(tokens), tokens.mean(1))
    assert torch.allclose(pooled(tokens, prefix=2), tokens[:, 2:].mean(1))
    assert torch.equal(pooled(tokens[:, 0]), tokens[:, 0])


@pytest.mark.parametrize(
    "bad", [torch.rand(3), torch.rand(1, 2, 3, 4, 5), "h", (torch.rand(2, 2),)]
)
def test_what_is_no_features_is_said(bad):
    with pytest.raises(PlantEduError, match="Choose another layer"):
        pooled(bad)
