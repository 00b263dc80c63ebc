"""One contract for the whole family."""

import numpy as np
import pytest

from plantedu.errors import PlantEduError
from plantedu.topics.attacks.family import ATTACKS, make, member
from plantedu.topics.attacks.results.names import ATTACKS as NAMES
from plantedu.topics.attacks.threat_model import Budget

FAST = {"square": 10, "physical": 6, "minimum": 2, "pgd": 4, "apgd": 4, "eot": 2}
MEMBERS = [one.name for one in ATTACKS if one.name != "semantic"]  # it renders: test_semantic.py


def test_names_for_pages_are_the_familys():
    assert tuple(one.name for one in ATTACKS) == NAMES


@pytest.mark.parametrize("name", MEMBERS)
@pytest.mark.parametrize("norm", ["linf", "l2", "l2_pair"])
@pytest.mark.parametrize("where", ["rgb", "both", "shared"])
def test_every_member_stays_in_its_ball_and_repeats_itself(
    bent, views, goal, draw, name, norm, where
):
    if norm == "l2_pair" and where == "rgb":
        pytest.skip("one ball for the pair has one radius")
    attack, budget = make(name, steps=FAST.get(name, 0)), Budget.on(where, 5 / 255, norm=norm)
    first, again = (attack(bent, views, goal, budget, generator=draw()) for _ in "12")
    assert first.views.dtype == np.uint8
    assert first.views.shape == tuple(views.shape)
    assert (first.views == again.views).all()
    assert np.isfinite(first.loss).all()
    if attack.bounded:
        assert budget.fits(views.float(), np_to(first.views))
    if where == "rgb":
        assert (first.views[1] == first.clean[1]).all()


def np_to(array):
    import torch

    return torch.from_numpy(array).float()


@pytest.mark.parametrize("name", MEMBERS)
def test_no_member_makes_a_plant_safer(bent, views, goal, draw, name):
    attack = make(name, steps=FAST.get(name, 0))
    found = attack(bent, views, goal, Budget.on("both", 5 / 255), generator=draw())
    assert (found.reached >= found.at_start).all()


def test_an_unknown_member_is_refused_with_the_known_ones():
    with pytest.raises(PlantEduError, match=r"'deepfool'; there are noise, fgsm"):
        member("deepfool")
