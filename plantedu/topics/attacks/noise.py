"""Noise of the attack's own size: the null of every attack.

    linf    d = +-r at every value        l2    d on the sphere, direction at random

A picture that noise of the same size ruins is not robust, but nobody attacked it.

Source: the baseline asked for in Carlini et al. 2019, arXiv:1902.06705 [carlini2019].
Lesson: 08_attacks.
"""

from dataclasses import dataclass

from plantedu.errors import require
from plantedu.topics.attacks.attack import Attack, Search


@dataclass(frozen=True, kw_only=True)
class RandomNoise(Attack):
    """Random changes of full size.

    Attributes:
        tries: How many; the worst counts. 1 is the null of an attack.
    """

    tries: int = 1

    def __post_init__(self) -> None:
        require(self.tries >= 1, f"tries must be 1 or more, got {self.tries}.")

    def search(self, search: Search) -> None:
        for _ in range(self.tries):
            if not len(rows := search.open):
                return
            drawn = search.budget.draw(search.clean, search.generator)
            corner = search.budget.steepest(drawn) * search.scale.view(1, -1, 1, 1, 1)
            search.score(search.inside(corner[:, rows], rows), rows)
