"""Signs that an attack failed, and not that a model is robust.

    zero slopes            more than half of all slopes are exactly 0
    black beats white      Square, without slopes, breaks plants that PGD left standing
    one beats many         one step breaks plants that many steps left standing
    smaller beats larger   plants broken at half the radius stand at the whole one (asked afresh)
    stands at radius 1     some plant stands although every picture is allowed
    noise is as good       noise of the same size breaks as many as the attack, also where both
                           break none: the attack has shown nothing (two plants or more could fall)

Each is counted in plants; one plant may differ by luck, so an alarm rings at two or more. A model
that rings is not thereby weak: its evaluation is.

Source: Athalye et al. 2018, arXiv:1802.00420 [athalye2018b]; Carlini et al. 2019,
arXiv:1902.06705 [carlini2019]. Lesson: 08_attacks.
"""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from plantedu.topics.attacks.attack import Attack, Attacked, Check
from plantedu.topics.attacks.criteria import Goal
from plantedu.topics.attacks.gradient import FGSM, PGD
from plantedu.topics.attacks.noise import RandomNoise
from plantedu.topics.attacks.square import Square
from plantedu.topics.attacks.threat_model import Budget

AS_GOOD = "noise is as good"
LUCK = 1  # plants by which two honest attacks may differ


@dataclass(frozen=True)
class Alarm:
    """One sign.

    Attributes:
        name: What it is called above.
        rings: Whether it is there.
        says: What was counted.
    """

    name: str
    rings: bool
    says: str


def alarms(
    model: nn.Module,
    views: Tensor,
    goal: Goal,
    budget: Budget,
    *,
    generator: torch.Generator,
    steps: int = 20,
    tries: int = 100,
    check: Check = lambda: None,
) -> tuple[Alarm, ...]:
    """Attack in several ways and compare.

    Args:
        model, views, goal, budget, generator, check: As `Attack.__call__`.
        steps: Of PGD.
        tries: Of Square.
    """

    def tried(attack: Attack, own: Budget) -> Attacked:
        return attack(model, views, goal, own, generator=generator, check=check)

    many, one = tried(PGD(steps=steps), budget), tried(FGSM(), budget)
    half, whole = tried(PGD(steps=steps), budget.scaled(0.5)), tried(PGD(steps=steps), _all(budget))
    noise, square = tried(RandomNoise(), budget), tried(Square(tries=tries), budget)
    n, broken = len(many.reached), int((many.reached & ~many.at_start).sum())
    by_noise = int((noise.reached & ~noise.at_start).sum())
    could = int((~many.at_start).sum())
    stands = int((~whole.reached).sum())
    return (
        Alarm("zero slopes", many.flat > 0.5, f"{many.flat:.0%} of the slopes are exactly 0"),
        _beats("black beats white", square, many, "Square breaks", "that PGD does not"),
        _beats("one beats many", one, many, "one step breaks", f"that {steps} steps do not"),
        _beats(
            "smaller beats larger", half, many, "half the radius breaks", "that the whole does not"
        ),
        Alarm("stands at radius 1", stands > LUCK, f"{stands} of {n} plants stand at radius 1"),
        as_good([broken], [by_noise], could),
    )


def as_good(broken: list[int], by_null: list[int], could: int, null: str = "noise") -> Alarm:
    """Whether an attack breaks no more than its null, at any radius; one plant may be luck.

    Args:
        broken: Plants that the attack breaks at each radius.
        by_null: Plants that the null breaks there.
        could: Plants that stood before.
        null: What it is.
    """
    most = max(range(len(broken)), key=lambda k: broken[k] - by_null[k])
    return Alarm(
        AS_GOOD,
        could > LUCK and broken[most] - by_null[most] <= LUCK,
        f"{null} breaks {by_null[most]} plants, the attack {broken[most]}",
    )


def _all(budget: Budget) -> Budget:
    """The same sensors with radius 1."""
    return budget.scaled(1 / max(*budget.radius, 1e-9)) if any(budget.radius) else budget


def _beats(name: str, weak: Attacked, strong: Attacked, does: str, than: str) -> Alarm:
    more = int(np.sum(weak.reached & ~strong.reached))
    return Alarm(name, more > LUCK, f"{does} {more} plants {than}")
