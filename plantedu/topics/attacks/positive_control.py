"""Active tests: a model in which an adversarial picture surely exists; the attack must find it.

For each plant, features h of `inside` pictures within the ball and of one on its border, x_b, are
separated by a hyperplane, and the border picture alone lies on its far side:

    w h(x_b) + b > 0,      w h(x) + b < 0  for the pictures inside

So x_b is adversarial by construction, and an attack that finds nothing in this ball is broken, or
is blinded by the model. How hard the test is, noise says: the share that random pictures on the
border find by themselves.

w = least squares on the centred features (there are fewer pictures than features, so it separates
them exactly), and b puts the border `near` of the way from the border picture to the inner ones.

Source: Zimmermann et al. 2022, arXiv:2206.13991 [zimmermann2022]. Lesson: 08_attacks.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from plantedu.errors import require
from plantedu.topics.attacks.attack import Attack, Attacked, Check, Search, grey_levels
from plantedu.topics.attacks.criteria import Goal
from plantedu.topics.attacks.threat_model import LEVELS, Budget

NEAR = 0.1


@dataclass(frozen=True, eq=False)
class Planted(Goal):
    """The far side of each plant's own hyperplane in feature space.

    Attributes:
        weights: w, "batch dim".
        bias: b, "batch".
        known: The adversarial pictures that were planted, grey levels, "2 batch 3 height width".
    """

    weights: Tensor
    bias: Tensor
    known: Tensor

    def loss(self, answer: Tensor, rows: Tensor) -> Tensor:
        return (answer * self.weights[rows]).sum(1) + self.bias[rows]

    def reached(self, answer: Tensor, rows: Tensor) -> Tensor:
        return self.loss(answer, rows) > 0


def plant(
    features: nn.Module,
    views: Tensor,
    budget: Budget,
    *,
    generator: torch.Generator,
    inside: int = 24,
) -> Planted:
    """Plant an adversarial picture for every pair.

    Args:
        features: Pairs to features, "batch dim".
        views: Clean pairs.
        budget: The ball.
        generator: Draws the pictures.
        inside: Pictures on the near side; must be fewer than features.

    Raises:
        PlantEduError: where the pictures cannot be separated.
    """
    clean = grey_levels(views, eight_bit=budget.eight_bit)
    silent = Planted(torch.empty(0), torch.empty(0), clean)
    search = Search(features, clean, silent, budget, generator)
    rows = search.everything
    near = [search.inside(0.8 * search.start(), rows) for _ in range(inside)]
    border = search.inside(budget.steepest(search.start()), rows)
    pictures = [clean, *(search.pictures(d, rows) for d in near), search.pictures(border, rows)]
    with torch.no_grad():
        h = torch.stack([features(x / LEVELS).double() for x in pictures], 1)
    weights, bias = zip(*(_hyperplane(one) for one in h), strict=True)
    goal = Planted(torch.stack(weights).float(), torch.stack(bias).float(), pictures[-1])
    with torch.no_grad():
        sure = goal.reached(features(pictures[-1] / LEVELS), rows)
        calm = ~goal.reached(features(clean / LEVELS), rows)
    require(bool((sure & calm).all()), "Some pictures could not be separated; raise the radius.")
    return goal


def _hyperplane(h: Tensor) -> tuple[Tensor, Tensor]:
    """w and b of one plant; the last row of features is the one to set apart."""
    middle = h[:-1].mean(0)
    side = torch.zeros(len(h), dtype=h.dtype)
    side[-1] = 1.0
    w = torch.linalg.lstsq(h - middle, side[:, None], driver="gelsd").solution[:, 0]
    along = (h - middle) @ w
    level = along[-1] - NEAR * (along[-1] - along[:-1].max())
    return w, -(middle @ w) - level


@dataclass(frozen=True, kw_only=True)
class Backwards(Attack):
    """A broken attack, for the test to fail: it walks down the slope."""

    steps: int = 5

    def search(self, search: Search) -> None:
        d = search.zero()
        for _ in range(self.steps):
            if not len(rows := search.open):
                return
            _, slope = search.slope(d[:, rows], rows)
            d[:, rows] = search.inside(d[:, rows] - search.budget.steepest(slope) / 4, rows)


def found(
    attack: Attack,
    features: nn.Module,
    views: Tensor,
    budget: Budget,
    *,
    generator: torch.Generator,
    check: Check = lambda: None,
) -> Attacked:
    """Plant, then attack; `reached` says where the attack found what is surely there."""
    goal = plant(features, views, budget, generator=generator)
    return attack(features, views, goal, budget, generator=generator, check=check)
