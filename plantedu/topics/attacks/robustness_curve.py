"""Robust share against radius: each plant's smallest radius at which an attack works.

    robust(r) = share of plants whose smallest working radius is above r

Radii are taken from small to large, and a plant that is broken at one of them is not attacked
again: balls are nested, so its picture lies in every larger one. The curve therefore falls with r
by construction; whether the attack by itself would have found it again is a question for
`alarms.py`, which asks without nesting.

Beside it stands the same share under random noise of the same size, one draw at each radius; for
an attack without a ball (light, do()), under its own change drawn at random.

Source: Carlini et al. 2019, arXiv:1902.06705 [carlini2019]. Lesson: 08_attacks.
"""

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor, nn

from plantedu.errors import require
from plantedu.topics.attacks.attack import Attack, Attacked, Check
from plantedu.topics.attacks.criteria import Goal
from plantedu.topics.attacks.noise import RandomNoise
from plantedu.topics.attacks.results.names import RADII_255
from plantedu.topics.attacks.threat_model import LEVELS, Budget

GoalOf = Callable[[Tensor], Goal]


@dataclass(frozen=True, eq=False)
class Curve:
    """What an attack did at several radii.

    Attributes:
        radii_255: Radii in grey levels, rising; 0, no attack, comes before them.
        first: Smallest radius at which each plant's goal is reached, "plants"; infinite for none.
        noise: The same under the null: whether it reached the goal, "radii plants".
        notes: What to know before trusting a failure of this attack.
        forwards, backwards: Passes of one plant through the model, each way.
        pictures: The attacked pair of each plant at its smallest radius, or the last that was
            tried, uint8, "2 plants 3 height width".
    """

    radii_255: tuple[float, ...]
    first: np.ndarray
    noise: np.ndarray
    notes: tuple[str, ...] = ()
    forwards: int = 0
    backwards: int = 0
    pictures: np.ndarray = field(default_factory=lambda: np.empty(0))

    def robust(self, radius_255: float) -> np.ndarray:
        """1 where a plant stands at this radius, else 0, "plants"."""
        return (self.first > radius_255).astype(np.float64)

    def under_noise(self, place: int) -> np.ndarray:
        """1 where a plant stands under the null at `place`, "plants"."""
        return (~self.noise[place]).astype(np.float64)

    def broken(self) -> tuple[list[int], list[int]]:
        """Plants that stood when clean and do not at each radius: by the attack, by the null."""
        stood = self.first > 0
        by_null = [int((row & stood).sum()) for row in self.noise]
        return [int((stood & (self.first <= r)).sum()) for r in self.radii_255], by_null


def curve(
    attack: Attack,
    model: nn.Module,
    views: Tensor,
    goal_of: GoalOf,
    budget: Budget,
    radii_255: Sequence[float] = RADII_255,
    *,
    generator: torch.Generator,
    check: Check = lambda: None,
    step: Callable[[int], None] = lambda done: None,
) -> Curve:
    """Attack at rising radii.

    Args:
        attack: How.
        model: What, see `Attack.__call__`.
        views: Pairs.
        goal_of: The goal for some of the plants, by their rows.
        budget: Norm, sensors and mask; its radius is replaced (a sensor with radius 0 stays out).
        radii_255: In grey levels, rising.
        generator: Draws starts and noise.
        check: Called before each pass; may raise to stop.
        step: Called with the number of radii done.

    Raises:
        PlantEduError: for radii that do not rise, and what `Attack.__call__` refuses.
    """
    rising = all(a < b for a, b in itertools.pairwise(radii_255))
    require(bool(radii_255) and rising, f"Radii must rise; got {tuple(radii_255)}.")
    n = views.shape[1]
    first, noise = np.full(n, np.inf), []
    passes: list[Attacked] = []
    pictures = torch.as_tensor(views).numpy().copy()
    for done, radius in enumerate(radii_255, 1):
        own = budget.scaled(0.0 if not any(budget.radius) else radius / LEVELS / max(budget.radius))
        knobs = {"generator": generator, "check": check}
        blurred = (attack.null() or RandomNoise())(
            model, views, goal_of(torch.arange(n)), own, **knobs
        )
        noise.append(blurred.reached)
        if done == 1:
            first[blurred.at_start] = 0.0
        rows = torch.from_numpy(np.flatnonzero(np.isinf(first)))
        if len(rows):
            one = attack.of_rows(rows)
            found = one(model, views[:, rows], goal_of(rows), own, **knobs)
            first[rows[found.reached].numpy()] = radius
            pictures[:, rows.numpy()] = found.views
            passes.append(found)
        step(done)
    return Curve(
        radii_255=tuple(radii_255),
        first=first,
        noise=np.stack(noise),
        notes=tuple(dict.fromkeys(note for one in passes for note in one.notes)),
        forwards=sum(one.forwards for one in passes),
        backwards=sum(one.backwards for one in passes),
        pictures=pictures,
    )
