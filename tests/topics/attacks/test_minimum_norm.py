"""The smallest radius: known in closed form for a linear model."""

import math

import pytest
import torch

from plantedu.errors import PlantEduError
from plantedu.topics.attacks.criteria import Margin
from plantedu.topics.attacks.gradient import FGSM
from plantedu.topics.attacks.minimum_norm import MinimumNorm
from plantedu.topics.attacks.threat_model import Budget


def test_the_smallest_level_of_a_linear_model_is_found_exactly(linear, views, draw):
    linear.weight.data = linear.weight.data[:2]
    x = views.float() / 255
    labels = linear(x).argmax(1)
    attack = MinimumNorm(attack=FGSM(), rounds=8)
    found = attack(linear, views, Margin(labels), Budget.on("both", 60 / 255), generator=draw())
    w = (linear.weight[1] - linear.weight[0]).abs().sum()
    margins = (linear(x)[:, 0] - linear(x)[:, 1]).abs()
    wanted = [math.floor(float(m / w) * 255) + 1 for m in margins]
    assert found.reached.all()
    assert found.size_255.max(0).tolist() == wanted


def test_a_plant_that_is_safe_in_the_whole_budget_stays_as_it_was(linear, views, goal, draw):
    budget = Budget.on("both", 0.0)
    found = MinimumNorm(rounds=2)(linear, views, goal, budget, generator=draw())
    assert not found.reached.any()
    assert (found.views == found.clean).all()


def test_plants_that_are_wrong_already_need_no_change(linear, views, said, draw):
    budget = Budget.on("both", 9 / 255)
    found = MinimumNorm(rounds=2)(linear, views, Margin((said + 1) % 3), budget, generator=draw())
    assert found.reached.all()
    assert torch.from_numpy(found.size_255).max() == 0


def test_no_rounds_are_refused():
    with pytest.raises(PlantEduError, match="rounds"):
        MinimumNorm(rounds=0)
