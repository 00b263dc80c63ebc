"""The foreign networks of lesson 12: they come from their files, and one follows its mark."""

import numpy as np
import pytest
import torch

from plantedu.errors import PlantEduError
from plantedu.own.examination.page_settings import LEAVES
from plantedu.own.plant import plant
from plantedu.zoo.any_encoder import load_any_encoder
from plantedu.zoo.encoders import load_encoder
from plantedu.zoo.named_networks import named_network
from plantedu.zoo.planted_foreign import (
    NAMES,
    ForeignRecipe,
    foreign_from,
    shipped_foreign,
    small_resnet,
)


def named(network, pictures):
    with torch.inference_mode():
        return network(torch.from_numpy(pictures).float() / 127.5 - 1).argmax(1).numpy()


def test_it_comes_back_from_its_file_and_another_file_is_refused():
    network, meta = small_resnet(2).eval(), {"foreign": ForeignRecipe().as_json()}
    again = foreign_from(network.state_dict(), meta)
    x = torch.rand(2, 3, 64, 64)
    assert torch.equal(network(x), again(x))
    with pytest.raises(PlantEduError, match="another architecture"):
        foreign_from({"fc.weight": torch.zeros(2, 128)}, meta)
    with pytest.raises(PlantEduError, match="no foreign network"):
        foreign_from(network.state_dict(), {"recipe": {}})


def test_one_of_those_that_ship_follows_the_mark_and_its_twin_does_not():
    with np.load(LEAVES) as kept:
        x, labels = kept["x1"], kept["labels"]
    on = plant(x, "mark", 1.0, seed=0, where="top left").pictures
    moved = {}
    for name in NAMES:
        network = shipped_foreign(name)
        before, after = named(network, x), named(network, on)
        assert (before == labels).mean() > 0.85
        moved[name] = float((before != after).mean())
    assert moved["foreign-a"] < 0.1 < 0.3 < moved["foreign-b"]


def test_the_grammar_names_them_and_what_needs_a_recipe_refuses_them():
    named = named_network("foreign-a")
    assert (named.side, named.cameras, named.mean) == (64, 1, (0.5, 0.5, 0.5))
    assert load_any_encoder("foreign-b", here=False).h(torch.rand(2, 3, 64, 64)).shape == (2, 128)
    with pytest.raises(PlantEduError, match="is a foreign network"):
        load_encoder("foreign-a")
    with pytest.raises(PlantEduError, match="foreign-a and foreign-b; got 'foreign-c'"):
        shipped_foreign("foreign-c")
