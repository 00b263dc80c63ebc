"""Places: their mean is h; factors, controls, heads and doors."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from plantedu.data.renderer.factors import COLUMNS
from plantedu.errors import PlantEduError
from plantedu.topics.neurons.spatial_activations import Plot, columns_seen, head_above, places_of
from plantedu.training.online_probes import shrunk
from plantedu.zoo.encoders import load_encoder


@pytest.fixture(scope="module")
def plot(tmp_path_factory):
    return Plot(0, 32, tmp_path_factory.mktemp("bank"))


def test_the_mean_over_places_is_h(plot):
    one = load_encoder("random:0")
    places = plot.places(one, "rgb")
    assert places.shape == (32, 4, 512)
    with torch.no_grad():
        h = one.encoder(shrunk(plot.pictures("rgb"), one.side))
    assert torch.allclose(places.mean(1), h, atol=1e-5)


def test_factors_end_with_the_one_that_cannot_show(plot):
    asked = plot.targets("rgb")
    assert [one.name for one in asked if one.control] == ["mesophyll"]
    assert asked[-1].control
    assert {one.name for one in asked[:-1]} == set(columns_seen("rgb"))
    assert plot.targets("rgn", ("disease",))[-1].name == "bloom"
    severity = next(one for one in asked if one.name == "severity")
    assert 0 < severity.shown.sum() < 32


def test_columns_of_a_sensor_leave_out_the_others():
    assert "light_rgn" not in columns_seen("rgb")
    assert "mesophyll" not in columns_seen("rgb")
    assert set(columns_seen("rgb")) | set(columns_seen("rgn")) == set(COLUMNS)


def test_heads_are_a_projector_a_classifier_or_none():
    h = np.random.default_rng(0).random((5, 512))
    projector, head = (head_above(load_encoder(w)) for w in ("cross-0", "supervised_rgb-0"))
    assert np.linalg.norm(projector(h), axis=1) == pytest.approx(1)
    assert head(h).shape == (5, 3)
    assert head_above(load_encoder("random:0")) is None


def test_what_is_not_there_is_said(plot, tmp_path):
    with pytest.raises(PlantEduError, match="was trained on plants 0 to 4095"):
        plot.places(load_encoder("cross-0"), "rgb")
    with pytest.raises(PlantEduError, match="No factor is called"):
        plot.targets("rgb", ("nose",))
    with pytest.raises(PlantEduError, match="32 plants or more are needed; got 4"):
        Plot(0, 4, tmp_path)
    with pytest.raises(PlantEduError, match="rgb or rgn"):
        plot.pictures("x3")


def test_a_network_without_maps_is_refused():
    one = load_encoder("random:0")

    class Flat(torch.nn.Module):
        def maps(self, images):
            return images.mean((2, 3))

    broken = replace(one, encoder=Flat())
    with pytest.raises(PlantEduError, match="has no maps of places"):
        places_of(broken, torch.zeros(2, 3, 40, 40))
