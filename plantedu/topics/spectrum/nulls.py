"""Nulls of a square map: shuffled pairs, a turned target, and a matrix of nothing but noise.

    shuffled pairs    the plants of Y in another order: nothing is carried, S around 0
    random rotation   Y Q with Q drawn at random: as much is carried (R2 is the same), in no common
                      basis, S around 0: S measures alignment of bases, R2 measures information
    circular law      d x d independent numbers: eigenvalues fill a disc, and the standard deviation
                      of S over such matrices is about 3 / (2 d)

The last holds for sum lambda = trace (standard deviation sqrt(d) s) over sum |lambda|, about
d * 2/3 * sqrt(d) s. The permutation test refits the penalty for every shuffle, so that its p is
exact if the pairs can be exchanged.

Source: Ginibre 1965 [ginibre1965]. Lesson: 07_spectrum.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from plantedu.topics.spectrum.score import copying_scores

if TYPE_CHECKING:  # charts of known heads have its Draws, and load no torch
    from plantedu.statistics.ridge_map import Ridge


@dataclass(frozen=True, eq=False)
class Draws:
    """A null, drawn many times.

    Attributes:
        scores: S of each draw, "draws".
        r2: R2 on held-out plants of each draw, "draws".
        values: Eigenvalues, "draws dim".
    """

    scores: np.ndarray
    r2: np.ndarray
    values: np.ndarray


Split = tuple[np.ndarray, np.ndarray]


def shuffled(
    ridge: "Ridge",
    y: np.ndarray,
    held_out: Split,
    *,
    generator: np.random.Generator,
    draws: int = 99,
) -> Draws:
    """Maps fitted to other plants' partners, scored on other plants' partners.

    Args:
        ridge: X of the training plants, taken apart.
        y: Y of the training plants.
        held_out: X and Y of the held-out plants.
        generator: Draws the orders.
        draws: How many.
    """
    x_new, y_new = held_out
    matrices, r2 = [], []
    for _ in range(draws):
        found = ridge.fit(y[generator.permutation(len(y))])
        matrices.append(found.matrix)
        r2.append(found.r2(x_new, y_new[generator.permutation(len(y_new))]))
    scores, values = copying_scores(np.array(matrices))
    return Draws(scores, np.array(r2), values)


def rotated(
    ridge: "Ridge",
    y: np.ndarray,
    held_out: Split,
    *,
    generator: np.random.Generator,
    draws: int = 20,
) -> Draws:
    """Maps to Y turned by random orthogonal matrices; arguments as in `shuffled`."""
    x_new, y_new = held_out
    found = ridge.fit(y)
    turns = np.array([rotation(y.shape[1], generator) for _ in range(draws)])
    scores, values = copying_scores(found.matrix @ turns)
    return Draws(scores, np.full(draws, found.r2(x_new, y_new)), values)


def ginibre(dim: int, *, generator: np.random.Generator, draws: int = 99) -> Draws:
    """Square matrices of independent Gaussian numbers with variance 1 / dim; R2 means nothing."""
    scores, values = copying_scores(generator.normal(size=(draws, dim, dim)) / np.sqrt(dim))
    return Draws(scores, np.full(draws, np.nan), values)


def circular_sd(dim: int) -> float:
    """Standard deviation of S over random matrices, for large dim."""
    return 3 / (2 * dim)


def rotation(dim: int, generator: np.random.Generator) -> np.ndarray:
    """An orthogonal matrix at random, every turn (and mirror) alike, "dim dim"."""
    q, r = np.linalg.qr(generator.normal(size=(dim, dim)))
    return q * np.sign(np.diag(r))


def p_value(value: float, null: np.ndarray) -> float:
    """Share of draws, with the value itself among them, that are at least as large.

    Draws that tie with the value count whole, so the test is never too eager.
    """
    return float((1 + (null >= value - 1e-12).sum()) / (1 + len(null)))
