"""Known answers: a linear network that uses one direction, and one that only holds the factor."""

from types import SimpleNamespace

import numpy as np
import pytest
import scipy.stats
import torch
from torch import nn

from plantedu.data.renderer.worlds import world
from plantedu.errors import PlantEduError
from plantedu.topics.neurons.donors import Donors
from plantedu.topics.neurons.exchange_experiment import Exchange, exchange_of
from plantedu.topics.neurons.exchangeable_networks import Network, open_network

SETTINGS = SimpleNamespace(factor="disease", plants=64, fitted=96, first=4096, draws=200, seed=0)


class ByHand(nn.Module):
    """Mean colour of a picture, spread over eight units; the head reads along one direction."""

    def __init__(self, reads: int) -> None:
        super().__init__()
        g = torch.Generator().manual_seed(5)
        self.mix = torch.linalg.qr(torch.randn(8, 8, generator=g)).Q[:3]  # a row a colour
        self.h = nn.Identity()
        self.read = self.mix[reads]

    def forward(self, views):
        h = self.h(views[0].mean(dim=(2, 3)) @ self.mix)
        score = h @ self.read - 0.5
        return torch.stack([-score, score], dim=1)


def network(reads):
    module = ByHand(reads)
    fields = ("rgb",), 4, {"h": ((module, "h"),)}, "disease", world("field"), 0
    return Network("by hand", module, *fields)


def plants(many, seed):
    """Red is the factor at either level, green what the base's level is, blue noise."""
    g = torch.Generator().manual_seed(seed)
    base = torch.arange(many) % 2
    noise = 0.1 * torch.rand(2, many, 3, generator=g)
    colours = torch.stack([noise[0], noise[0]])
    colours[0, :, 0] += 0.1
    colours[1, :, 0] += 0.8
    colours[:, :, 1] += 0.1 + 0.7 * base
    colours[:, :, 2] += torch.rand(many, generator=g) * 0.8
    pictures = colours[:, None, :, :, None, None].expand(2, 1, many, 3, 4, 4)
    return Donors(pictures.contiguous(), base, torch.arange(many).numpy())


@pytest.fixture(scope="module")
def both():
    return {
        name: Exchange(network(reads), plants(64, 0), plants(96, 1), SETTINGS)
        for name, reads in (("used", 0), ("held", 1))
    }


def test_one_used_direction_is_found_and_nothing_else_moves_the_answer(both):
    one = both["used"]
    assert (one.in_picture, one.untouched) == (1, 0)
    found = one.at("h")
    assert found.read == 1
    assert 0.3 <= found.read_shuffled <= 0.7
    for name in ("all", "means", "reader"):
        assert found.subspaces[name].follows == 1, name
    assert found.subspaces["means"].rank == 1
    assert found.subspaces["all but means"].follows == 0
    assert found.subspaces["all"].same == 0
    assert 0.3 <= found.subspaces["all"].shuffled <= 0.7
    # A direction u of eight gives cos(u, used)^2 of the .7 between the levels; cos^2 is
    # Beta(1/2, 7/2). The answer turns at .5; a plant stands at .1 to .2, or at .8 to .9.
    e = np.linspace(0, 0.1, 101)
    needed = np.concatenate([(0.4 - e) / 0.7, (0.3 + e) / 0.7])
    expected = float(scipy.stats.beta(0.5, 3.5).sf(needed).mean())
    error = 4 * (expected * (1 - expected) / SETTINGS.draws) ** 0.5
    assert found.subspaces["means"].anywhere == pytest.approx(expected, abs=error)
    assert found.subspaces["means"].lots < 0.8


def test_a_factor_that_is_held_and_not_used_is_read_and_not_followed(both):
    one = both["held"]
    assert (one.in_picture, one.untouched) == (0, 0)
    found = one.at("h")
    assert found.read == 1
    for name, there in found.subspaces.items():
        assert there.follows == 0, name


def test_all_of_a_layer_is_what_the_picture_gives():
    settings = SimpleNamespace(**(vars(SETTINGS) | {"plants": 16, "fitted": 24, "factor": "mark"}))
    settings.draws = 1
    one = exchange_of(open_network("cues/mark-0"), settings)
    for layer in ("stage 2", "h"):
        assert one.at(layer).subspaces["all"].follows == one.in_picture


def test_a_network_is_not_asked_about_what_it_does_not_name_or_was_trained_on():
    asked = open_network("supervised_rgb-0")
    with pytest.raises(PlantEduError, match="names disease: its answer cannot follow 'bloom'"):
        exchange_of(asked, SimpleNamespace(**(vars(SETTINGS) | {"factor": "bloom"})))
    with pytest.raises(PlantEduError, match="Set first to 4096 or more"):
        exchange_of(asked, SimpleNamespace(**(vars(SETTINGS) | {"first": 4000})))
