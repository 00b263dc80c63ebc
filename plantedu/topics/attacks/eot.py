"""Expectation over transformation: attack a model that answers at random.

    slope = mean over k draws of  grad L(f_t(x + d))

A model that adds noise or shifts its picture gives another slope at each call. One slope of one
draw follows the noise; their mean follows the model. Whether the goal is reached is judged by the
majority of k fresh draws.

Source: Athalye et al. 2018, arXiv:1707.07397 [athalye2018a]. Lesson: 08_attacks.
"""

from dataclasses import dataclass, field

from torch import Tensor

from plantedu.errors import require
from plantedu.topics.attacks.attack import Attack, Search
from plantedu.topics.attacks.gradient import PGD


@dataclass(frozen=True, kw_only=True)
class EOT(Attack):
    """Another attack, each of whose looks is an average.

    Attributes:
        attack: What searches.
        draws: k, answers that are averaged.
    """

    attack: Attack = field(default_factory=PGD)
    draws: int = 8  # type: ignore[misc]

    def __post_init__(self) -> None:
        require(self.draws >= 1, f"draws must be 1 or more, got {self.draws}.")

    def search(self, search: Search) -> Tensor | None:
        return self.attack.search(search)
