"""What a method of one's own is given and has to answer: four protocols, graded by the card.

    attribution(net, x1, x2, target)         -> relevance of every pixel
    similarity(x, y)                         -> a number
    changepoints(steps, values)              -> steps
    attack(net, x, labels, radius)           -> x'

Each becomes one trial of the report card or several, with one's own function in the place of ours.
What is reported and what is a false alarm is the card's business; see `topics/report_card`.

Lesson: 11_report.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from plantedu.own.guarded import Guarded
from plantedu.topics.attacks.defences import Rounded
from plantedu.topics.attacks.family import ATTACKS, make
from plantedu.topics.attacks.threat_model import LEVELS
from plantedu.topics.attribution.results.method_comparison import ROWS, SAYS_ROW
from plantedu.topics.attribution.results.names import BASELINES
from plantedu.topics.report_card import attacks, curves, maps, similarity
from plantedu.topics.report_card.networks import HAS_CUE, Field
from plantedu.topics.report_card.results.own_method import KINDS
from plantedu.topics.report_card.table import trial
from plantedu.topics.report_card.trial import Mark, Trial
from plantedu.topics.similarity.family import MEASURES

Marks = Callable[[int], list[Mark]]
HAIR = 1e-6  # of the range [0, 1]: what rounding to single precision may add to a ball
NO_BODY = ("gradcam",)  # the card's small networks have no stage of that name
OTHER_BALLS = ("minimum", "physical", "semantic")  # attacks that ask another question


@dataclass(frozen=True)
class Exam:
    """One of the card's trials, with a method of one's own in it.

    Attributes:
        of: The card's trial.
        own: The same trial of one's own method: seed of a world to marks.
        ours: Methods of the course that can be put beside it, by every name that they have.
    """

    of: Trial
    own: Marks
    ours: Mapping[str, Marks]


def exams(kind: str, own: Callable[..., Any], options: Mapping[str, bool]) -> tuple[Exam, ...]:
    """The trials that a method of this kind sits.

    Args:
        kind: Of KINDS.
        own: The function.
        options: Of its decorator.
    """
    made: dict[str, Callable[..., tuple[Exam, ...]]] = dict(
        zip(KINDS, (_attribution, _similarity, _changepoints, _attack), strict=True)
    )
    return made[kind](Guarded(own), **options)


def _attribution(own: Guarded) -> tuple[Exam, ...]:
    def relevance(seed: int, found: Field, network: str) -> np.ndarray:
        pair, scored = found.batch, found.networks[network]
        answer = own(seed, scored, pair.x1, pair.x2, HAS_CUE)
        if isinstance(answer, tuple | list) and all(isinstance(one, Tensor) for one in answer):
            answer = torch.stack(tuple(answer))  # as captum gives two inputs' maps
        bands = (2, *pair.x1.shape)
        shape = (2, len(pair), *pair.x1.shape[-2:])
        what = 'a map "2 plants height width" (or with the three bands after plants)'
        found_ = np.abs(own.array(seed, answer, shape, bands, what=what))
        return found_.sum(2) if found_.ndim == 5 else found_

    def marks(seed: int) -> list[Mark]:
        return maps.asked(seed, lambda found, network: relevance(seed, found, network))

    ours: dict[str, Marks] = {}
    for row in ROWS:
        if row not in BASELINES and row not in NO_BODY:
            ours[row] = ours[SAYS_ROW[row]] = _by_row(row)
    return (Exam(trial("IG from blur"), marks, ours),)


def _by_row(row: str) -> Marks:
    return lambda seed: maps.asked(seed, maps.of_family(seed, row))


def _similarity(own: Guarded, *, distance: bool = False, cka: bool = False) -> tuple[Exam, ...]:
    def value(seed: int, x: Tensor, y: Tensor) -> float:
        answer = own(seed, x.numpy(), y.numpy())
        return float(own.array(seed, answer, (), what="a number"))

    def marks(seed: int) -> list[Mark]:
        def of(x: Tensor, y: Tensor) -> float:
            return value(seed, x, y)

        says = similarity.beside_shuffles(of, seed, distance=distance)
        return similarity.asked(seed, says, of if cka else None)

    ours: dict[str, Marks] = {name: trial(name).run for name in BY_CARD["similarity"]}
    ours |= {one.name: _by_measure(one) for one in MEASURES}
    return (Exam(trial("CKA, debiased"), marks, ours),)


def _by_measure(measure: Any) -> Marks:
    return lambda seed: similarity.asked(seed, similarity.of_family(measure, seed), None)


def _changepoints(own: Guarded) -> tuple[Exam, ...]:
    def finds(seed: int) -> curves.Finds:
        return lambda values: _places(own, seed, values)

    detector, several, awkward = (trial(name) for name in BY_CARD["changepoints"][:3])
    eye = {"bump by eye": trial("bump by eye").run}
    return (
        Exam(
            detector,
            lambda seed: curves.one_step(seed, finds(seed)),
            {"bump detector": detector.run, **eye},
        ),
        Exam(
            several,
            lambda seed: curves.several_steps(seed, finds(seed)),
            {"bump detector": several.run},
        ),
        Exam(
            awkward,
            lambda seed: curves.awkward_step(seed, finds(seed)),
            {"bump detector": awkward.run},
        ),
    )


def _places(own: Guarded, seed: int, values: np.ndarray) -> list[curves.Place]:
    """Steps that the method reports: a number each, or (step, low, high)."""
    answer = own(seed, np.arange(len(values), dtype=np.float64), values)
    what = "a list of steps, each a number or (step, low, high)"
    if isinstance(answer, str | bytes | dict) or not hasattr(answer, "__iter__"):
        raise own.wrong(seed, f"gave a {type(answer).__name__}; expected {what}")
    found = []
    for one in answer:
        step, *ends = np.ravel(own.array(seed, one, (), (1,), (3,), what=what)).tolist()
        last = len(values) - 1
        if not 0 <= step <= last:
            raise own.wrong(seed, f"reported a step at {step:g}; the steps go from 0 to {last}")
        if ends and ends[0] > ends[1]:
            raise own.wrong(seed, f"gave the interval {ends[0]:g} to {ends[1]:g}, back to front")
        found.append(curves.Place(step, (ends[0], ends[1]) if ends else None))
    return found


def _attack(own: Guarded) -> tuple[Exam, ...]:
    def fools(seed: int) -> attacks.Fools:
        return lambda model, x, radius: _fooled(own, seed, model, x, radius)

    plain, hidden = trial("PGD"), trial("PGD, hidden slope")
    known = [one.name for one in ATTACKS if one.name not in OTHER_BALLS]
    bare: dict[str, Marks] = {name: trial(name).run for name in ("PGD", "random noise")}
    bare |= {name: _by_attack(name, lambda model: model) for name in known}
    behind: dict[str, Marks] = {name: _by_attack(name, Rounded) for name in known}
    return (
        Exam(plain, lambda seed: attacks.asked(seed, fools(seed)), bare),
        Exam(hidden, lambda seed: attacks.asked(seed, fools(seed), Rounded), behind),
    )


def _by_attack(name: str, wrap: attacks.Wrap) -> Marks:
    attack = make(name, steps=20)
    return lambda seed: attacks.asked(seed, attacks.of_family(attack, seed), wrap)


def _fooled(own: Guarded, seed: int, model: nn.Module, x: Tensor, radius: float) -> bool:
    """Whether the picture that comes back, as a file of 8 bits holds it, has a wrong name."""
    answer = own(seed, model, x, torch.ones(1, dtype=torch.long), radius)
    what = 'pictures like those given, "2 batch 3 height width"'
    found = own.array(seed, answer, tuple(x.shape), what=what)
    far = float(np.abs(found - x.double().numpy()).max())
    if far > radius + HAIR:
        said = f"left its ball: a value moved by {far:.4f}, and the radius is {radius:.4f}"
        raise own.wrong(seed, said)
    if found.min() < -HAIR or found.max() > 1 + HAIR:
        raise own.wrong(seed, f"left [0, 1]: {found.min():.3g} to {found.max():.3g}")
    stored = torch.from_numpy(np.rint(found * LEVELS)).float() / LEVELS
    with torch.no_grad():
        return bool(attacks.GOAL.reached(model(stored), torch.arange(1))[0])


BY_CARD = {
    "similarity": ("CKA, debiased", "CKA, biased, above .5"),
    "changepoints": ("bump detector", "bump, several steps", "bump, awkward curves"),
}
