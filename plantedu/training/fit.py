"""One loop for everything that trains: an objective, batches, an optimiser, and who watches.

    for each step:   loss = objective.loss(batch);   weights <- weights - schedule(step) * AdamW

An objective is a module with `loss(batch)`, which returns the scalar, its named parts and the
events of that step. Observers look, they do not touch: `measure` adds numbers to a step's record,
`on_step` reads the finished record; the one thing that they may do is raise `StopRun`.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Protocol

import torch
from torch import Tensor, nn

from plantedu.errors import PlantEduError
from plantedu.training.distributed import average_gradients, averaged, go_on
from plantedu.training.precision import Arithmetic, NotFiniteError, check_finite

Measure = float | tuple[float, float, float]  # a value, or a value with its low and high end


class LossLike(Protocol):
    """What `objective.loss` returns."""

    @property
    def total(self) -> Tensor: ...
    @property
    def parts(self) -> Mapping[str, Tensor]: ...
    @property
    def events(self) -> Sequence[tuple[str, str]]: ...


class StopRun(Exception):  # noqa: N818 - a request, not an error
    """Raised by an observer to end the loop after this step; `reason` is "cancel" or "pause"."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Record:
    """All numbers of one step; step 0 is before the first update."""

    step: int
    values: Mapping[str, Measure]


@dataclass
class State:
    """What observers may look at while the loop runs."""

    objective: nn.Module
    optimizer: torch.optim.Optimizer
    steps: int
    step: int = 0
    batch: Any = None
    arithmetic: Arithmetic = field(default_factory=Arithmetic)
    meta: dict[str, Any] = field(default_factory=dict)

    def snapshot(self) -> tuple[dict[str, Tensor], dict[str, Any]]:
        """Weights, optimiser state, step and loss scale: all that a bit-exact resume needs."""
        tensors = {f"objective/{k}": v for k, v in self.objective.state_dict().items()}
        for index, moments in self.optimizer.state_dict()["state"].items():
            tensors |= {f"optimizer/{index}/{k}": torch.as_tensor(v) for k, v in moments.items()}
        tensors = {
            name: tensor.detach().cpu().contiguous().clone() for name, tensor in tensors.items()
        }
        scale = {"loss_scale": scale} if (scale := self.arithmetic.state()) else {}
        return tensors, self.meta | {"step": self.step, "steps": self.steps} | scale

    def restore(self, tensors: Mapping[str, Tensor], meta: Mapping[str, Any]) -> None:
        """Put back what `snapshot` took.

        Raises:
            PlantEduError: if the snapshot belongs to another architecture.
        """
        weights = {k.removeprefix("objective/"): v for k, v in tensors.items() if k[:4] == "obje"}
        try:
            self.objective.load_state_dict(weights)
        except RuntimeError as error:
            raise PlantEduError(f"This checkpoint is of another architecture: {error}") from error
        moments: dict[int, dict[str, Tensor]] = {}
        for name, tensor in tensors.items():
            if name.startswith("optimizer/"):
                _, index, key = name.split("/")
                moments.setdefault(int(index), {})[key] = tensor.clone()
        groups = self.optimizer.state_dict()["param_groups"]
        self.optimizer.load_state_dict({"state": moments, "param_groups": groups})
        self.arithmetic.restore(meta.get("loss_scale", {}))
        self.step = int(meta["step"])


class Observer:
    """Watches a run; every method may be left as it is."""

    def on_start(self, state: State) -> None:
        """Before the first step, or before the first one after a resume."""

    def measure(self, state: State) -> Mapping[str, Measure]:
        """Numbers to add to the record of the step just done."""
        return {}

    def on_step(self, state: State, record: Record) -> None:
        """After each step, with its finished record."""

    def noticed(self) -> Sequence[tuple[str, str]]:
        """Events, (name, detail), that came up in `measure` or `late`; each is logged once."""
        return ()

    def late(self, state: State) -> Record | None:
        """Numbers of an earlier step that could wait until the next one was shown."""
        return None

    def on_event(self, step: int, name: str, detail: str) -> None:
        """When the recipe changes something: a queue starts, prototypes are released."""

    def on_end(self, state: State) -> None:
        """After the last step, also when the run was stopped."""


