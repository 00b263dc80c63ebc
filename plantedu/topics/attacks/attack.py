"""One attack on a batch of pairs: checks, ball, 8-bit grid, best picture and measuring, once.

    x' = clip(x + d),   d in the budget's ball,   d on the grid of 8-bit files
    best over all x' tried:  first those that reach the goal, then the largest loss

A member of the family writes one method, `search`: which changes to try, in which order. All that
it asks about goes through `Search`, which scores real 8-bit pictures only (slopes are taken at
them), keeps the best of each plant, and leaves a plant alone once its goal is reached, unless the
attack is `thorough`. More steps or restarts can therefore never make an attack weaker.

The attacked pair comes back as pictures (`Attacked.x1`, `Attacked.x2`), so that anything else can
be fed with it: another encoder, or a generator that is conditioned on what the encoder sees.

Source: the shape of the family is foolbox's, Rauber et al. 2017, arXiv:1707.04131 [rauber2017].
Lesson: 08_attacks.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from plantedu.errors import require
from plantedu.topics.attacks.criteria import Goal
from plantedu.topics.attacks.threat_model import LEVELS, Budget

Check = Callable[[], None]
AT_ONCE = 64  # plants in one pass: more do not fit the caches and gain nothing


@dataclass(frozen=True, eq=False)
class Attacked:
    """A batch of pairs after an attack.

    Attributes:
        views: Attacked pictures, uint8, "2 batch 3 height width"; sensor 1 is RGB.
        clean: The pictures before.
        reached: Where the goal is reached, "batch".
        at_start: Where it was reached without any attack, "batch".
        loss: The goal's loss now, and `clean_loss` before.
        answer: What the model says of the attacked pictures.
        forwards, backwards: Passes of one plant through the model, each way.
        flat: Share of slopes that were exactly 0 on a plant's every value.
        trace: Share of plants reached after each step of the search.
    """

    views: np.ndarray
    clean: np.ndarray
    reached: np.ndarray
    at_start: np.ndarray
    loss: np.ndarray
    clean_loss: np.ndarray
    answer: Tensor
    forwards: int
    backwards: int
    flat: float
    trace: tuple[float, ...]

    @property
    def x1(self) -> np.ndarray:
        """Attacked RGB pictures, "batch 3 height width"."""
        return self.views[0]

    @property
    def x2(self) -> np.ndarray:
        """Attacked RGN pictures, "batch 3 height width"."""
        return self.views[1]

    @property
    def robust(self) -> np.ndarray:
        """1 where the attacker has not got what it wants, "batch"; its mean is the robust share."""
        return (~self.reached).astype(np.float64)

    @property
    def size_255(self) -> np.ndarray:
        """Largest change of a value in each picture, grey levels, "2 batch"."""
        moved = self.views.astype(np.int16) - self.clean.astype(np.int16)
        return np.abs(moved).max((2, 3, 4))

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader has to know before trusting a failure of this attack."""
        if self.backwards and self.flat > 0.5:
            return (
                f"{self.flat:.0%} of the slopes are exactly zero: preprocessing that rounds, or a "
                "saturated loss, hides the gradient. A failure of this attack says nothing here; "
                "try the margin as its goal, where it is another, or Square, or EOT.",
            )
        return ()


