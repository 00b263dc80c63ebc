"""Pretrain an encoder with SwAV on pairs of images of one plant, as a recipe says."""

import time
from collections import deque
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import replace
from functools import cache, partial
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from plantedu.data.crops import PAIRINGS, CropBatch, CropSpec, make_crops
from plantedu.models.encoders import make_encoder
from plantedu.models.swav import SwAV
from plantedu.training.distributed import check_together, own_slice, rank, share_state
from plantedu.training.fit import Measure, Observer, Record, State, fit, one_cycle
from plantedu.training.initial_weights import load_start
from plantedu.training.online_probes import EpisodicProbes, evaluating
from plantedu.training.pair_source import (
    PairSource,
    open_source,
    plants_left_out,
    plants_of_step,
    probe_plants,
    probe_targets,
    rendering_ahead,
)
from plantedu.training.precision import Arithmetic, compiled
from plantedu.training.recipe import Recipe
from plantedu.training.seeding import generator_for

FIRST_STEP_ABOVE = "first_step_disease_above_.90"
SECONDS_TO = "seconds_to_disease_.90"

Snapshot = tuple[Mapping[str, Tensor], Mapping[str, Any]]


def make_objective(recipe: Recipe) -> SwAV:
    """Encoder, projector and prototypes with the recipe's fresh weights."""
    return SwAV(
        make_encoder(recipe.encoder, seed=recipe.seed, side=recipe.crop_size),
        pairing=recipe.pairing,
        prototypes=recipe.prototypes,
        temperature=recipe.temperature,
        epsilon=recipe.epsilon,
        sinkhorn_iterations=recipe.sinkhorn_iterations,
        projection_dim=recipe.projection_dim,
        hidden_dim=recipe.hidden_dim,
        queue_length=recipe.queue_length,
        queue_start_step=recipe.queue_start_step,
        freeze_prototypes_steps=recipe.freeze_prototypes,
        seed=recipe.seed,
    )


