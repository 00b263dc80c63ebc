"""Which layers Grad-CAM can explain."""

import pytest

from plantedu.errors import PlantEduError
from plantedu.topics.attribution.layers import layer_of, spatial_layers


def test_layers_with_rows_and_columns(convolved, pair):
    found = spatial_layers(convolved, pair)
    assert found["layer4"] == (8, 8)
    assert "global_pool" not in found
    assert layer_of(convolved, "layer3", pair) is convolved.encoder.body.layer3


def test_a_pooled_or_unknown_layer_says_which_fit(convolved, pair):
    for name in ("global_pool", "attention"):
        with pytest.raises(PlantEduError, match=r"layer1 \(8 x 8\)"):
            layer_of(convolved, name, pair)


def test_no_hook_is_left(convolved, pair):
    spatial_layers(convolved, pair)
    assert not any(m._forward_hooks for m in convolved.modules())
