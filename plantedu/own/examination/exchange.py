"""Does a prediction follow a cue? do(): the cue is exchanged for that of another picture.

For picture i of class a, with b another class, j a picture of b and k one of a:

    moved_i = 1[called b, cue of j] - 1[called b, cue of k]

Both exchanges have the same seams and differ in whose cue it is, so what a foreign patch does by
being foreign cancels. For places the same is done elsewhere, in equal regions inside the picture
that name the class best: `beyond_i` is moved_i less the largest of their means. A network that
looks at the object is moved more from there.

Source: do(): Pearl 2009 [pearl2009]; exchanged backgrounds: Xiao et al. 2021, arXiv:2006.09994.
Lesson: 08_attacks.
"""

from dataclasses import dataclass

import numpy as np

from plantedu.own.examination.cues import Cue, Region
from plantedu.own.examination.heads import Head
from plantedu.training.seeding import numpy_generator_for


@dataclass(frozen=True, eq=False)
class Plan:
    """Who gives a cue to whom; the same for every cue.

    Attributes:
        rows: The pictures that are changed, "pictures".
        other: For each a picture of another class, and its class in `wanted`.
        same: For each another picture of its own class.
        wanted: The other class, "pictures".
    """

    rows: np.ndarray
    other: np.ndarray
    same: np.ndarray
    wanted: np.ndarray


def planned(labels: np.ndarray, count: int, *, seed: int = 0) -> Plan:
    """Deal givers to at most `count` pictures, the classes as evenly as they can be.

    Args:
        labels: Codes, "pictures"; every class has two or more.
        count: How many pictures are changed.
        seed: Draws all.
    """
    rng = numpy_generator_for(seed, "exchange")
    kinds = np.unique(labels)
    queues = [rng.permutation(np.flatnonzero(labels == kind)) for kind in kinds]
    turns = [(place, row) for queue in queues for place, row in enumerate(queue)]
    rows = np.array([row for _, row in sorted(turns, key=lambda turn: turn[0])][:count])
    wanted = np.array([rng.choice(kinds[kinds != labels[row]]) for row in rows])
    other = np.array([rng.choice(np.flatnonzero(labels == kind)) for kind in wanted])
    same = [np.flatnonzero((labels == labels[r]) & (np.arange(len(labels)) != r)) for r in rows]
    return Plan(rows, other, np.array([rng.choice(one) for one in same]), wanted)


def exchanged(cue: Cue, pictures: np.ndarray, donors: np.ndarray) -> np.ndarray:
    """Pictures with the cue of their donors, uint8, "batch 3 height width"."""
    if isinstance(cue, Region):
        mask = cue.mask((pictures.shape[2], pictures.shape[3]))
        return np.where(mask, donors, pictures)
    return cue.exchanged(pictures, donors)


def moved(cue: Cue, head: Head, pictures: np.ndarray, plan: Plan) -> np.ndarray:
    """moved_i of every picture of the plan, -1, 0 or 1.

    Args:
        cue: What is exchanged.
        head: Whose predictions.
        pictures: The data, uint8, "pictures 3 height width".
        plan: Who gives to whom.
    """
    own = pictures[plan.rows]
    called = [
        head(exchanged(cue, own, pictures[givers]), plan.rows) == plan.wanted
        for givers in (plan.other, plan.same)
    ]
    return called[0].astype(float) - called[1]
