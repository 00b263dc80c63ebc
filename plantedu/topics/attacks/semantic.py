"""Change the scene, not the pixels: `do()` on a factor that does not make the label.

    x' = render(the same plants, do(factor = value)),   the value that raises the loss most

The picture stays a picture of a leaf, with every other draw kept, so a wrong answer here is a
mistake about plants and not about pixel values. Only factors that are not the label itself are
moved; lesions of a diseased plant may be moved, its disease may not.

Source: interventions on factors in place of pixels, in the spirit of Zimmermann et al. 2022
[zimmermann2022] and of the renderer's `do()`. Lesson: 08_attacks.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from plantedu.data.renderer.factors import factor
from plantedu.data.renderer.pairs import render
from plantedu.data.renderer.worlds import World
from plantedu.errors import require
from plantedu.topics.attacks.attack import Attack, Search

LABEL = "disease"
MOVED = ("light", "soil", "angle", "chlorophyll", "mark")


@dataclass(frozen=True, kw_only=True)
class Semantic(Attack):
    """Try values of factors.

    Attributes:
        world: The world of the plants.
        plants: Their indices, in the order of the batch.
        factors: What is moved, one at a time.
        values: Values of each number that are tried, from its lowest to its highest.
        drawn: Give each plant one of these scenes at random, in place of trying all.
    """

    world: World | None = None
    plants: tuple[int, ...] = ()
    factors: tuple[str, ...] = MOVED
    values: int = 5
    drawn: bool = False
    bounded = False
    control = "one scene drawn at random"

    def __post_init__(self) -> None:
        for name in self.factors:
            require(
                factor(name).name != LABEL,
                "do(disease) would change the label itself: then another answer is the right one. "
                "Move any other factor.",
            )
        require(self.values >= 2, f"values must be 2 or more, got {self.values}.")

    def search(self, search: Search) -> None:
        n, size = search.clean.shape[1], search.clean.shape[-1]
        require(
            self.world is not None and len(self.plants) == n,
            f"A semantic attack renders the plants again: name their world and all {n} plants; "
            f"got {len(self.plants)}.",
        )
        moving = torch.tensor(search.budget.radius).gt(0).view(2, 1, 1, 1, 1)
        scenes, given = list(self.scenes()), torch.full((n,), -1)
        if self.drawn:
            given = torch.randint(len(scenes), (n,), generator=search.generator)
        for k, (name, value) in enumerate(scenes):
            rows = search.open
            rows = rows[given[rows] == k] if self.drawn else rows
            if len(rows):
                new = self.rendered(rows, size, name, value)
                search.look(torch.where(moving, new, search.clean[:, rows]), rows)

    def null(self) -> "Semantic":
        """One scene for each plant, every scene that the search tries as likely."""
        return replace(self, drawn=True)

    def of_rows(self, rows: Tensor) -> "Semantic":
        return replace(self, plants=tuple(self.plants[k] for k in rows.tolist()))

    def scenes(self) -> Iterator[tuple[str, float | str]]:
        """Every factor and value that is tried."""
        for name in self.factors:
            f = factor(name)
            numbers = np.linspace(f.low, f.high, self.values)
            numbers = numbers.round() if f.whole else numbers
            for value in f.levels or numbers.tolist():
                yield name, value

    def rendered(self, rows: Tensor, size: int, name: str, value: float | str) -> Tensor:
        """The rows' plants with one factor set, grey levels, "2 rows 3 size size"."""
        plants = [self.plants[k] for k in rows.tolist()]
        assert self.world is not None
        pairs = render(self.world, plants, size=size, do={name: value})
        return torch.from_numpy(np.stack([pairs.x1, pairs.x2])).float()
