"""Which candidate cues name the class in the pictures alone, before any network is asked.

    right(cue, y) = balanced accuracy of a linear reader of the cue's description, two-fold
    p = (1 + #{shuffles: max over cues of right(cue, y') >= right(cue, y)}) / (1 + shuffles)

The labels of all pictures are shuffled together, the same shuffles for every cue, and each cue is
held against the largest over all of them: the chance of naming any cue where none says anything is
p, whatever the cues have in common.

Source: the largest statistic over all: Westfall & Young 1993 [westfall1993]. Lesson: 08_attacks.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch

from plantedu.own.examination.cues import Cue
from plantedu.own.examination.heads import folds_of
from plantedu.statistics.ridge import RidgePath, Wanted
from plantedu.training.linear_probe import standardised
from plantedu.training.seeding import numpy_generator_for

PENALTY = 1e-2  # of the largest squared singular value


@dataclass(frozen=True)
class InPictures:
    """How well one cue names the class.

    Attributes:
        cue: Its name.
        right: Balanced accuracy on pictures that its reader has not seen.
        null: Mean of the same over shuffled labels.
        p: Corrected for all candidates.
    """

    cue: str
    right: float
    null: float
    p: float


def named_by(
    descriptions: Sequence[np.ndarray],
    names: Sequence[str],
    labels: np.ndarray,
    *,
    seed: int = 0,
    shuffles: int = 199,
    check: Callable[[], None] = lambda: None,
) -> list[InPictures]:
    """How well each cue names the class, corrected over all that are given.

    Args:
        descriptions: Of each cue, "pictures numbers".
        names: Of the cues.
        labels: Codes 0.. of the pictures.
        seed: Draws folds and shuffles.
        shuffles: Of the null; 0 leaves p at 1.
        check: Called between cues; may raise to stop.
    """
    fold = folds_of(labels, folds=2, seed=seed)
    rng = numpy_generator_for(seed, "shuffles")
    orders = [np.arange(len(labels)), *(rng.permutation(len(labels)) for _ in range(shuffles))]
    asked = np.stack([labels[order] for order in orders])
    found = []
    for one in descriptions:
        check()
        found.append(balanced(torch.from_numpy(one), asked, fold))
    right = np.stack(found)  # "cues orders"
    most = right[:, 1:].max(0) if shuffles else np.empty(0)
    return [
        InPictures(
            name,
            float(row[0]),
            float(row[1:].mean()) if shuffles else 1 / (int(labels.max()) + 1),
            float((1 + (most >= row[0] - 1e-12).sum()) / (1 + shuffles)),
        )
        for name, row in zip(names, right, strict=True)
    ]


def balanced(features: torch.Tensor, asked: np.ndarray, fold: np.ndarray) -> np.ndarray:
    """Balanced accuracy for each set of labels, from one decomposition a fold, "sets".

    Ridge regression of each class's indicator, under one penalty for all sets, so that labels and
    shuffles are treated alike; a picture is called the class whose share has grown most over its
    share of all, sum_j x_j w_jk / pi_k, which leans to no class for being frequent.

    Args:
        features: "pictures numbers".
        asked: Sets of labels, "sets pictures"; the same counts in each.
        fold: Of each picture.
    """
    sets, classes = len(asked), int(asked.max()) + 1
    hits = np.zeros((sets, classes))
    hot = torch.eye(classes, dtype=torch.float64)[
        torch.from_numpy(asked)
    ]  # "sets pictures classes"
    for k in range(int(fold.max()) + 1):
        seen = torch.from_numpy(fold != k)
        if float(features[seen].std(0).max()) == 0:
            return np.full(sets, 1 / classes)
        train, held = standardised(features[seen].double(), features[~seen].double())
        path = RidgePath(train[:, :-1])
        aims = hot[:, seen].permute(1, 0, 2).flatten(1)
        ((weights, shares),) = path.fit([Wanted(aims)], penalty=PENALTY)
        grown = path.turned(held[:, :-1]) @ weights / shares.clamp_min(1e-9)
        said = grown.unflatten(1, (sets, classes)).argmax(2)  # "held sets"
        right = (torch.from_numpy(asked[:, fold == k]) == said.T).double()
        hits += torch.einsum("sp,spc->sc", right, hot[:, ~seen]).numpy()
    return (hits / np.bincount(asked[0], minlength=classes)).mean(1)


def described(cues: Sequence[Cue], pictures: np.ndarray) -> list[np.ndarray]:
    """The description of each cue in every picture, each "pictures numbers"."""
    return [one.described(pictures) for one in cues]
