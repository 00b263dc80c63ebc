"""Square: a black-box search that paints squares, and needs no slope.

    d <- d with a square set to +-r per band,   kept where the loss rises

It starts from vertical stripes of +-r. The square's share of the picture begins at `share` and
halves as the search goes on. In l2 the squares are added and the whole change is scaled back into
the ball: a plainer proposal than the paper's, which moves mass between two windows.

A search without slopes that beats one with slopes is an alarm: something hides the gradient.

Source: Andriushchenko et al. 2020, arXiv:1912.00049 [andriushchenko2020]. Lesson: 08_attacks.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from plantedu.errors import require
from plantedu.topics.attacks.attack import Attack, Search

# The paper halves the share at these steps of 10,000; they scale with the number of tries.
HALVINGS = (10, 50, 200, 500, 1000, 2000, 4000, 6000, 8000)


@dataclass(frozen=True, kw_only=True)
class Square(Attack):
    """Random squares.

    Attributes:
        tries: Proposals for each plant; each is one pass.
        share: Share of the picture that the first squares cover.
    """

    tries: int = 200
    share: float = 0.8

    def __post_init__(self) -> None:
        require(self.tries >= 1, f"tries must be 1 or more, got {self.tries}.")
        require(0 < self.share <= 1, f"share must be in (0, 1], got {self.share}.")

    def search(self, search: Search) -> None:
        d = stripes(search)
        loss = torch.full((d.shape[1],), -torch.inf)
        if len(rows := search.open):
            loss[rows] = search.score(d[:, rows], rows)
        for k in range(self.tries):
            if not len(rows := search.open):
                return
            share = self.share * 0.5 ** sum(k > h * self.tries / 10_000 for h in HALVINGS)
            new = search.inside(_painted(search, d[:, rows], share), rows)
            new_loss = search.score(new, rows)
            better = new_loss > loss[rows]
            d[:, rows[better]], loss[rows[better]] = new[:, better], new_loss[better]


def stripes(search: Search) -> Tensor:
    """Vertical stripes of +-r, each band of each column its own sign."""
    d = search.zero()
    shape = (1 if search.budget.tied else 2, *d.shape[1:3], 1, d.shape[4])
    signs = torch.randint(0, 2, shape, generator=search.generator) * 2 - 1
    return search.inside(search.budget.limits(d) * signs.to(d).expand_as(d), search.everything)


def _painted(search: Search, d: Tensor, share: float) -> Tensor:
    """The change with one more square in each picture."""
    _, n, _, height, width = d.shape
    sensors = 1 if search.budget.tied else 2
    side = max(1, min(round((share * height * width) ** 0.5), min(height, width)))
    inside = _window(height, side, (sensors, n), search.generator)[..., :, None]
    inside = inside & _window(width, side, (sensors, n), search.generator)[..., None, :]
    sign = torch.randint(0, 2, (sensors, n, 3, 1, 1), generator=search.generator) * 2 - 1
    colour = search.budget.limits(d) * sign.to(d)
    where = inside[:, :, None]
    if search.budget.norm == "linf":
        return torch.where(where, colour, d)
    strength = (height * width / side**2) ** 0.5
    return d + where * colour * strength / 2


def _window(length: int, side: int, shape: tuple[int, int], generator: torch.Generator) -> Tensor:
    """A run of `side` places for each picture, "sensors batch length"."""
    first = torch.randint(0, length - side + 1, shape, generator=generator)[..., None]
    places = torch.arange(length)
    return (places >= first) & (places < first + side)
