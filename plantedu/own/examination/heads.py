"""Whose predictions are examined: the network's own head, or a linear reader of its features.

    own      argmax of the network's logits, where it has one for each class of these pictures
    linear   discriminants of h (`statistics/ridge.py`), fitted on four fifths of the pictures and
             asked about the last one: no picture is judged by a reader that has seen it

A picture that was changed by do() is judged by the reader of the picture that it was made of.

Lesson: 02_training.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch
from torch import Tensor

from plantedu.errors import require
from plantedu.statistics.ridge import RidgePath, Wanted
from plantedu.training.linear_probe import standardised
from plantedu.training.seeding import numpy_generator_for

FOLDS = 5
FEWEST = 4  # pictures of a class


class Network(Protocol):
    """What of a model is asked here; `own.model.Model` is one."""

    def features(self, pictures: np.ndarray) -> Tensor:
        """h, "batch dim"."""
        ...

    def logits(self, pictures: np.ndarray) -> Tensor | None:
        """What its own head answers, "batch classes"; None where it has none."""
        ...


@dataclass(frozen=True, eq=False)
class Head:
    """Predictions of pictures.

    Attributes:
        name: Whose they are, in words.
        names: Pictures "batch 3 height width" and the rows that they were made of, to scores of
            the classes, "batch classes".
    """

    name: str
    names: Callable[[np.ndarray, np.ndarray], np.ndarray]

    def __call__(self, pictures: np.ndarray, rows: np.ndarray) -> np.ndarray:
        """The class of each picture.

        Args:
            pictures: uint8, "batch 3 height width".
            rows: Which picture of the data each was made of, "batch".
        """
        return self.names(pictures, rows).argmax(1)


def own_head(network: Network, classes: int) -> Head | None:
    """The network's own head, where it answers with one number a class; else None."""
    seen = network.logits(np.zeros((1, 3, 64, 64), np.uint8))
    if seen is None or seen.shape[1] != classes:
        return None

    def names(pictures: np.ndarray, rows: np.ndarray) -> np.ndarray:
        found = network.logits(pictures)
        assert found is not None
        return found.numpy()

    return Head("the network's own head", names)


def folds_of(labels: np.ndarray, *, folds: int = FOLDS, seed: int = 0) -> np.ndarray:
    """A fold for each picture, every class spread evenly, "pictures".

    Args:
        labels: Codes, "pictures".
        folds: How many.
        seed: Draws who is where.

    Raises:
        PlantEduError: for fewer than two classes, or fewer than four pictures of one.
    """
    kinds, counts = np.unique(labels, return_counts=True)
    require(len(kinds) > 1, "All pictures are of one class: nothing can be told from anything.")
    require(
        int(counts.min()) >= FEWEST,
        f"Class {kinds[counts.argmin()]} has {counts.min()} pictures; each needs {FEWEST} or more "
        "for a reader to be fitted and tried.",
    )
    found, rng = np.zeros(len(labels), dtype=int), numpy_generator_for(seed, "folds")
    for start, kind in enumerate(kinds):
        rows = rng.permutation(np.flatnonzero(labels == kind))
        found[rows] = (np.arange(len(rows)) + start) % folds
    return found


@dataclass(frozen=True, eq=False)
class LinearHead:
    """A linear reader a fold.

    Attributes:
        fold: Of each picture of the data, "pictures".
        middle, spread: What features are standardised by, "folds dim".
        weights, constants: Of the discriminants, "folds dim classes", "folds classes".
    """

    fold: np.ndarray
    middle: np.ndarray
    spread: np.ndarray
    weights: np.ndarray
    constants: np.ndarray

    def scores(self, features: np.ndarray, rows: np.ndarray) -> np.ndarray:
        """Discriminants of features of pictures that were made of `rows`, "batch classes"."""
        out = np.empty((len(rows), self.constants.shape[1]))
        for k in range(len(self.middle)):
            own = self.fold[rows] == k
            x = (features[own] - self.middle[k]) / self.spread[k]
            out[own] = x @ self.weights[k] + self.constants[k]
        return out


def fit_linear_head(
    features: Tensor, labels: np.ndarray, classes: int, fold: np.ndarray
) -> LinearHead:
    """Fit a reader a fold; what stands in a fold is not seen by its reader.

    Args:
        features: h, "pictures dim".
        labels: Codes, "pictures".
        classes: How many there are.
        fold: Of each picture.

    Raises:
        PlantEduError: for features that are not finite, or the same for every picture.
    """
    parts = []
    for k in range(int(fold.max()) + 1):
        seen = torch.from_numpy(fold != k)
        x = features[seen].double()
        scaled, _ = standardised(x, x[:1])
        path = RidgePath(scaled[:, :-1])
        wanted = Wanted.of_category(torch.from_numpy(labels)[seen], classes)
        ((turned, constants),) = path.fit([wanted])
        weights = path.parts.turn @ turned
        spread = x.std(0)
        spread = spread.clamp_min(max(0.1 * float(spread.median()), 1e-6))  # as `standardised`
        parts.append((x.mean(0), spread, weights, constants - path.parts.middle @ weights))
    middle, spread, weights, constants = (
        np.stack([one[j].numpy() for one in parts]) for j in range(4)
    )
    return LinearHead(fold, middle, spread, weights, constants)


def linear_head(
    network: Network, features: Tensor, labels: np.ndarray, classes: int, *, seed: int = 0
) -> Head:
    """A linear reader of the network's features as a head.

    Args:
        network: Gives the features of changed pictures.
        features: Those of the data, "pictures dim".
        labels, classes: What is read.
        seed: Draws the folds.
    """
    reader = fit_linear_head(features, labels, classes, folds_of(labels, seed=seed))

    def names(pictures: np.ndarray, rows: np.ndarray) -> np.ndarray:
        return reader.scores(network.features(pictures).double().numpy(), rows)

    return Head("a linear reader of h", names)
