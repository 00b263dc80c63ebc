"""APGD: its checkpoints, its halving, and no weaker than PGD where the slope turns."""

import pytest
import torch

from plantedu.errors import PlantEduError
from plantedu.topics.attacks.apgd import APGD, Climb, checkpoints
from plantedu.topics.attacks.criteria import Margin
from plantedu.topics.attacks.gradient import PGD
from plantedu.topics.attacks.threat_model import Budget


def test_checkpoints_are_the_papers():
    assert checkpoints(100) == (22, 41, 57, 70, 80, 87, 93, 99)


def climb(**knobs):
    d = torch.zeros(2, 2, 3, 4, 4)
    loss = torch.zeros(2)
    best = {
        "rows": torch.arange(2), "d": d + 5, "before": d + 4, "slope": d + 1, "loss": loss,
        "best": d + 9, "best_slope": d + 2, "best_loss": torch.tensor([1.0, 1.0]),
        "step": torch.full((2,), 2.0), "rises": torch.tensor([4.0, 1.0]),
        "best_then": torch.tensor([0.0, 0.0]), "halved_then": torch.tensor([True, True]),
    }  # fmt: skip
    return Climb(**{**best, **knobs})


def test_a_step_that_pays_is_kept_and_one_that_does_not_is_halved():
    at = climb()
    at.judge(4)
    assert at.step.tolist() == [2.0, 1.0]
    assert at.d[0, 0, 0, 0, 0] == 5
    assert at.d[0, 1, 0, 0, 0] == 9
    assert at.slope[0, 1, 0, 0, 0] == 2
    assert at.rises.tolist() == [0, 0]


def test_a_step_that_was_kept_and_brought_no_better_point_is_halved():
    at = climb(halved_then=torch.tensor([False, True]), best_then=torch.tensor([1.0, 0.0]))
    at.judge(4)
    assert at.step[0] == 1.0


def test_it_finds_the_best_change_of_a_linear_model(linear, views, draw):
    linear.weight.data = linear.weight.data[:2]
    labels = linear(views.float() / 255).argmax(1)
    attack = APGD(steps=12, thorough=True)
    found = attack(linear, views, Margin(labels), Budget.on("both", 6 / 255), generator=draw())
    gain = 6 / 255 * float((linear.weight[1] - linear.weight[0]).abs().sum())
    assert found.loss - found.clean_loss == pytest.approx(gain, abs=0.01)


@pytest.mark.parametrize("norm", ["linf", "l2", "l2_pair"])
def test_no_weaker_than_pgd_with_as_many_slopes(bent, views, draw, norm):
    labels = bent(views.float() / 255).argmax(1)
    budget = Budget.on("both", 4 / 255, norm=norm)
    ours, plain = (
        attack(bent, views, Margin(labels), budget, generator=draw()).reached.sum()
        for attack in (APGD(steps=20), PGD(steps=20))
    )
    assert ours >= plain - 1


def test_slopes_are_counted(linear, views, goal, draw):
    found = APGD(steps=10, thorough=True)(
        linear, views, goal, Budget.on("both", 2 / 255), generator=draw()
    )
    assert found.backwards == 10 * views.shape[1]


def test_too_few_steps_are_refused():
    with pytest.raises(PlantEduError, match="2 steps or more"):
        APGD(steps=1)