class Search:
    """What an attack may ask about a batch, and the best that it has seen."""

    def __init__(
        self,
        model: nn.Module,
        clean: Tensor,
        goal: Goal,
        budget: Budget,
        generator: torch.Generator,
        *,
        thorough: bool = False,
        draws: int = 1,
        scale: Tensor | float = 1.0,
        check: Check = lambda: None,
    ) -> None:
        self.model, self.clean, self.goal, self.budget = model, clean, goal, budget
        self.generator, self.thorough, self.check = generator, thorough, check
        n, self.allowed = clean.shape[1], budget.allowed(clean)
        self.scale = torch.as_tensor(scale, dtype=clean.dtype).expand(n).clone()
        self.best, self.loss = clean.clone(), clean.new_full((n,), -torch.inf)
        self.reached = torch.zeros(n, dtype=torch.bool)
        self.forwards = self.backwards = self.flat = 0
        self.trace: list[float] = []
        self.draws = draws

    @property
    def open(self) -> Tensor:
        """Rows that are still worth a try."""
        n = len(self.reached)
        return torch.arange(n) if self.thorough else (~self.reached).nonzero().flatten()

    @property
    def everything(self) -> Tensor:
        """All rows."""
        return torch.arange(len(self.reached))

    def zero(self) -> Tensor:
        """No change, "2 batch 3 height width"."""
        return torch.zeros_like(self.clean)

    def start(self) -> Tensor:
        """A random change inside the ball and inside [0, 1]."""
        drawn = self.budget.draw(self.clean, self.generator)
        return self.inside(drawn * self.scale.view(1, -1, 1, 1, 1), self.everything)

    def inside(self, delta: Tensor, rows: Tensor) -> Tensor:
        """A change of some rows, put back into mask, ball and, where sensors are free, [0, 1]."""
        delta = self.budget.project(delta * self.allowed[:, rows], self.scale[rows])
        if self.budget.tied:
            return delta
        x = self.clean[:, rows] / LEVELS
        return (x + delta).clamp(0, 1) - x

    def pictures(self, delta: Tensor, rows: Tensor) -> Tensor:
        """Grey levels 0..255 of the rows after a change: what a file would hold."""
        levels = self.budget.rounded(delta, self.scale[rows])
        return (self.clean[:, rows] + levels).clamp(0, LEVELS)

    @torch.no_grad()
    def score(self, delta: Tensor, rows: Tensor) -> Tensor:
        """The loss of a change of some rows, "rows"; remembered if it is the best so far."""
        return self.look(self.pictures(delta, rows), rows)

    @torch.no_grad()
    def look(self, pictures: Tensor, rows: Tensor) -> Tensor:
        """The loss of pictures (grey levels) of some rows; remembered if the best so far."""
        losses, reached = [], []
        for part in range(0, len(rows), AT_ONCE):
            own = slice(part, part + AT_ONCE)
            answers = [self.model(pictures[:, own] / LEVELS) for _ in range(self.draws)]
            losses.append(self._mean([self.goal.loss(a, rows[own]) for a in answers]))
            reached.append(self._mean([self.goal.reached(a, rows[own]) for a in answers]) > 0.5)
        self.forwards += self.draws * len(rows)
        loss = torch.cat(losses)
        self._keep(pictures, loss, torch.cat(reached), rows)
        return loss

    def slope(self, delta: Tensor, rows: Tensor) -> tuple[Tensor, Tensor]:
        """Loss, "rows", and its slope with the change, "2 rows 3 height width".

        Raises:
            PlantEduError: where no gradient reaches the pictures.
        """
        moved = self.clean[:, rows] + self.budget.rounded(delta, self.scale[rows])
        pictures, slopes, losses = moved.clamp(0, LEVELS), [], []
        for part in range(0, len(rows), AT_ONCE):
            own = slice(part, part + AT_ONCE)
            slope, loss = self._slope(pictures[:, own], rows[own])
            slopes.append(slope)
            losses.append(loss)
        slope = slopes[0] if len(slopes) == 1 else torch.cat(slopes, 1)
        if self.budget.tied:  # a tied change may clip one sensor, which then has no say
            slope = slope * (moved == pictures)
        slope = self.budget.pull(slope) * self.allowed[:, rows]
        self.flat += int((slope == 0).flatten(2).all(2).all(0).sum())
        self.backwards += self.draws * len(rows)
        self.trace.append(float(self.reached.double().mean()))
        return torch.cat(losses), slope

    def _slope(self, pictures: Tensor, rows: Tensor) -> tuple[Tensor, Tensor]:
        self.check()
        x = (pictures / LEVELS).requires_grad_()
        with torch.enable_grad():
            answers = [self.model(x) for _ in range(self.draws)]
            loss = self._mean([self.goal.loss(a, rows) for a in answers])
            total = loss.sum()
        require(
            total.requires_grad,
            "No gradient reaches the pictures: something on the way to the loss is not "
            "differentiable (numpy, a file, detach). Use an attack without gradients (square), or "
            "make the preprocessing part of the model in torch.",
        )
        (slope,) = torch.autograd.grad(total, x)
        reached = self._mean([self.goal.reached(a.detach(), rows) for a in answers]) > 0.5
        self.forwards += self.draws * len(rows)
        self._keep(pictures, loss.detach(), reached, rows)
        return slope, loss.detach()

    @staticmethod
    def _mean(values: list[Tensor]) -> Tensor:
        return values[0].float() if len(values) == 1 else torch.stack(values).float().mean(0)

    def _keep(self, pictures: Tensor, loss: Tensor, reached: Tensor, rows: Tensor) -> None:
        """Reached first, then the larger loss."""
        self.check()
        had, before = self.reached[rows], self.loss[rows]
        better = (reached & ~had) | ((reached == had) & (loss > before))
        kept = rows[better]
        self.best[:, kept] = pictures[:, better]
        self.loss[kept], self.reached[kept] = loss[better], reached[better]


