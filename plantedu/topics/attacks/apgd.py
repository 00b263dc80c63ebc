"""APGD: projected steps that halve when they stop paying, from the best point so far.

    z = project(d + s r steepest(grad L(x + d)))
    d' = project(d + a (z - d) + (1 - a) (d - d_before)),      a = .75 (1 in the first step)

At each checkpoint the step s (2 at first) is halved, and the walk goes back to its best point,
for a plant whose loss rose in fewer than 3/4 of the steps since the last one, or whose step was
kept and whose best did not move. Checkpoints lie .22 of the steps apart, then .03 less each time,
never less than .06.

Source: Croce & Hein 2020, arXiv:2003.01690 [croce2020]. Lesson: 08_attacks.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from plantedu.errors import require
from plantedu.topics.attacks.attack import Attack, Search

RISE = 0.75


@dataclass(frozen=True, kw_only=True)
class APGD(Attack):
    """Steps without a length to tune.

    Attributes:
        steps: Slopes per restart.
        restarts: Random starts.
    """

    steps: int = 50
    restarts: int = 1

    def __post_init__(self) -> None:
        require(self.steps >= 2, f"APGD needs 2 steps or more, got {self.steps}.")
        require(self.restarts >= 1, f"restarts must be 1 or more, got {self.restarts}.")

    def search(self, search: Search) -> None:
        for _ in range(self.restarts):
            if len(search.open):
                _climb(search, self.steps)


@dataclass(kw_only=True)
class Climb:
    """Where each plant that is still open stands; every tensor has a place for each."""

    rows: Tensor
    d: Tensor
    before: Tensor
    slope: Tensor
    loss: Tensor
    best: Tensor
    best_slope: Tensor
    best_loss: Tensor
    step: Tensor
    rises: Tensor
    best_then: Tensor
    halved_then: Tensor

    def only(self, kept: Tensor) -> None:
        """Leave the plants that are done."""
        for name, value in vars(self).items():
            setattr(self, name, value[:, kept] if value.ndim == 5 else value[kept])

    def moved(self, loss: Tensor, slope: Tensor) -> None:
        """Take in the loss and slope of the newest point."""
        self.rises += loss > self.loss
        self.loss, self.slope = loss, slope
        better = loss > self.best_loss
        where = better.view(1, -1, 1, 1, 1)
        self.best = torch.where(where, self.d, self.best)
        self.best_slope = torch.where(where, slope, self.best_slope)
        self.best_loss = torch.where(better, loss, self.best_loss)

    def judge(self, steps: int) -> None:
        """Halve the step of plants that do not climb, and send them back to their best point."""
        stalled = ~self.halved_then & (self.best_loss <= self.best_then)
        halve = (self.rises < RISE * steps) | stalled
        where = halve.view(1, -1, 1, 1, 1)
        self.step = torch.where(halve, self.step / 2, self.step)
        self.d = torch.where(where, self.best, self.d)
        self.before = torch.where(where, self.best, self.before)
        self.slope = torch.where(where, self.best_slope, self.slope)
        self.loss = torch.where(halve, self.best_loss, self.loss)
        self.halved_then, self.best_then = halve, self.best_loss.clone()
        self.rises = torch.zeros_like(self.rises)


def _climb(search: Search, steps: int) -> None:
    """One restart."""
    at = _begin(search)
    checks, last = checkpoints(steps), 0
    for k in range(1, steps):
        if not search.thorough:
            at.only(~search.reached[at.rows])
        if not len(at.rows):
            return
        _advance(search, at, first=k == 1)
        at.moved(*search.slope(at.d, at.rows))
        if k in checks:
            at.judge(k - last)
            last = k
    if not search.thorough:
        at.only(~search.reached[at.rows])
    if len(at.rows):
        _advance(search, at)
        search.score(at.d, at.rows)


def _begin(search: Search) -> Climb:
    rows = search.open
    d = search.start()[:, rows]
    loss, slope = search.slope(d, rows)
    new = torch.zeros_like(loss)
    step = torch.full_like(loss, 2.0)
    never = torch.ones_like(rows, dtype=torch.bool)
    return Climb(
        rows=rows,
        d=d,
        before=d,
        slope=slope,
        loss=loss,
        best=d,
        best_slope=slope,
        best_loss=loss,
        step=step,
        rises=new,
        best_then=loss.clone(),
        halved_then=never,
    )


def _advance(search: Search, at: Climb, *, first: bool = False) -> None:
    length = (at.step * search.scale[at.rows]).view(1, -1, 1, 1, 1)
    a = 1.0 if first else RISE
    ahead = search.inside(at.d + length * search.budget.steepest(at.slope), at.rows)
    new = at.d + a * (ahead - at.d) + (1 - a) * (at.d - at.before)
    at.before, at.d = at.d, search.inside(new, at.rows)


def checkpoints(steps: int) -> tuple[int, ...]:
    """Steps at which the length of a step is judged."""
    found, place, gap = [], 0.0, 0.22
    while (place := place + gap) < 1:
        found.append(max(1, round(place * steps)))
        gap = max(gap - 0.03, 0.06)
    return tuple(dict.fromkeys(found))
