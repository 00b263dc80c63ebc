"""Bases and donors differ in one factor alone; the second cue agrees with the base."""

import numpy as np
import pytest
import torch

from plantedu.data.renderer.pairs import render
from plantedu.data.renderer.worlds import World, draw_factors, world
from plantedu.errors import PlantEduError
from plantedu.topics.neurons.donors import donors, levels_of
from plantedu.training.online_probes import shrunk
from plantedu.zoo.cue_networks import cue_world

ROWS = np.arange(4096, 4112)


def test_a_donor_is_the_plant_with_one_factor_changed():
    plants = world("field")
    found = donors(plants, ROWS, "disease", sensors=("rgb",), side=40)
    drawn = draw_factors(plants, ROWS)["disease"]
    assert found.base.tolist() == drawn.tolist()
    assert found.to.tolist() == ((drawn + 1) % 3).tolist()
    own = shrunk(render(plants, ROWS, size=64).x1, 40)
    assert torch.equal(found.at(found.base)[0], own)  # the base is the plant as it was drawn
    for k in (0, 5):
        level = ("healthy", "blast", "brown")[int(found.to[k])]
        one = render(plants, ROWS[[k]], size=64, do={"disease": level})
        assert torch.equal(found.at(found.to)[0, k], shrunk(one.x1, 40)[0])


def test_a_number_has_two_levels_and_the_plants_own_side():
    assert levels_of("bloom") == (0.1, 0.9)
    assert levels_of("lesion_count") == (5.0, 11.0)
    found = donors(world("field"), ROWS, "warmth_rgb", sensors=("rgb",), side=40)
    drawn = draw_factors(world("field"), ROWS)["warmth_rgb"]
    assert found.base.tolist() == (drawn > 0).astype(int).tolist()


def test_the_second_cue_agrees_with_the_base_and_stays():
    found = donors(cue_world(), ROWS, "mark", sensors=("rgb", "rgn"), side=40, beside="disease")
    base, there = found.at(found.base), found.at(found.to)
    assert torch.equal(base[0], there[0])  # the RGB picture has no mark
    assert not torch.equal(base[1], there[1])
    for k in (0, 1, 2, 3):
        level = int(found.base[k])
        do = {"disease": ("healthy", "blast")[level], "mark": ("absent", "present")[level]}
        one = render(cue_world(), ROWS[[k]], size=64, do=do)
        assert torch.equal(base[1, k], shrunk(one.x2, 40)[0])


@pytest.mark.parametrize(
    ("does", "said"),
    [
        ({"name": "mesophyll"}, "cannot show mesophyll"),
        ({"name": "light_rgn"}, "cannot show light_rgn"),
        ({"name": "nose"}, "No factor is called 'nose'"),
        ({"rows": ROWS[:4]}, "8 plants or more are needed; got 4"),
        ({"name": "bloom", "beside": "mark"}, "The cues are disease and mark; got 'bloom'"),
        ({"plants": World(fixed=(("disease", "blast"),))}, "have one level of disease"),
    ],
)
def test_what_cannot_be_exchanged_is_a_sentence(does, said):
    asked = {"plants": world("field"), "rows": ROWS, "name": "disease"} | does
    with pytest.raises(PlantEduError, match=said):
        donors(**asked, sensors=("rgb",), side=40)