@dataclass(frozen=True, kw_only=True)
class Attack(ABC):
    """A way to look for a change; `__call__` is the whole attack, `search` the one thing to write.

    Attributes:
        thorough: Go on with plants whose goal is reached, for the largest loss.
    """

    thorough: bool = False
    bounded = True  # whether changes lie in the budget's ball; others have a range of their own
    control = "random noise of the same size"  # what `null` does, in words
    draws = 1  # answers of a random model that are averaged

    @abstractmethod
    def search(self, search: Search) -> Tensor | None:
        """Try changes through `search`; the pictures to keep, or None for the best that it saw."""

    def null(self) -> "Attack | None":
        """The same change drawn once at random; None where that is noise of the budget's size."""
        return None

    def of_rows(self, rows: Tensor) -> "Attack":
        """The same attack for some plants of the batch; what knows its plants overrides it."""
        return self

    def __call__(
        self,
        model: nn.Module,
        views: Tensor | np.ndarray,
        goal: Goal,
        budget: Budget,
        *,
        generator: torch.Generator,
        check: Check = lambda: None,
    ) -> Attacked:
        """Attack a batch of pairs.

        Args:
            model: Takes "2 batch 3 height width" in [0, 1], normalises for itself; in evaluation
                mode.
            views: Pictures, uint8, or floats in [0, 1]; sensor 1 is RGB, 2 is RGN.
            goal: What is wanted.
            budget: How far pictures may be changed.
            generator: Draws starts.
            check: Called before each pass; may raise to stop.

        Raises:
            PlantEduError: for pictures outside [0, 1], an empty batch, a model in training mode,
                or a model through which no gradient passes where the attack needs one.
        """
        require(
            not any(part.training for part in model.modules()),
            "The model is in training mode: its batch norms would answer for the batch, and move. "
            "Call .eval() first.",
        )
        clean = grey_levels(views, eight_bit=budget.eight_bit)
        knobs = {"thorough": self.thorough, "draws": self.draws, "check": check}
        search = Search(model, clean, goal, budget, generator, **knobs)  # type: ignore[arg-type]
        with torch.no_grad():
            search.look(clean, search.everything)
            clean_loss, at_start = search.loss.clone(), search.reached.clone()
            found = self.search(search)
        return self._measured(search, search.best if found is None else found, clean_loss, at_start)

    def _measured(
        self, search: Search, pictures: Tensor, clean_loss: Tensor, at_start: Tensor
    ) -> Attacked:
        """Check the pictures with fresh eyes, and ask the model once more."""
        budget, clean = search.budget, search.clean
        stored = pictures.round() if budget.eight_bit else pictures
        ok = not self.bounded or budget.fits(clean, stored)
        require(ok, f"{type(self).__name__} left its ball: this is a mistake of the attack.")
        fresh = Search(search.model, stored, search.goal, budget, search.generator)
        fresh.draws = search.draws
        with torch.no_grad():
            loss = fresh.look(stored, search.everything)
            parts = [search.model(p / LEVELS) for p in stored.split(AT_ONCE, dim=1)]
        return Attacked(
            views=stored.numpy().astype(np.uint8 if budget.eight_bit else np.float32),
            clean=clean.numpy().astype(np.uint8 if budget.eight_bit else np.float32),
            reached=fresh.reached.numpy(),
            at_start=at_start.numpy(),
            loss=loss.double().numpy(),
            clean_loss=clean_loss.double().numpy(),
            answer=torch.cat(parts),
            forwards=search.forwards,
            backwards=search.backwards,
            flat=search.flat * search.draws / max(search.backwards, 1),
            trace=(*search.trace, float(fresh.reached.double().mean())),
        )


def grey_levels(views: Tensor | np.ndarray, *, eight_bit: bool = True) -> Tensor:
    """Pictures as grey levels 0..255, float32, "2 batch 3 height width".

    Raises:
        PlantEduError: for another shape, an empty batch, values outside [0, 1], or pictures that
            no 8-bit file can hold.
    """
    given = torch.as_tensor(views)
    shape = tuple(given.shape)
    require(
        given.ndim == 5 and shape[0] == 2 and shape[2] == 3,
        f"A batch of pairs is (2, batch, 3, height, width), RGB before RGN; got {shape}.",
    )
    require(shape[1] > 0, "The batch is empty: there is no pair to attack.")
    if given.dtype == torch.uint8:
        return given.float()
    given = given.float()
    low, high = float(given.min()), float(given.max())
    require(
        low >= 0 and high <= 1,
        f"Pictures are in [0, 1] before any normalisation; got {low:.3g} to {high:.3g}. Let the "
        "model normalise, or give uint8.",
    )
    levels = given * LEVELS
    whole = bool((levels - levels.round()).abs().max() < 0.01)
    require(
        whole or not eight_bit,
        "These pictures are not 8-bit ones, so rounding alone would change them: give uint8, or "
        "a budget with eight_bit=False.",
    )
    return levels.round() if eight_bit else levels
