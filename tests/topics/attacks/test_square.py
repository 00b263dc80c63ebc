"""Square: works without a slope, starts from stripes, stays weaker than the slope where one is."""

import pytest
import torch
from torch import nn

from plantedu.errors import PlantEduError
from plantedu.topics.attacks.attack import Search, grey_levels
from plantedu.topics.attacks.gradient import PGD
from plantedu.topics.attacks.noise import RandomNoise
from plantedu.topics.attacks.square import Square, stripes
from plantedu.topics.attacks.threat_model import Budget

BUDGET = Budget.on("both", 10 / 255)


class Rounds(nn.Module):
    """A model with an exact slope of 0 everywhere."""

    def __init__(self, inner):
        super().__init__()
        self.inner = inner

    def forward(self, x):
        return self.inner((x * 51).round() / 51)


def test_stripes_are_columns_of_full_size(linear, views, goal, draw):
    d = stripes(Search(linear, grey_levels(views), goal, BUDGET, draw())) * 255
    d = d.round()
    assert d.abs().unique().tolist() == [10.0]
    assert (d == d[:, :, :, :1]).all()


def test_it_breaks_what_hides_its_slope_from_pgd(linear, views, goal, draw):
    model = Rounds(linear).eval()
    black = Square(tries=150)(model, views, goal, BUDGET, generator=draw())
    white = PGD()(model, views, goal, BUDGET, generator=draw())
    assert white.flat == 1.0
    assert black.reached.sum() > white.reached.sum()
    assert black.backwards == 0


def test_white_box_is_no_weaker_than_black_box_than_noise(linear, views, goal, draw):
    white, black, noise = (
        attack(linear, views, goal, BUDGET, generator=draw()).reached.sum()
        for attack in (PGD(), Square(tries=60), RandomNoise())
    )
    assert white >= black >= noise


@pytest.mark.parametrize("norm", ["l2", "l2_pair"])
def test_in_l2_it_climbs_too(linear, views, goal, draw, norm):
    budget = Budget.on("both", 6 / 255, norm=norm)
    found = Square(tries=40, thorough=True)(linear, views, goal, budget, generator=draw())
    assert (torch.from_numpy(found.loss - found.clean_loss) > 0).all()


def test_knobs_out_of_range_are_refused():
    with pytest.raises(PlantEduError, match="tries"):
        Square(tries=0)
    with pytest.raises(PlantEduError, match="share"):
        Square(share=0)
