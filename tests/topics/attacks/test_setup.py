"""A setup from plain words: each goal of each kind makes an attack that runs."""

import pytest
import torch

from plantedu.topics.attacks import setup as scenes
from plantedu.topics.attacks.gradient import PGD
from plantedu.topics.attacks.results.attack_pairs import Settings
from plantedu.zoo.model_zoo import Plot


@pytest.fixture
def small(monkeypatch):
    monkeypatch.setattr(scenes, "Plot", lambda folder: Plot(folder, size=16, labelled=40))


@pytest.mark.parametrize(
    "goal", ["margin", "away", "assignment", "breakaway", "parting", "pairing"]
)
def test_every_goal_makes_a_setup_that_can_be_attacked(small, goal):
    settings = Settings(goal=goal, plants=4, where="rgb", radius=8 / 255)
    setup = scenes.Setup.of(settings, None)
    rows = torch.arange(4)
    attack = PGD(steps=2, thorough=True)
    found = attack(
        setup.model, setup.views, setup.goal_of(rows), setup.budget, generator=setup.generator
    )
    assert (found.loss >= found.clean_loss).all()
    assert setup.said(setup.views[:, 0].numpy(), 0)


def test_a_target_leaves_out_the_plants_that_have_it(small):
    setup = scenes.Setup.of(Settings(goal="ce", target="blast", plants=12), None)
    assert 0 < len(setup.labels) < 12
    assert 1 not in setup.labels.tolist()
    assert setup.chance >= 0.5
