"""Changes: what alters a training at a step, as wrappers of what `fit` is given.

    rate(step)      -> rate(step) x factor          from `at` on
    batches(step)   -> other batches(step)          from `at` on
    objective.loss  -> the same, with batch norms on their running statistics from `at` on

Each leaves the training before `at` as it was, bit for bit, so a run with a change and the same run
without are two arms of one experiment.

Lesson: 03_bump.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm

from plantedu.errors import require

KINDS = (
    *("queue_switch", "rate_restart", "prototypes_released", "data_switched", "batch_changed"),
    *("batchnorm_mode", "label_leak"),
)


@dataclass(frozen=True)
class Change:
    """One alteration of a training.

    Attributes:
        kind: What changes: one of KINDS.
        at: First step, counted from 0, that is done the other way.
    """

    kind: str
    at: int

    def __post_init__(self) -> None:
        known = ", ".join(KINDS)
        require(self.kind in KINDS, f"A change is one of {known}; got {self.kind!r}.")
        require(self.at >= 1, f"A change comes after at least one step; got at={self.at}.")

    def has_come(self, step: int) -> bool:
        """Whether this step, counted from 0, is done the other way."""
        return step >= self.at


def restarted(
    rate: Callable[[int], float], change: Change, *, factor: float
) -> Callable[[int], float]:
    """A schedule that is `factor` times as high from the change on."""
    require(factor > 0, f"A learning rate is multiplied by a number above 0, got {factor}.")
    return lambda step: rate(step) * (factor if change.has_come(step) else 1.0)


def switched(
    before: Callable[[int], Any], after: Callable[[int], Any], change: Change
) -> Callable[[int], Any]:
    """Batches of one source, then those of another."""
    return lambda step: (after if change.has_come(step) else before)(step)


class FrozenStatistics(nn.Module):
    """An objective whose batch norms use their running statistics from the change on.

    Attributes:
        inner: The objective itself.
    """

    def __init__(self, inner: nn.Module, change: Change) -> None:
        super().__init__()
        self.inner, self.change, self.done = inner, change, 0

    def loss(self, batch: Any) -> Any:
        """The inner loss; before the change to the bit."""
        if self.training and self.change.has_come(self.done):
            for part in self.inner.modules():
                if isinstance(part, _BatchNorm):
                    part.eval()
        self.done += 1
        return self.inner.loss(batch)  # type: ignore[operator]