def one_cycle(step: int, *, steps: int, peak: float, warmup: float) -> float:
    """Learning rate of step 0..steps-1: half a cosine up to `peak`, half a cosine down to zero.

    Source: Smith 2018, arXiv:1803.09820 [smith2018]; cosine form as in fastai.
    """
    start, rise = peak / 25, warmup * steps
    if step < rise:
        return peak + (start - peak) * (1 + math.cos(math.pi * step / rise)) / 2
    fall = (step - rise) / max(steps - rise, 1)
    return peak * (1 + math.cos(math.pi * fall)) / 2


def fit(
    state: State,
    batches: Callable[[int], Any],
    *,
    learning_rate: Callable[[int], float],
    observers: Sequence[Observer] = (),
    marks: Mapping[int, tuple[str, str]] | None = None,
) -> str:
    """Train from `state.step` to `state.steps`.

    Args:
        state: Objective and optimiser; changed in place.
        batches: Batch of a step; depends on the step alone, so that a resumed run sees the same.
        learning_rate: Learning rate of a step; a parameter group with a "rate_share" gets that
            share of it.
        observers: Who watches, in this order.
        marks: Events of the schedule itself, (name, detail) by step.

    Returns:
        "done", or the reason of the observer that stopped the run.

    Raises:
        NotFiniteError: if the loss is not finite; observers hear of it first, and the last
            checkpoint is still good.
    """
    for observer in observers:
        observer.on_start(state)
    try:
        if state.step == 0:
            _tell_events(state, (marks or {}).get(0), (), observers)
            _tell(state, {}, observers)
        while go_on(state.step < state.steps):
            values, events = _step(state, batches, learning_rate(state.step))
            _tell_events(state, (marks or {}).get(state.step), events, observers)
            _tell(state, values, observers)
            _tell_late(state, observers)
    except StopRun as stop:
        go_on(False)
        with suppress(StopRun):  # it is logged already
            _tell_late(state, observers)
        return stop.reason
    except PlantEduError as error:
        go_on(False)
        for observer in observers if isinstance(error, NotFiniteError) else ():
            observer.on_event(state.step + 1, "loss not finite", str(error))
        raise
    finally:
        for observer in observers:
            observer.on_end(state)
    return "done"


def _step(
    state: State, batches: Callable[[int], Any], rate: float
) -> tuple[dict[str, Measure], Sequence[tuple[str, str]]]:
    """One update; what it measured and what it changed by schedule."""
    state.objective.train()
    state.batch = batches(state.step)
    for group in state.optimizer.param_groups:
        group["lr"] = rate * group.get("rate_share", 1.0)
    with state.arithmetic.forward():
        loss: LossLike = state.objective.loss(state.batch)  # type: ignore[operator]
    values = averaged({"loss": loss.total, **loss.parts})
    check_finite(values["loss"], state.step + 1)
    changed = state.arithmetic.update(loss.total, state.optimizer, average_gradients)
    state.step += 1
    return {**values, "learning_rate": rate}, (*loss.events, *changed)


def _tell_events(
    state: State,
    mark: tuple[str, str] | None,
    events: Sequence[tuple[str, str]],
    observers: Sequence[Observer],
) -> None:
    """Say what changed at this step."""
    for name, detail in [*events, *([mark] if mark else [])]:
        for observer in observers:
            observer.on_event(state.step, name, detail)


def _tell(state: State, values: dict[str, Measure], observers: Sequence[Observer]) -> None:
    """Complete the record of this step and show it to everybody."""
    for observer in observers:
        values.update(observer.measure(state))
    _tell_noticed(state, observers)
    record = Record(state.step, values)
    for observer in observers:
        observer.on_step(state, record)


def _tell_late(state: State, observers: Sequence[Observer]) -> None:
    """Show everybody what was measured for an earlier step."""
    for record in [late for observer in observers if (late := observer.late(state))]:
        for observer in observers:
            observer.on_step(state, record)
    _tell_noticed(state, observers)


def _tell_noticed(state: State, observers: Sequence[Observer]) -> None:
    """Tell everybody the events that observers noticed themselves."""
    events = [event for observer in observers for event in observer.noticed()]
    _tell_events(state, None, events, observers)
