"""The door of every attack: what is refused, what is kept, what is said."""

import numpy as np
import pytest
import torch
from torch import nn

from plantedu.errors import PlantEduError
from plantedu.topics.attacks.attack import Attack, Search, grey_levels
from plantedu.topics.attacks.criteria import Margin
from plantedu.topics.attacks.gradient import PGD
from plantedu.topics.attacks.threat_model import Budget

BUDGET = Budget.on("both", 4 / 255)


class Lost(Attack):
    """A mistaken attack: it leaves its ball."""

    def search(self, search):
        return search.clean + 9


class Worse(Attack):
    """Tries something good, then something bad."""

    def search(self, search):
        rows = search.everything
        _, slope = search.slope(search.zero(), rows)
        step = search.budget.steepest(slope)
        search.score(step, rows)
        search.score(-step, rows)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda v: v[:, :0], "batch is empty"),
        (lambda v: v[:1], "pairs is"),
        (lambda v: v.float(), r"in \[0, 1\]"),
        (lambda v: v.float() / 255 - 0.5, r"in \[0, 1\]"),
        (lambda v: v.float() / 300, "not 8-bit"),
    ],
)
def test_pictures_that_are_none_are_refused(linear, views, goal, draw, change, said):
    with pytest.raises(PlantEduError, match=said):
        PGD()(linear, change(views), goal, BUDGET, generator=draw())


def test_a_model_in_training_mode_is_refused(linear, views, goal, draw):
    whole = nn.Sequential(linear, nn.BatchNorm1d(3))
    with pytest.raises(PlantEduError, match="training mode"):
        PGD()(whole, views, goal, BUDGET, generator=draw())


def test_preprocessing_without_a_slope_is_said(linear, views, goal, draw):
    class Detached(nn.Module):
        training = False

        def forward(self, x):
            return linear(torch.from_numpy(x.detach().numpy()))

    with pytest.raises(PlantEduError, match="not differentiable"):
        PGD()(Detached().eval(), views, goal, BUDGET, generator=draw())


def test_rounding_inside_the_model_is_noted(linear, views, goal, draw):
    class Rounds(nn.Module):
        def forward(self, x):
            return linear((x * 8).round() / 8)

    found = PGD(steps=3)(Rounds().eval(), views, goal, BUDGET, generator=draw())
    assert found.flat == 1.0
    assert "exactly zero" in found.notes[0]


def test_an_attack_that_leaves_its_ball_does_not_return(linear, views, goal, draw):
    with pytest.raises(PlantEduError, match="left its ball"):
        Lost()(linear, views, goal, BUDGET, generator=draw())


def test_the_best_picture_is_kept_and_the_pair_comes_back(linear, views, goal, draw):
    found = Worse(thorough=True)(linear, views, goal, BUDGET, generator=draw())
    assert (found.loss > found.clean_loss).all()
    assert found.x1.dtype == found.x2.dtype == np.uint8
    assert found.x1.shape == (6, 3, 8, 8)
    answer = linear(torch.from_numpy(np.stack([found.x1, found.x2])).float() / 255)
    torch.testing.assert_close(answer, found.answer)
    assert found.size_255.max() == 4


def test_plants_that_are_wrong_already_count_as_reached(linear, views, said, draw):
    found = PGD()(linear, views, Margin((said + 1) % 3), BUDGET, generator=draw())
    assert found.at_start.all()
    assert found.robust.sum() == 0
    assert found.backwards == 0


def test_a_search_scores_what_a_file_would_hold(linear, views, goal, draw):
    clean = grey_levels(views)
    search = Search(linear, clean, goal, BUDGET, draw())
    rows = search.everything
    pictures = search.pictures(search.start(), rows)
    assert torch.equal(pictures, pictures.round())
    wanted = goal.loss(linear(pictures / 255), rows)
    torch.testing.assert_close(search.look(pictures, rows), wanted)


def test_somebody_may_stop_it(linear, views, goal, draw):
    def stop():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        PGD()(linear, views, goal, BUDGET, generator=draw(), check=stop)
