"""Trials on single directions of a dictionary: is this one of the directions that are there?

The activations are those of `features`, whose directions are known. Cases are the live directions
of a dictionary. There is one where a known direction lies at a cosine of .9 or more.

Source: toy models of superposition, Elhage et al. 2022, arXiv:2209.10652 [elhage2022]; two seeds:
Paulo & Belrose 2025, arXiv:2501.16615 [paulo2025]. Lesson: 10_neurons.
"""

import torch
import torch.nn.functional as F
from torch import Generator, Tensor

from plantedu.topics.neurons.superposition import superposition
from plantedu.topics.report_card.features import DIM, KNOWN, ROWS, cases
from plantedu.topics.report_card.trial import Mark, drawn

NEAR = 0.9


def _near(one: Tensor, other: Tensor) -> Tensor:
    """Largest cosine of each direction of `one` with those of `other`, "one"."""
    cosines = F.normalize(one.detach(), dim=1) @ F.normalize(other.detach(), dim=1).T
    return cosines.max(dim=1).values


def _directions(seed: int) -> tuple[Tensor, Tensor, Tensor]:
    """Live directions of a dictionary, all of another seed's, and the known ones."""
    active = float(drawn(seed, "features").uniform(1.5, 3.0))
    generator = Generator().manual_seed(seed)
    known = superposition(ROWS, features=KNOWN, dim=DIM, active=active, generator=generator)
    case = cases(seed)[0]
    one, other = case.two
    with torch.no_grad():
        live = (one.codes(case.x) > 0).any(0)
    return one.directions[live], other.directions, known.directions


def of_two_seeds(seed: int) -> list[Mark]:
    """A direction that another seed found too is reported."""
    own, other, known = _directions(seed)
    said, there = _near(own, other) >= NEAR, _near(own, known) >= NEAR
    return [Mark(bool(t), bool(s)) for t, s in zip(there, said, strict=True)]


def every_live(seed: int) -> list[Mark]:
    """Every live direction is reported: what a page that lists them does."""
    own, _, known = _directions(seed)
    return [Mark(bool(t), True) for t in _near(own, known) >= NEAR]
