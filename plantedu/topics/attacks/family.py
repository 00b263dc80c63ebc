"""The family: every attack by its name. A new one is a class, and its row in the tuple at the foot.

Lesson: 08_attacks.
"""

from dataclasses import dataclass

from plantedu.errors import require
from plantedu.topics.attacks.apgd import APGD
from plantedu.topics.attacks.attack import Attack
from plantedu.topics.attacks.eot import EOT
from plantedu.topics.attacks.gradient import FGSM, PGD
from plantedu.topics.attacks.minimum_norm import MinimumNorm
from plantedu.topics.attacks.noise import RandomNoise
from plantedu.topics.attacks.photometric import Physical
from plantedu.topics.attacks.semantic import Semantic
from plantedu.topics.attacks.square import Square


@dataclass(frozen=True)
class KnownAttack:
    """One attack.

    Attributes:
        name: What commands and pages call it.
        says: What it does, for a select box.
        kind: The class.
        steps: Its field that says how long it searches; "" for none.
        slopes: Whether it needs gradients.
    """

    name: str
    says: str
    kind: type[Attack]
    steps: str
    slopes: bool


def member(name: str) -> KnownAttack:
    """The member of that name.

    Raises:
        PlantEduError: if there is none; lists those that there are.
    """
    known = {one.name: one for one in ATTACKS}
    require(name in known, f"No attack is called {name!r}; there are {', '.join(known)}.")
    return known[name]


def make(name: str, *, steps: int = 0, **knobs: object) -> Attack:
    """An attack with so many steps (0 is its own default).

    Raises:
        PlantEduError: for an unknown name or a knob out of range.
    """
    one = member(name)
    words = {one.steps: steps} if steps and one.steps else {}
    return one.kind(**words, **knobs)  # type: ignore[arg-type]


ATTACKS: tuple[KnownAttack, ...] = (
    KnownAttack("noise", "random noise of the same size (the null)", RandomNoise, "tries", False),
    KnownAttack("fgsm", "one step along the slope", FGSM, "", True),
    KnownAttack("pgd", "projected steps along the slope", PGD, "steps", True),
    KnownAttack("apgd", "steps that halve by themselves", APGD, "steps", True),
    KnownAttack("square", "random squares, without slopes", Square, "tries", False),
    KnownAttack("minimum", "the smallest radius, by bisection", MinimumNorm, "rounds", True),
    KnownAttack("eot", "mean slopes, for models that answer at random", EOT, "draws", True),
    KnownAttack("physical", "another light, or a shadow", Physical, "tries", False),
    KnownAttack("semantic", "do() on a factor that is not the label", Semantic, "values", False),
)
