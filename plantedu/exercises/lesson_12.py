"""Code exercises of lesson 12: who follows an exchanged cue, and the best of many cues.

Lesson: 12_own. The package's own versions are own/examination/exchange.py and in_pictures.py.
"""

import numpy as np

from plantedu.exercises import checks_12 as checks
from plantedu.exercises.exercise import Exercise

LESSON = "12_own"


def followed(other: np.ndarray, same: np.ndarray, wanted: np.ndarray) -> float:
    """Share of predictions that follow an exchanged cue, less what the exchange itself does.

    Picture i gets a piece of a picture of another class, wanted_i, and, in a second trial, the same
    piece of a picture of its own class. Both have the same seams. With 1[...] being 1 where it
    holds and 0 elsewhere:

        followed = 1/n sum_i (1[other_i = wanted_i] - 1[same_i = wanted_i])

    Args:
        other: What each picture is called with the piece of another class, codes, "pictures".
        same: What each is called with the piece of its own class, codes, "pictures".
        wanted: The class that the first piece is from, codes, "pictures".

    Returns:
        A number from -1 to 1.

    Source: do(): Pearl 2009 [pearl2009].
    """
    called = (other == wanted).astype(float)
    by_the_seam = (same == wanted).astype(float)
    return float((called - by_the_seam).mean())


def best_of_many(right: np.ndarray, shuffled: np.ndarray) -> np.ndarray:
    """p of each of many cues, corrected for all of them by the largest one of each shuffle.

    With r_k how well cue k names the class, and r_sk the same after shuffle s of the labels:

        p_k = (1 + #{s: max_j r_sj >= r_k}) / (1 + shuffles)

    so that, where no cue says anything, naming any of them at p <= .05 happens in 5 % of the cases.

    Args:
        right: r_k, "cues".
        shuffled: r_sk, "shuffles cues".

    Returns:
        p, "cues", in (0, 1].

    Source: Westfall & Young 1993 [westfall1993].
    """
    most = shuffled.max(axis=1)
    reached = (most[:, None] >= right[None, :]).sum(axis=0)
    return (1 + reached) / (1 + len(shuffled))


EXERCISES = (
    Exercise(
        key="12.5",
        title="Who follows the cue",
        lesson=LESSON,
        reference=followed,
        checks=(checks.all_of_them, checks.with_seams, checks.only_the_seam),
        mistakes={
            "the seam is left in": "A piece of any other picture disturbs. Take off what a piece "
            "of a picture of the own class does, or the seam passes for the cue.",
            "any difference counts": "The two trials may end in two wrong names. What counts is "
            "the name of the giver's class.",
            "signs dropped": "A picture that takes the wanted name in the second trial alone "
            "counts against. Without its sign, chance adds up to an effect.",
            "turned round": "The trial with another class's piece comes first; its names less "
            "those of the second.",
            "of those that moved": "Divide by all pictures. Among those alone whose name moved, "
            "a cue that nearly nobody follows looks like one that all follow.",
        },
    ),
    Exercise(
        key="12.6",
        title="The best of many cues",
        lesson=LESSON,
        reference=best_of_many,
        checks=(checks.three_by_hand, checks.beside_loops),
        mistakes={
            "each cue alone": "Forty cues of noise, each held against its own shuffles at .05: "
            "two of them pass. Hold each against the largest of every shuffle.",
            "zero is possible": "The labels as they stand are one order too: add one above and "
            "below. No finite number of shuffles shows p = 0.",
            "ties left out": "A shuffle that does as well counts: >=, not >.",
            "the mean of the cues": "The best was chosen, so it is held against the best of each "
            "shuffle. Their mean is far easier to beat.",
            "turned round": "Count the shuffles that reach the number, not those that stay below.",
            "one p for all": "Every cue has its own number, and its own p.",
        },
    ),
)
