"""Active tests: what is planted is there, good attacks find all of it, broken ones do not."""

import pytest
import torch
from torch import nn

from plantedu.errors import PlantEduError
from plantedu.topics.attacks.apgd import APGD
from plantedu.topics.attacks.gradient import PGD
from plantedu.topics.attacks.noise import RandomNoise
from plantedu.topics.attacks.positive_control import Backwards, found, plant
from plantedu.topics.attacks.threat_model import Budget


class Features(nn.Module):
    """Forty bent features of a pair."""

    def __init__(self):
        super().__init__()
        generator = torch.Generator().manual_seed(0)
        self.weight = torch.randn(40, 2, 3, 8, 8, generator=generator)
        self.eval()

    def forward(self, views):
        return torch.tanh(torch.einsum("snchw,kschw->nk", views - 0.5, self.weight) / 8)


@pytest.mark.parametrize("norm", ["linf", "l2"])
@pytest.mark.parametrize("where", ["rgb", "both", "shared"])
def test_what_is_planted_is_there_and_inside_the_ball(views, draw, where, norm):
    budget = Budget.on(where, 8 / 255, norm=norm)
    goal = plant(Features(), views, budget, generator=draw())
    rows = torch.arange(views.shape[1])
    assert goal.reached(Features()(goal.known / 255), rows).all()
    assert not goal.reached(Features()(views / 255), rows).any()
    assert budget.fits(views.float(), goal.known)


@pytest.mark.parametrize("attack", [PGD(), APGD(steps=20)])
@pytest.mark.parametrize("where", ["rgb", "rgn", "both", "shared"])
def test_attacks_find_all_of_it(views, draw, attack, where):
    share = found(attack, Features(), views, Budget.on(where, 8 / 255), generator=draw())
    assert share.reached.all()


@pytest.mark.parametrize("attack", [RandomNoise(), Backwards()])
def test_noise_and_a_broken_attack_do_not(views, draw, attack):
    share = found(attack, Features(), views, Budget.on("both", 8 / 255), generator=draw())
    assert share.reached.mean() < 0.5


def test_a_ball_without_room_is_refused(views, draw):
    with pytest.raises(PlantEduError, match="raise the radius"):
        plant(Features(), views, Budget.on("both", 0.0), generator=draw())
