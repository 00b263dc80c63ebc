"""Learning-rate finder: train while the rate rises, watch the loss, put everything back.

    rate_i = start (end / start)^(i / iterations),   i = 0, 1, ... until smoothed > 4 * its lowest

Nothing of it stays: weights, optimiser, queue, step counters and batch-norm statistics are the
bits they were. Another seed gives another curve, and each rule another answer: see `lr_band`.

It misleads where the objective itself changes during the ramp: the queue that switches on, or the
prototypes that are released, step the loss down whatever the rate is. `switches_inside` names
them. (fastai's finder restarts its own clock, so a queue that starts at half of *its* two passes
leaves a drop in the tail of its curve.)

Source: Smith 2015 [smith2015]; the ramp and the rules are fastai's. Lesson: 04_family.
"""

import copy
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from plantedu.errors import require
from plantedu.training.fit import State
from plantedu.training.lr_finder.rules import smoothed, suggestions
from plantedu.training.pair_source import open_source, rendering_ahead
from plantedu.training.precision import dtype_of
from plantedu.training.pretrain import (
    Snapshot,
    begin,
    best_device,
    crops_of_step,
    make_objective,
    make_optimizer,
)
from plantedu.training.recipe import Recipe

DIVERGED = 4.0  # times the lowest smoothed loss
Tick = Callable[[int, float, float], None]  # iteration, rate, loss


@dataclass(frozen=True)
class LrCurve:
    """Loss against learning rate, and what each rule reads off it."""

    rates: tuple[float, ...]
    losses: tuple[float, ...]
    smoothed: tuple[float, ...]
    suggestions: dict[str, float]
    diverged: bool


def ramp(step: int, *, start: float, end: float, iterations: int) -> float:
    """Learning rate of iteration 0..iterations-1."""
    return start * (end / start) ** (step / iterations)


def check_ramp(start: float, end: float, iterations: int) -> None:
    """Refuse a ramp that does not rise, or one too short to be read.

    Raises:
        PlantEduError: for either.
    """
    require(
        0 < start < end and math.isfinite(end),
        f"The learning rate has to rise from above 0: got start {start:g} and end {end:g}.",
    )
    require(iterations >= 30, f"The rules need 30 iterations or more, got {iterations}.")


@contextmanager
def put_back(objective: nn.Module, optimizer: torch.optim.Optimizer) -> Iterator[None]:
    """Whatever trains inside, outside every bit is as it was; global random state too."""
    tensors = {**dict(objective.named_parameters()), **dict(objective.named_buffers())}
    kept = {name: tensor.detach().clone() for name, tensor in tensors.items()}
    moments = copy.deepcopy(optimizer.state_dict())
    modes = [(part, part.training) for part in objective.modules()]
    try:
        with torch.random.fork_rng():
            yield
    finally:
        now = {**dict(objective.named_parameters()), **dict(objective.named_buffers())}
        with torch.no_grad():
            for name, tensor in kept.items():
                now[name].copy_(tensor)
        optimizer.zero_grad(set_to_none=True)
        optimizer.load_state_dict(moments)
        for part, training in modes:
            part.training = training


