"""Follow the slope: once (FGSM), or in many projected steps (PGD).

    FGSM    d = r steepest(grad L(x))
    PGD     d <- project(d + step r steepest(grad L(x + d))),     from a random start

steepest(g) is sign(g) in linf and g / |g| in l2. The slope is taken at the picture as a file would
hold it, while d itself is not rounded, so that small steps add up.

Source: Goodfellow et al. 2015, arXiv:1412.6572 [goodfellow2015]; Madry et al. 2018,
arXiv:1706.06083 [madry2018]. Lesson: 08_attacks.
"""

from dataclasses import dataclass

from plantedu.errors import require
from plantedu.topics.attacks.attack import Attack, Search


@dataclass(frozen=True, kw_only=True)
class FGSM(Attack):
    """One step of the full radius along the slope at the clean picture."""

    def search(self, search: Search) -> None:
        rows = search.open
        if len(rows):
            _, slope = search.slope(search.zero()[:, rows], rows)
            search.score(search.inside(search.budget.steepest(slope), rows), rows)


@dataclass(frozen=True, kw_only=True)
class PGD(Attack):
    """Many small steps, each put back into the ball.

    Attributes:
        steps: Slopes per restart.
        step: Length of a step as a share of the radius; None is 2.5 / steps.
        restarts: Random starts.
        random_start: Whether the first start is random too, in linf. In l2 it is the clean
            picture: noise all over it spends the ball, and much of it rounds away.
    """

    steps: int = 20
    step: float | None = None
    restarts: int = 1
    random_start: bool = True

    def __post_init__(self) -> None:
        require(self.steps >= 1, f"steps must be 1 or more, got {self.steps}.")
        require(self.restarts >= 1, f"restarts must be 1 or more, got {self.restarts}.")

    def search(self, search: Search) -> None:
        length = 2.5 / self.steps if self.step is None else self.step
        for restart in range(self.restarts):
            drawn = restart or (self.random_start and search.budget.norm == "linf")
            d = search.start() if drawn else search.zero()
            for _ in range(self.steps):
                rows = search.open
                if not len(rows):
                    return
                _, slope = search.slope(d[:, rows], rows)
                scale = search.scale[rows].view(1, -1, 1, 1, 1)
                ahead = d[:, rows] + length * scale * search.budget.steepest(slope)
                d[:, rows] = search.inside(ahead, rows)
            if len(rows := search.open):
                search.score(d[:, rows], rows)