def make_optimizer(objective: torch.nn.Module, recipe: Recipe) -> torch.optim.Optimizer:
    """AdamW; norms, biases and prototypes are not decayed."""
    named = list(objective.named_parameters())
    decayed = [p for name, p in named if p.ndim > 1 and "prototypes" not in name]
    free = [p for name, p in named if p.ndim <= 1 or "prototypes" in name]
    groups = [
        {"params": decayed, "weight_decay": recipe.weight_decay},
        {"params": free, "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, lr=recipe.learning_rate)


def crops_of_step(recipe: Recipe, source: PairSource, device: str, step: int) -> CropBatch:
    """The batch of one step, or this process's slice; depends on recipe and step alone."""
    taken = source.take(plants_of_step(recipe, source, step))
    x1, x2 = (torch.from_numpy(x).to(device, non_blocking=True) for x in taken)
    return own_slice(crops_of(recipe, x1, x2, step))


def crops_of(recipe: Recipe, x1: Tensor, x2: Tensor, step: int) -> CropBatch:
    """Crops of these plants as the recipe wants them; `step` fixes every draw."""
    spec = CropSpec(
        large_size=recipe.crop_size,
        small_crops=recipe.small_crops,
        small_size=recipe.small_size,
        gain=recipe.jitter,
        offset=recipe.jitter / 4,
    )
    return make_crops(
        x1,
        x2,
        spec=spec,
        generator=generator_for(recipe.seed, "crops", step),
        pairing=recipe.pairing,
    )


def rehearse(recipe: Recipe) -> None:
    """One step on grey pictures: the first step of a process takes twice as long as the others."""
    grey = torch.full((recipe.batch, 3, recipe.image_size, recipe.image_size), 127).byte()
    objective = make_objective(recipe).to(best_device())
    grey = grey.to(best_device())
    objective.loss(crops_of(recipe, grey, grey, 0)).total.backward()
    make_optimizer(objective, recipe).step()


def make_probes(recipe: Recipe, source: PairSource) -> list[Observer]:
    """The recipe's probes as an observer; none if it names no factor that varies."""
    targets = probe_targets(recipe, source) if recipe.probe_factors else []
    if not targets:
        return []
    return [
        EpisodicProbes(
            partial(probe_images, recipe, source),
            targets,
            every=recipe.probe_every,
            seeds=recipe.probe_seeds,
            seed=recipe.seed,
            side=recipe.crop_size,
        )
    ]


def probe_images(recipe: Recipe, source: PairSource) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Training and held-out images of each sensor, uint8 "n 3 side side"."""
    train, held_out = (source.take(plants) for plants in probe_plants(recipe, source))
    return {"rgb": (train[0], held_out[0]), "rgn": (train[1], held_out[1])}


class Headlines(Observer):
    """Keeps the last value of every number, the pace, and when the disease probe first passed .90.

    The latter is kept in the state's meta, so that a resumed run still knows it.
    """

    def __init__(self) -> None:
        self.last: dict[str, Measure] = {}
        self.started = time.perf_counter()
        self.ticks: deque[float] = deque(maxlen=20)

    def measure(self, state: State) -> Mapping[str, Measure]:
        self.ticks.append(time.perf_counter())
        if len(self.ticks) < 2:
            return {}
        return {"steps_per_second": (len(self.ticks) - 1) / (self.ticks[-1] - self.ticks[0])}

    def on_step(self, state: State, record: Record) -> None:
        late = record.step < state.step
        self.last = {**record.values, **self.last} if late else {**self.last, **record.values}
        disease = record.values.get("probe/disease/both")
        if isinstance(disease, tuple) and disease[0] >= 0.9:
            state.meta.setdefault(FIRST_STEP_ABOVE, record.step)
            state.meta.setdefault(SECONDS_TO, time.perf_counter() - self.started)

    def result(self, state: State, ended: str) -> dict[str, Any]:
        """What a finished run says of itself, as plain values."""
        last = {k: list(v) if isinstance(v, tuple) else v for k, v in self.last.items()}
        return {
            "ended": ended,
            "start": state.meta.get("origin"),
            "step": state.step,
            "seconds": time.perf_counter() - self.started,
            FIRST_STEP_ABOVE: state.meta.get(FIRST_STEP_ABOVE),
            SECONDS_TO: state.meta.get(SECONDS_TO),
            "last": last,
        }


@cache
def best_device() -> str:
    """CUDA where a working one is there, else the CPU."""
    return "cuda" if torch.cuda.is_available() else "cpu"


def train(
    recipe: Recipe,
    *,
    bank_folder: Path,
    observers: Sequence[Observer] = (),
    resume: Snapshot | None = None,
    run_file: Path | None = None,
) -> dict[str, Any]:
    """Run a recipe to its end, or until an observer stops it.

    Args:
        recipe: All knobs.
        bank_folder: Where rendered pairs are kept for the next run.
        observers: Who watches besides the probes; they see the probes' numbers too.
        resume: A snapshot to go on from; the run then ends in the same bits as one that was
            never stopped (on the CPU, with the same number of threads).
        run_file: The checkpoint that a start "run:ID@WHEN" means.

    Returns:
        "ended" ("done", "pause", "cancel"), "step", the first step with the disease probe above
        .90, the last value of every number, and "left_out" where plants of a folder are.

    Raises:
        PlantEduError: for data that cannot be read, a loss that is not finite, or a snapshot of
            another architecture.
    """
    check_together(recipe)
    device, leads = best_device(), rank() == 0
    with rendering_ahead(recipe, bank_folder) if leads else nullcontext():
        source = open_source(recipe, bank_folder)
        objective = make_objective(recipe).to(device)
        state = State(
            objective,
            make_optimizer(objective, recipe),
            recipe.steps,
            arithmetic=Arithmetic(recipe.precision, device),
        )
        state.meta = {"recipe": recipe.as_json()}
        marks = {round(recipe.warmup * recipe.steps): ("learning-rate peak", "")}
        marks |= begin(state, recipe, resume, run_file) if leads else {}
        if leads and resume is None and recipe.queue_length and not recipe.queue_start_step:
            prefill(objective, recipe, source)
        share_state(state, recipe.as_json())
        if recipe.compile:
            compiled(objective.encoder.body)
        headlines = Headlines()
        watching = [*make_probes(recipe, source), headlines, *observers] if leads else []
        missing = plants_left_out(source, watching if resume is None else ())
        rate = partial(
            one_cycle, steps=recipe.steps, peak=recipe.learning_rate, warmup=recipe.warmup
        )
        ended = fit(
            state,
            partial(crops_of_step, recipe, source, device),
            learning_rate=rate,
            observers=watching,
            marks=marks,
        )
    notes = {"left_out": missing} if missing else {}
    return headlines.result(state, ended) | notes


def begin(
    state: State, recipe: Recipe, resume: Snapshot | None, run_file: Path | None
) -> dict[int, tuple[str, str]]:
    """Put a snapshot back, or load the recipe's start; the event of weights that are not random."""
    if resume is not None:
        state.restore(*resume)
        state.meta = dict(resume[1]) | state.meta
        return {}
    origin = load_start(state.objective, recipe.start, run_file=run_file)
    state.meta["origin"] = origin.as_json()
    return {} if origin.sha256 is None else {0: ("weights", origin.detail)}


def prefill(objective: SwAV, recipe: Recipe, source: PairSource) -> None:
    """Fill a queue that is to be used from the first step, so that no switch lies inside the run.

    Embeddings of large crops of training plants, by the weights as they are, in evaluation mode
    and without gradient. A longer queue than there are plants holds several crops of each. A
    queue that an earlier phase left full stays as it is.
    """
    large, sensors = replace(recipe, small_crops=0), PAIRINGS[recipe.pairing]
    device, train = objective.prototypes.device, source.train
    rows = min(recipe.queue_length, 128)
    for k in count():
        if objective.queue.full(sensors):
            return
        places = np.arange(k * rows, (k + 1) * rows) % len(train)
        x1, x2 = (torch.from_numpy(x).to(device) for x in source.take(train[places]))
        crops = crops_of(large, x1, x2, recipe.steps + k)  # crops that no step of the run draws
        with evaluating(objective):
            z = objective.embed(crops)
        for sensor in set(sensors):
            objective.queue.insert(sensor, z[sensors.index(sensor)])


def objective_from(snapshot: Snapshot) -> SwAV:
    """The trained objective that a checkpoint holds, in evaluation mode, on the CPU.

    Raises:
        PlantEduError: if the checkpoint does not fit its own recipe.
    """
    tensors, meta = snapshot
    recipe = Recipe.from_json(meta["recipe"])
    objective = make_objective(recipe)
    State(objective, make_optimizer(objective, recipe), recipe.steps).restore(tensors, meta)
    return objective.eval()
