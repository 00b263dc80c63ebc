"""Noise: as large as the attack, and the worst of several counts."""

import pytest

from plantedu.errors import PlantEduError
from plantedu.topics.attacks.noise import RandomNoise
from plantedu.topics.attacks.threat_model import Budget


def test_noise_has_the_full_size_of_the_attack(linear, views, goal, draw):
    noise = RandomNoise(thorough=True)
    found = noise(linear, views, goal, Budget.on("rgb", 5 / 255), generator=draw())
    moved = abs(found.views.astype(int) - found.clean)
    kept = (moved == 0).all((2, 3, 4))  # clean pictures stay where noise did not raise the loss
    assert set(moved[0][~kept[0]].flatten().tolist()) == {5}
    assert not moved[1].any()


def test_the_worst_of_many_is_no_better_than_one(linear, views, goal, draw):
    budget = Budget.on("both", 20 / 255)
    one, many = (
        RandomNoise(tries=k)(linear, views, goal, budget, generator=draw()).loss for k in (1, 20)
    )
    assert (many >= one - 1e-6).all()


def test_no_tries_are_refused():
    with pytest.raises(PlantEduError, match="tries"):
        RandomNoise(tries=0)
