"""Trials on attacks: is there a wrong name within the ball, and does the attack find it?

A linear model of both pictures leads by m logits for the true class; its weights sum to |w|_1 in
absolute value. So the smallest radius that breaks it is m / |w|_1, exactly, as long as no value is
clipped (pictures here lie between .3 and .7). In half of the cases the radius is 1.1 to 1.6 times
that, in the others .5 to .9 times. The second question is asked of a shipped encoder: has somebody
changed one of the two pictures, or is it noise of the same size?

Source: Madry et al. 2018 [madry2018]; hidden slopes: Athalye et al. 2018 [athalye2018b]; the
detector: Carlini & Wagner 2017 [carlini2017b]. Lesson: 08_attacks.
"""

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor, nn

from plantedu.data.renderer.pairs import render
from plantedu.data.renderer.worlds import World
from plantedu.models.pair_models import Embedder
from plantedu.topics.attacks.attack import Attack
from plantedu.topics.attacks.criteria import Margin
from plantedu.topics.attacks.defences import Rounded
from plantedu.topics.attacks.embedding_criteria import Away
from plantedu.topics.attacks.family import make
from plantedu.topics.attacks.threat_model import LEVELS, Budget
from plantedu.topics.report_card.encoders import encoder
from plantedu.topics.report_card.trial import Mark, drawn

SIDE, PAIRS = 8, 4
GOAL = Margin(torch.ones(1, dtype=torch.long))
Fools = Callable[[nn.Module, Tensor, float], bool]
Wrap = Callable[[nn.Module], nn.Module]


class Linear(nn.Module):
    """Two classes from both pictures: logits (0, w x + b)."""

    def __init__(self, weights: Tensor, bias: Tensor) -> None:
        super().__init__()
        self.weights, self.bias = weights, bias

    def forward(self, views: Tensor) -> Tensor:
        lead = views.transpose(0, 1).flatten(1) @ self.weights + self.bias
        return torch.stack([torch.zeros_like(lead), lead], 1)


def asked(seed: int, fools: Fools, wrap: Wrap = lambda model: model) -> list[Mark]:
    """One pair a case: the planted model, its exact radius, and what the attack says.

    Args:
        seed: Of the world.
        fools: Whether an attack reaches a wrong name: of a model in evaluation mode, a pair
            "2 1 3 side side" in [0, 1] that 8-bit files hold, and a radius.
        wrap: What stands before the model.
    """
    rng, marks = drawn(seed, "linear"), []
    for there in (True, False) * PAIRS:
        x = np.rint(rng.uniform(0.3, 0.7, size=(2, 1, 3, SIDE, SIDE)) * LEVELS) / LEVELS
        w = rng.normal(size=6 * SIDE * SIDE)
        radius = int(rng.integers(4, 13)) / LEVELS
        least = radius / (rng.uniform(1.1, 1.6) if there else rng.uniform(0.5, 0.9))
        bias = least * np.abs(w).sum() - float(x.swapaxes(0, 1).reshape(-1) @ w)
        model = Linear(torch.tensor(w).float(), torch.tensor(bias).float())
        marks.append(Mark(there, fools(wrap(model).eval(), torch.tensor(x).float(), radius)))
    return marks


def of_family(attack: Attack, seed: int) -> Fools:
    """An attack of the family: does it reach a wrong name?"""

    def fools(model: nn.Module, x: Tensor, radius: float) -> bool:
        generator = torch.Generator().manual_seed(seed)
        budget = Budget.on("both", radius)
        return bool(attack(model, x, GOAL, budget, generator=generator).reached[0])

    return fools


def pgd(seed: int) -> list[Mark]:
    """PGD with 20 steps."""
    return asked(seed, of_family(make("pgd", steps=20), seed))


def noise(seed: int) -> list[Mark]:
    """Random changes of the same size, taken for an attack: 20 tries."""
    return asked(seed, of_family(make("noise", steps=20), seed))


def rounded(seed: int) -> list[Mark]:
    """The same PGD on the same model, which now rounds what it sees: its slope is 0."""
    return asked(seed, of_family(make("pgd", steps=20), seed), Rounded)


def sensors_disagree(seed: int) -> list[Mark]:
    """cos(z_1, z_2) below that of 19 of 20 honest pairs: was one picture attacked, or noisy?"""
    shown = render(World(seed=seed), np.arange(48), size=64)
    views = torch.from_numpy(np.stack([shown.x1, shown.x2]))
    model = Embedder(encoder().objective, side=encoder().side)  # type: ignore[arg-type]
    least = float(np.quantile(_cosines(model, views[:, :40]), 0.05))
    where = ("rgb", "rgn")[seed % 2]
    marks = []
    for name in ("pgd", "noise"):
        one = make(name, steps=8 if name == "pgd" else 0)
        generator = torch.Generator().manual_seed(seed)
        clean = model(views[:, 40:].float() / LEVELS)
        found = one(model, views[:, 40:], Away(clean), Budget.on(where, 6 / LEVELS),
                    generator=generator)  # fmt: skip
        cosines = _cosines(model, torch.from_numpy(found.views))
        marks += [Mark(name == "pgd", bool(c < least), None, float(c)) for c in cosines]
    return marks


def _cosines(model: Embedder, views: Tensor) -> np.ndarray:
    with torch.no_grad():
        z = model(views.float() / LEVELS)
    return (z[:, 0] * z[:, 1]).sum(1).numpy()