def find_lr(
    objective: nn.Module,
    optimizer: torch.optim.Optimizer,
    batches: Callable[[int], Any],
    *,
    start: float = 1e-7,
    end: float = 10.0,
    iterations: int = 100,
    precision: str = "float32",
    tick: Tick | None = None,
) -> LrCurve:
    """Raise the learning rate from `start` until the loss diverges or `end` is near.

    Args:
        objective: Module with `loss(batch)`; left as it was.
        optimizer: Over its parameters; left as it was.
        batches: Batch of iteration 0, 1, ...
        start: First learning rate.
        end: Rate that the ramp would reach after its last iteration.
        iterations: Steps of the whole ramp.
        precision: Arithmetic of the forward pass, as in a recipe.
        tick: Called every iteration with its rate and its loss; may raise to stop.

    Raises:
        PlantEduError: for a ramp that does not rise, or one that diverged before there was
            anything to read.
    """
    check_ramp(start, end, iterations)
    rates, losses, diverged = [], [], False
    with put_back(objective, optimizer):
        objective.train()
        step = _stepper(objective, optimizer, precision)
        for k in range(iterations):
            rate = ramp(k, start=start, end=end, iterations=iterations)
            loss = step(batches(k), rate)
            if not math.isfinite(loss):
                diverged = True
                break
            rates.append(rate)
            losses.append(loss)
            if tick is not None:
                tick(k, rate, loss)
            smooth = smoothed(np.array(losses))
            if smooth[-1] > DIVERGED * smooth.min() > 0:
                diverged = True
                break
    found = np.array(rates), smoothed(np.array(losses))
    said = suggestions(*found, iterations=iterations)
    return LrCurve(tuple(rates), tuple(losses), tuple(found[1].tolist()), said, diverged)


def pretraining_curve(
    recipe: Recipe,
    *,
    bank_folder: Path,
    snapshot: Snapshot | None = None,
    run_file: Path | None = None,
    **knobs: Any,
) -> LrCurve:
    """The finder on a SwAV recipe, from its start or from a checkpoint that would be resumed.

    Args:
        recipe: Knobs of the run.
        bank_folder: Where rendered pairs are kept.
        snapshot: A checkpoint to go on from, with its optimiser's state.
        run_file: The checkpoint that a start "run:ID@WHEN" means.
        knobs: start, end, iterations, tick of `find_lr`.

    Raises:
        PlantEduError: as `find_lr`, and for data or a checkpoint that cannot be read.
    """
    device = best_device()
    with rendering_ahead(recipe, bank_folder):
        source = open_source(recipe, bank_folder)
        objective = make_objective(recipe).to(device)
        state = State(objective, make_optimizer(objective, recipe), recipe.steps)
        begin(state, recipe, snapshot, run_file)
        return find_lr(
            objective,
            state.optimizer,
            lambda k: crops_of_step(recipe, source, device, state.step + k),
            precision=recipe.precision,
            **knobs,
        )


def _stepper(
    objective: nn.Module, optimizer: torch.optim.Optimizer, precision: str
) -> Callable[[Any, float], float]:
    """One update at a rate; its loss. Nothing is updated where the loss is not finite."""
    device = next(objective.parameters()).device.type
    dtype = dtype_of(precision, device)
    scaler = torch.amp.GradScaler(device, enabled=precision == "float16")

    def step(batch: Any, rate: float) -> float:
        for group in optimizer.param_groups:
            group["lr"] = rate * group.get("rate_share", 1.0)
        with torch.autocast(device, dtype=dtype, enabled=dtype is not None):
            total = objective.loss(batch).total  # type: ignore[operator]
        value = float(total.detach())
        if math.isfinite(value):
            optimizer.zero_grad(set_to_none=True)
            scaler.scale(total).backward()
            scaler.step(optimizer)
            scaler.update()
        return value

    return step


def switches_inside(
    recipe: Recipe, iterations: int, *, first_step: int = 0
) -> tuple[tuple[int, str], ...]:
    """What the objective changes by schedule while the finder runs: (iteration, name).

    The queue is used once its start is reached and it is full; prototypes are released after the
    steps in which they are frozen.

    Args:
        recipe: Knobs of the run.
        iterations: Steps of the ramp.
        first_step: Steps that the objective had done before.
    """
    found = []
    if recipe.queue_length:
        full = math.ceil(recipe.queue_length / recipe.batch)
        found.append((max(recipe.queue_start_step, full), "queue on"))
    if recipe.freeze_prototypes:
        found.append((recipe.freeze_prototypes, "prototypes released"))
    places = ((step - first_step, name) for step, name in found)
    return tuple(sorted((k, name) for k, name in places if 0 <= k < iterations))
