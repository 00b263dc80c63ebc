"""Trials on dictionaries: are the directions that are found really there?

    x = sum of a few known directions out of many + noise        or, in half of the cases, Gaussian
                                                                 numbers of the same covariance

The second has no directions to find, and a dictionary is trained on it all the same.

Source: toy models of superposition, Elhage et al. 2022, arXiv:2209.10652 [elhage2022]; two seeds:
Paulo & Belrose 2025, arXiv:2501.16615 [paulo2025]. Lesson: 10_neurons.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from torch import Generator, Tensor

from plantedu.topics.neurons.dictionary_scores import agreement, fvu, random_directions
from plantedu.topics.neurons.sparse_autoencoder import Dictionary, Sparse, trained
from plantedu.topics.neurons.superposition import gaussian_like, superposition
from plantedu.topics.report_card.trial import Mark, drawn

ROWS, KNOWN, DIM = 1536, 24, 16
HOW = Sparse(width=32, k=3, steps=120, batch=128, learning_rate=1e-2)
FITS, BEYOND = 0.5, 0.05


@dataclass(frozen=True, eq=False)
class Case:
    """Activations and what was trained on them.

    Attributes:
        x: "rows dim".
        two: Dictionaries of two seeds.
        like: The same of Gaussian numbers of the same covariance.
        there: Whether there are directions to find.
    """

    x: Tensor
    two: tuple[Dictionary, Dictionary]
    like: tuple[Dictionary, Dictionary]
    there: bool


@lru_cache(maxsize=2)
def cases(seed: int) -> tuple[Case, Case]:
    """Known directions, and none."""
    rng, generator = drawn(seed, "features"), Generator().manual_seed(seed)
    active = float(rng.uniform(1.5, 3.0))
    known = superposition(ROWS, features=KNOWN, dim=DIM, active=active, generator=generator).x
    plain = gaussian_like(known, rng)
    return _case(known, rng, seed, there=True), _case(plain, rng, seed, there=False)


def _case(x: Tensor, rng: np.random.Generator, seed: int, *, there: bool) -> Case:
    return Case(x, _two(x, seed), _two(gaussian_like(x, rng), seed), there)


def _two(x: Tensor, seed: int) -> tuple[Dictionary, Dictionary]:
    one, other = (
        trained(x, HOW, generator=Generator().manual_seed(2 * seed + k)) for k in range(2)
    )
    return one, other


def beyond_gaussian(seed: int) -> list[Mark]:
    """Two seeds agree by .05 more than two of Gaussian numbers of the same covariance do."""
    marks = []
    for case in cases(seed):
        own, null = (agreement(a.directions, b.directions) for a, b in (case.two, case.like))
        marks.append(Mark(case.there, own > null + BEYOND, None, own - null))
    return marks


def beyond_random(seed: int) -> list[Mark]:
    """Two seeds agree by .05 more than activations drawn at random do: the null of lesson 10."""
    marks = []
    for case in cases(seed):
        one, two = case.two
        lots = [
            random_directions(one.scaled(case.x), HOW.width, Generator().manual_seed(seed + k))
            for k in (0, 1)
        ]
        more = agreement(one.directions, two.directions) - agreement(*lots)
        marks.append(Mark(case.there, more > BEYOND, None, more))
    return marks


def fits(seed: int) -> list[Mark]:
    """Less than half of the variance is left, called features."""
    marks = []
    for case in cases(seed):
        one = case.two[0]
        with torch.no_grad():
            left = fvu(case.x, one.rebuilt(one.codes(case.x)))
        marks.append(Mark(case.there, left < FITS, None, left))
    return marks
