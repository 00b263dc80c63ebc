"""The smallest radius at which an attack still works, by bisection for each plant.

    low = 0, high = 1 (shares of the budget);   try (low + high) / 2;   high if it works, else low

What comes out is an upper bound: a stronger attack finds a smaller one. In linf on 8-bit files
sizes are whole grey levels, so a few rounds pin the level down.

Source: bisection as in Rauber et al. 2017, arXiv:1707.04131 [rauber2017]. Lesson: 08_attacks.
"""

from dataclasses import dataclass, field

import torch
from torch import Tensor

from plantedu.errors import require
from plantedu.topics.attacks.attack import Attack, Search
from plantedu.topics.attacks.gradient import PGD


@dataclass(frozen=True, kw_only=True)
class MinimumNorm(Attack):
    """Bisect another attack's radius.

    Attributes:
        attack: What is tried at each radius.
        rounds: Halvings after the first try at the whole budget.
    """

    attack: Attack = field(default_factory=PGD)
    rounds: int = 6

    def __post_init__(self) -> None:
        require(self.rounds >= 1, f"rounds must be 1 or more, got {self.rounds}.")

    def search(self, search: Search) -> Tensor:
        n = len(search.reached)
        low, high = torch.zeros(n), torch.ones(n)
        found, play = search.clean.clone(), ~search.reached
        for k in range(self.rounds + 1):
            scale = high if k == 0 else (low + high) / 2
            inner = self._try(search, scale, play)
            works = inner.reached & play
            found[:, works] = inner.best[:, works]
            high = torch.where(works, scale, high)
            low = torch.where(play & ~works, scale, low)
            search.trace.append(float(works.double().mean()))
            if k == 0:  # who is safe in the whole budget is not asked again
                play = works
        return found

    def _try(self, search: Search, scale: Tensor, play: Tensor) -> Search:
        inner = Search(
            *(search.model, search.clean, search.goal, search.budget, search.generator),
            draws=search.draws,
            scale=scale,
            check=search.check,
        )
        inner.reached = ~play
        self.attack.search(inner)
        search.forwards += inner.forwards
        search.backwards += inner.backwards
        search.flat += inner.flat
        return inner
