"""Alarms: silent for an honest model, ringing where the slope is hidden."""

import torch

from plantedu.topics.attacks.criteria import CrossEntropy, Margin
from plantedu.topics.attacks.defences import Rounded
from plantedu.topics.attacks.diagnostics import alarms, as_good
from plantedu.topics.attacks.threat_model import Budget


def rung(model, views, goal, radius=10, **knobs):
    found = alarms(
        model, views, goal, Budget.on("both", radius / 255),
        generator=torch.Generator().manual_seed(0), tries=60, **knobs,
    )  # fmt: skip
    return {one.name for one in found if one.rings}


def test_an_honest_model_rings_nothing(linear, views, goal):
    assert rung(linear, views, goal) == set()


def test_rounding_rings(linear, views, goal):
    found = rung(Rounded(linear, 60).eval(), views, goal)
    assert {"zero slopes", "black beats white"} <= found


def test_a_saturated_loss_rings_and_the_margin_does_not(linear, views, said):
    linear.weight.data *= 300
    assert "zero slopes" in rung(linear, views, CrossEntropy(said))
    assert rung(linear, views, Margin(said)) == set()


def test_each_alarm_says_what_it_counted(linear, views, goal):
    found = alarms(
        linear, views, goal, Budget.on("rgb", 2 / 255),
        generator=torch.Generator().manual_seed(0), tries=5, steps=2,
    )  # fmt: skip
    assert len(found) == 6
    assert all(any(c.isdigit() for c in one.says) for one in found)


def test_an_attack_that_breaks_no_more_than_noise_has_shown_nothing():
    """Attack .97 and noise .97 of 32 plants: each broke one, or none."""
    assert as_good([1], [1], 32).rings
    assert as_good([0], [0], 32).rings
    assert as_good([4, 9], [4, 8], 32).rings
    assert not as_good([4, 9], [4, 0], 32).rings
    assert not as_good([0], [0], 1).rings  # nothing was left to break


def test_too_small_a_radius_rings(linear, views, goal):
    assert rung(linear, views, goal, radius=0.1) == {"noise is as good"}
