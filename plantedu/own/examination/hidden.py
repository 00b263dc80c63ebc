"""The hidden shortcut: do predictions follow something at the border, or the light, of a picture?

    1  in pictures   which candidate cues name the class by themselves, p <= .05 over all of them
    2  by do()       of those, which move predictions when they are exchanged between classes:
                     more than the same exchange within the class, and more than equal regions
                     inside the picture that name the class best

A cue is *found* if 1 holds and, at a level corrected for the cues that are tried (Bonferroni), the
intervals of 2 lie above 0 and a tenth of the predictions move or more. What is found is a place or
a light that both names the class and is followed. Whether it is a shortcut you alone can say: if
the object itself stands there, it is none.

A cue that is not among the candidates, or stands in the middle of the object, is not found.

Source: Geirhos et al. 2020, arXiv:2004.07780 [geirhos2020]; do(): Pearl 2009 [pearl2009].
Lesson: 08_attacks.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from plantedu.own.examination.cues import STATISTICS, Cue, Region, regions
from plantedu.own.examination.exchange import Plan, moved, planned
from plantedu.own.examination.heads import Head
from plantedu.own.examination.in_pictures import InPictures, described, named_by
from plantedu.serialization import AsJson
from plantedu.statistics.evidence import Evidence
from plantedu.statistics.intervals import difference_interval

LEVEL = 0.05
LEAST = 0.1  # of the predictions that a cue has to move to be called found
ALIKE = 0.05  # cues that name the class about as well: the smallest place of them is tried first
ELSEWHERE = 2  # equal regions inside, those that name the class best


@dataclass(frozen=True)
class Followed(AsJson):
    """One cue that was exchanged.

    Attributes:
        cue: Its name.
        moved: Share of predictions that follow it to the giver's class, less within the class.
        beyond: The same less the most that an equal region inside moves; None for light.
        elsewhere: What that region moves; 0 for light.
        found: Whether it is called found.
        corners: Its rectangles in eighths of the side; empty for light.
    """

    cue: str
    moved: Evidence
    beyond: Evidence | None
    elsewhere: float
    found: bool
    corners: tuple[tuple[int, int, int, int], ...] = ()


@dataclass(frozen=True)
class Hidden(AsJson):
    """What was found.

    Attributes:
        head: Whose predictions.
        pictures: How many were looked at, and how many changed.
        changed: How many were changed by do().
        named: Every candidate in the pictures alone, the best first.
        followed: Those that were exchanged.
    """

    head: str
    pictures: int
    changed: int
    named: tuple[InPictures, ...]
    followed: tuple[Followed, ...]

    @property
    def found(self) -> tuple[Followed, ...]:
        """The cues that predictions follow, the strongest first."""
        hit = [one for one in self.followed if one.found]
        return tuple(sorted(hit, key=lambda one: -one.moved.value))


def hidden(
    head: Head,
    pictures: np.ndarray,
    labels: np.ndarray,
    *,
    seed: int = 0,
    shuffles: int = 199,
    changed: int = 192,
    tried: int = 6,
    check: Callable[[], None] = lambda: None,
) -> Hidden:
    """Look for cues that name the class at the border or by the light, and whether they are used.

    Args:
        head: Whose predictions are asked.
        pictures: uint8, "pictures 3 height width", as the network takes them.
        labels: Codes 0.., "pictures".
        seed: Draws folds, shuffles and givers.
        shuffles: Of the labels.
        changed: Pictures that are changed by do().
        tried: Candidates that are exchanged at most.
        check: Called between parts; may raise to stop.

    Raises:
        PlantEduError: for one class, or fewer than four pictures of one.
    """
    places = regions()
    outer: list[Cue] = [*(one for one in places if one.border), *STATISTICS]
    inner = [one for one in places if not one.border]
    knobs = {"seed": seed, "check": check}
    named = named_by(
        described(outer, pictures), [o.name for o in outer], labels, shuffles=shuffles, **knobs
    )
    inside = named_by(
        described(inner, pictures), [o.name for o in inner], labels, shuffles=0, **knobs
    )
    order = sorted(range(len(outer)), key=lambda k: (-named[k].right, _area(outer[k])))
    small = sorted(order, key=lambda k: (-int(named[k].right / ALIKE), _area(outer[k])))
    chosen = _apart([outer[k] for k in small if named[k].p <= LEVEL], tried)
    plan, kept = planned(labels, changed, seed=seed), {}
    followed = []
    for cue in chosen:
        check()
        effect = moved(cue, head, pictures, plan)
        others_effects = []
        if isinstance(cue, Region):
            if cue.shape not in kept:
                best = _best(inner, inside, cue.shape)
                kept[cue.shape] = [moved(one, head, pictures, plan) for one in best]
            others_effects = kept[cue.shape]
        followed.append(_judged(cue, effect, others_effects, plan, len(chosen), head.name))
    return Hidden(
        head.name,
        len(pictures),
        len(plan.rows),
        tuple(named[k] for k in order),
        tuple(followed),
    )


def _area(cue: Cue) -> int:
    boxes = cue.boxes if isinstance(cue, Region) else ()
    return sum((b - t) * (r - left) for t, b, left, r in boxes) or 1


def _apart(cues: list[Cue], most: int) -> list[Cue]:
    """The best, those that share no pixel with a better one of their shape first.

    A mark may fill a cell, or lie across four: the places of each size are tried.
    """
    first: list[Cue] = []
    for cue in cues:
        if not any(_overlap(cue, other) for other in first):
            first.append(cue)
    rest = [cue for cue in cues if cue not in first]
    return [*first, *rest][:most]


def _overlap(one: Cue, other: Cue) -> bool:
    if not (isinstance(one, Region) and isinstance(other, Region)):
        return False
    size = (8, 8)
    if one.shape != other.shape:
        return False
    return bool((one.mask(size) & other.mask(size)).any())


def _best(inner: list[Region], inside: list[InPictures], shape: str) -> list[Region]:
    """The equal regions inside that name the class best."""
    fit = [k for k, one in enumerate(inner) if one.shape == shape]
    return [inner[k] for k in sorted(fit, key=lambda k: -inside[k].right)[:ELSEWHERE]]


def _judged(
    cue: Cue,
    effect: np.ndarray,
    others_effects: list[np.ndarray],
    plan: Plan,
    tried: int,
    whose: str,
) -> Followed:
    """The evidence of one cue, at a level corrected for those that were tried."""
    level = 1 - LEVEL / tried
    n = len(plan.rows)
    own = Evidence(
        question=f"What share of predictions of {whose} follow {cue.name} to another class?",
        value=float(effect.mean()),
        null=0.0,
        control="the same exchange within the class",
        n=n,
        interval=difference_interval(effect, level=level),
        level=level,
    )
    strong = (own.interval or (0, 0))[0] > 0 and own.value >= LEAST
    if not others_effects:
        return Followed(cue.name, own, None, 0.0, strong)
    most = max(others_effects, key=lambda one: float(one.mean()))
    halves = (effect - most) / 2  # from -1 to 1
    low, high = difference_interval(halves, level=level)
    beyond = Evidence(
        question=f"How many more follow {cue.name} than an equal region inside?",
        value=float(effect.mean() - most.mean()),
        null=0.0,
        control="an equal region inside the picture, of those that name the class best",
        n=n,
        interval=(2 * low, 2 * high),
        level=level,
    )
    boxes = cue.boxes if isinstance(cue, Region) else ()
    return Followed(cue.name, own, beyond, float(most.mean()), strong and low > 0, boxes)
