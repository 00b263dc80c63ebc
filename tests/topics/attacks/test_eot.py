"""EOT: the mean slope of a random model points where one draw's does not."""

import pytest
import torch

from plantedu.errors import PlantEduError
from plantedu.topics.attacks.attack import Search, grey_levels
from plantedu.topics.attacks.defences import Noisy
from plantedu.topics.attacks.eot import EOT
from plantedu.topics.attacks.gradient import PGD
from plantedu.topics.attacks.threat_model import Budget


def slope(model, views, goal, draw, draws):
    search = Search(
        model, grey_levels(views), goal, Budget.on("both", 8 / 255), draw(), draws=draws
    )
    return search.slope(search.zero(), search.everything)[1].flatten(2)


def test_the_mean_of_many_draws_lies_nearer_to_the_slope_without_noise(bent, views, goal, draw):
    true = slope(bent, views, goal, draw, 1)
    noisy = Noisy(bent, 0.15, draw(5))
    one, many = (
        torch.cosine_similarity(slope(noisy, views, goal, draw, k), true, dim=2).mean()
        for k in (1, 30)
    )
    assert many > one


def test_answers_are_counted_and_judged_afresh(bent, views, draw):
    labels = bent(views.float() / 255).argmax(1)
    from plantedu.topics.attacks.criteria import Margin

    attack = EOT(attack=PGD(steps=3, random_start=False), draws=4)
    found = attack(
        Noisy(bent, 0.02, draw(5)), views, Margin(labels), Budget.on("both", 8 / 255),
        generator=draw(),
    )  # fmt: skip
    assert found.backwards % 4 == 0
    assert found.backwards > 0


def test_no_draws_are_refused():
    with pytest.raises(PlantEduError, match="draws"):
        EOT(draws=0)
