"""A scene from plain words: each goal of each kind makes an attack that runs."""

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
def test_every_goal_makes_a_scene_that_can_be_attacked(small, goal):
    settings = Settings(goal=goal, plants=4, where="rgb", radius=8 / 255)
    scene = scenes.Scene.of(settings, None)
    rows = torch.arange(4)
    attack = PGD(steps=2, thorough=True)
    found = attack(
        scene.model, scene.views, scene.goal_of(rows), scene.budget, generator=scene.generator
    )
    assert (found.loss >= found.clean_loss).all()
    assert scene.said(scene.views[:, 0].numpy(), 0)


def test_a_target_leaves_out_the_plants_that_have_it(small):
    scene = scenes.Scene.of(Settings(goal="ce", target="blast", plants=12), None)
    assert 0 < len(scene.labels) < 12
    assert 1 not in scene.labels.tolist()
    assert scene.chance >= 0.5
