"""Train a denoiser on what frozen encoders say, as a recipe says.

Which plants, which noise and which condition depend on seed and step alone, so that a run that
was stopped ends like one that was not.

Lesson: 05_generation.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Float, UInt8
from torch import Tensor, nn

from plantedu.data.render_cache import Bank
from plantedu.data.renderer.worlds import world
from plantedu.extras import extra
from plantedu.models.denoiser import Denoiser, Noised
from plantedu.models.denoiser_start import adopt, take
from plantedu.models.detail import STEP, UNTIL
from plantedu.topics.generation.denoiser_recipe import Denoise, encoder_and_layers
from plantedu.topics.generation.denoisers import (
    denoiser_from,
    load_denoiser,
    make_denoiser,
    start_file,
    upon_of,
)
from plantedu.training.fit import Measure, Observer, State, fit, one_cycle
from plantedu.training.online_probes import evaluating
from plantedu.training.precision import Arithmetic
from plantedu.training.pretrain import Snapshot, best_device
from plantedu.training.seeding import generator_for, numpy_generator_for
from plantedu.zoo.encoders import LoadedEncoder, conditioning_encoder

WATCHED = 64  # held-out plants whose loss is looked at
SEEN = ("rgb", "rgn", "rgb rgn")  # which sensors a condition is of, in the order of the shares


@dataclass(frozen=True, eq=False)
class Plants:
    """Which plants a recipe trains on and holds out, and their pictures."""

    bank: Bank
    train: np.ndarray
    held_out: np.ndarray

    def take(self, indices: np.ndarray) -> tuple[UInt8[np.ndarray, "n 3 side side"], ...]:
        """X1 and X2 of these plants."""
        return self.bank.take(indices)


@dataclass(frozen=True, eq=False)
class TrainingConditions:
    """Representations of the training plants by every condition, and the slots of each."""

    given: dict[str, Float[Tensor, "n _"]]
    slots_of: tuple[dict[str, tuple[str, ...]], ...]  # per condition: slots by sensor

    @property
    def slots(self) -> dict[str, int]:
        """Width of each slot."""
        return {name: rows.shape[1] for name, rows in self.given.items()}


def open_plants(recipe: Denoise, bank_folder: Path | None) -> Plants:
    """The plants of a recipe, rendered when they are first wanted."""
    planted = world(recipe.data, recipe.world_seed)
    ends = recipe.first + recipe.pairs, recipe.held_first + recipe.held_out
    bank = Bank(planted, pairs=max(ends), size=recipe.side, folder=bank_folder)
    return Plants(bank, np.arange(recipe.first, ends[0]), np.arange(recipe.held_first, ends[1]))


def represented(
    recipe: Denoise, encoders: Mapping[str, LoadedEncoder], pictures: tuple[np.ndarray, ...]
) -> TrainingConditions:
    """Representations of both pictures of plants, by every condition of a recipe."""
    given: dict[str, Tensor] = {}
    slots_of = []
    for encoder, layers in map(encoder_and_layers, recipe.conditions):
        frozen, by_sensor = encoders[encoder], {}
        for sensor, images in zip(("rgb", "rgn"), pictures, strict=True):
            if sensor not in frozen.sensors:
                continue
            names = tuple(f"{encoder}/{layer}/{sensor}" for layer in layers)
            by_sensor[sensor] = names
            for name, layer in zip(names, layers, strict=True):
                if name not in given:
                    given[name] = frozen.of(images, layer)
        slots_of.append(by_sensor)
    return TrainingConditions(given, tuple(slots_of))


def make_optimizer(denoiser: Denoiser, recipe: Denoise) -> torch.optim.Optimizer:
    """AdamW on the network, not on its average; vectors are not decayed, slots have a rate.

    Where detail alone is trained, all of it is decayed.
    """
    groups, body = [], denoiser.body
    if body.detail is not None and recipe.trained == "detail":
        return torch.optim.AdamW(
            body.detail.parameters(), lr=recipe.learning_rate, weight_decay=recipe.weight_decay
        )
    adds = [] if body.detail is None else [body.detail]
    said = nn.ModuleList([body.slots] if body.joint is None else [body.slots, body.joint])
    for part, share in ((nn.ModuleList([body.unet, *adds]), 1.0), (said, recipe.slot_rate)):
        for decayed in (True, False):
            chosen = [p for p in part.parameters() if (p.ndim > 1) == decayed]
            decay = recipe.weight_decay * decayed
            groups.append({"params": chosen, "weight_decay": decay, "rate_share": share})
    return torch.optim.AdamW(groups, lr=recipe.learning_rate)


def stacked(recipe: Denoise, pictures: tuple[np.ndarray, ...]) -> Float[Tensor, "n channels s s"]:
    """What is drawn of plants: both pictures above each other, or one; in [0, 1]."""
    kept = {"both": pictures, "rgb": pictures[:1], "rgn": pictures[1:]}[recipe.sensors]
    return torch.from_numpy(np.concatenate(kept, axis=1)).float() / 255


def lowered(recipe: Denoise, images: Tensor, generator: torch.Generator | None) -> Tensor | None:
    """The smaller picture at the same side, with noise in training; None without a cascade."""
    if not recipe.low_side:
        return None
    small = F.interpolate(images, size=(recipe.low_side,) * 2, mode="bilinear", antialias=True)
    if generator is not None:
        small = small + recipe.low_noise * torch.randn(small.shape, generator=generator)
    return F.interpolate(small, size=images.shape[-2:], mode="bilinear")


def noised(
    recipe: Denoise,
    images: Tensor,
    conditions: TrainingConditions,
    rows: np.ndarray,
    generator: torch.Generator,
) -> Noised:
    """A batch with its noise, its times and which condition, drawn from the generator."""
    with extra("generation"):
        from diffusers.training_utils import compute_density_for_timestep_sampling
    n = len(images)
    times = compute_density_for_timestep_sampling(
        "logit_normal",
        n,
        logit_mean=recipe.time_mean,
        logit_std=recipe.time_std,
        generator=generator,
    ).clamp(1e-3, 1 - 1e-3)
    if recipe.trained == "detail":
        times = UNTIL * times
    kept = condition_masks(recipe, conditions, n, generator)
    given = {name: conditions.given[name][rows] for name in kept}
    noise = torch.randn(images.shape, generator=generator)
    low = lowered(recipe, images, generator)
    return Noised(images, given, kept, times, noise, low, crop_of(recipe, generator))


def crop_of(recipe: Denoise, generator: torch.Generator) -> tuple[int, int, int] | None:
    """Top, left and side of the part of this batch that is learned from.

    Corners lie where places of detail's lowest level, and patches of 8 pixels, have theirs.
    """
    if not recipe.crop:
        return None
    corners = torch.randint((recipe.side - recipe.crop) // STEP + 1, (2,), generator=generator)
    top, left = (STEP * corners).tolist()
    return top, left, recipe.crop


def condition_masks(
    recipe: Denoise, conditions: TrainingConditions, n: int, generator: torch.Generator
) -> dict[str, Tensor]:
    """Which plants each slot is given for: one condition a plant, of one sensor or both."""
    kept = {name: torch.zeros(n, dtype=torch.bool) for name in conditions.given}
    if not conditions.slots_of:
        return kept
    who = torch.randint(len(conditions.slots_of), (n,), generator=generator).tolist()
    silent = (torch.rand(n, generator=generator) < recipe.unconditional).tolist()
    shares = torch.tensor(recipe.shares)
    seen = torch.multinomial(shares, n, replacement=True, generator=generator).tolist()
    for row in range(n):
        by_sensor = conditions.slots_of[who[row]]
        wanted = [s for s in SEEN[seen[row]].split() if s in by_sensor]
        for sensor in () if silent[row] else wanted or by_sensor:
            for name in by_sensor[sensor]:
                kept[name][row] = True
    return kept


def batch_of_step(
    recipe: Denoise, plants: Plants, conditions: TrainingConditions, device: str, step: int
) -> Noised:
    """The batch of one step; depends on recipe and step alone."""
    per_epoch = len(plants.train) // recipe.batch
    epoch, place = divmod(step, per_epoch)
    order = numpy_generator_for(recipe.seed, "order", epoch).permutation(len(plants.train))
    rows = order[place * recipe.batch : (place + 1) * recipe.batch]
    images = stacked(recipe, plants.take(plants.train[rows]))
    batch = noised(recipe, images, conditions, rows, generator_for(recipe.seed, "noise", step))
    return moved(batch, device)


def moved(batch: Noised, device: str) -> Noised:
    """The batch on a device."""
    if device == "cpu":
        return batch
    return Noised(
        batch.images.to(device),
        {name: rows.to(device) for name, rows in batch.given.items()},
        {name: rows.to(device) for name, rows in batch.kept.items()},
        batch.times.to(device),
        batch.noise.to(device),
        None if batch.low is None else batch.low.to(device),
        batch.crop,
    )


class HeldOut(Observer):
    """Looks at the loss on held-out plants, always with the same noise and the same conditions."""

    def __init__(self, batch: Noised, every: int) -> None:
        self.batch, self.every = batch, every

    def measure(self, state: State) -> Mapping[str, Measure]:
        if state.step % self.every:
            return {}
        with evaluating(state.objective), state.arithmetic.forward():
            found = state.objective.loss(self.batch)  # type: ignore[operator]
        return {f"held_out/{n}": float(v) for n, v in {"loss": found.total, **found.parts}.items()}


def train(
    recipe: Denoise,
    *,
    bank_folder: Path,
    observers: Sequence[Observer] = (),
    resume: Snapshot | None = None,
    run_file: Path | None = None,
) -> dict[str, Any]:
    """Train a denoiser to its end, or until an observer stops it.

    Args:
        recipe: All knobs.
        bank_folder: Where rendered pairs are kept.
        observers: Who watches.
        resume: A snapshot to go on from; the run then ends in the same bits as one that was
            never stopped (on the CPU, with the same number of threads).
        run_file: The checkpoint that a start run:ID@WHEN means; the store knows it.

    Raises:
        PlantEduError: for an encoder that does not ship, a loss that is not finite, or a
            snapshot of another architecture.
    """
    started, device = time.perf_counter(), best_device()
    begins = recipe.start != "scratch" and resume is None
    start = (run_file or start_file(recipe.start)) if begins else None
    upon = upon_of(recipe, start, resume)
    plants = open_plants(recipe, bank_folder)
    encoders = {
        name: conditioning_encoder(name)
        for name in {encoder_and_layers(t)[0] for t in recipe.conditions}
    }
    pictures = plants.take(plants.train)
    conditions = represented(recipe, encoders, pictures)
    denoiser = make_denoiser(recipe, conditions.slots)
    denoiser.measure(stacked(recipe, tuple(x[:1024] for x in pictures)), conditions.given)
    if start is not None:
        (take if recipe.trained == "detail" else adopt)(denoiser, load_denoiser(start))
    if recipe.trained == "detail":
        denoiser.freeze()
    state = State(
        denoiser.to(device),
        make_optimizer(denoiser, recipe),
        recipe.steps,
        arithmetic=Arithmetic(recipe.precision, device),
    )
    state.meta = {"denoise": recipe.as_json(), "slots": conditions.slots, **upon}
    if resume is not None:
        state.restore(*resume)
    ended = fit(
        state,
        partial(batch_of_step, recipe, plants, conditions, device),
        learning_rate=partial(
            one_cycle, steps=recipe.steps, peak=recipe.learning_rate, warmup=recipe.warmup
        ),
        observers=[held_out(recipe, plants, encoders, device), *observers],
        marks={round(recipe.warmup * recipe.steps): ("learning-rate peak", "")},
    )
    return {"ended": ended, "step": state.step, "seconds": time.perf_counter() - started}


def held_out(
    recipe: Denoise, plants: Plants, encoders: Mapping[str, LoadedEncoder], device: str
) -> HeldOut:
    """The observer of a recipe's held-out plants."""
    rows = np.arange(min(WATCHED, len(plants.held_out)))
    pictures = plants.take(plants.held_out[rows])
    conditions = represented(recipe, encoders, pictures)
    generator = generator_for(recipe.seed, "held out")
    batch = noised(recipe, stacked(recipe, pictures), conditions, rows, generator)
    return HeldOut(moved(batch, device), recipe.watch_every)


@torch.no_grad()
def losses_of(
    snapshot: Snapshot, bank_folder: Path | None, *, most: int = 256, beside: Path | None = None
) -> tuple[Float[np.ndarray, " n"], Float[np.ndarray, " n"]]:
    """Loss of each held-out plant, given the recipe's first condition, and without: unconditional,
    or, where detail alone was trained, without detail.

    Both see the same pictures, times and noise.
    """
    recipe = Denoise.from_json(snapshot[1]["denoise"])
    denoiser = denoiser_from(snapshot, beside=beside)
    plants = open_plants(recipe, bank_folder)
    pictures = plants.take(plants.held_out[:most])
    first = replace(recipe, conditions=recipe.conditions[:1])
    encoders = {
        name: conditioning_encoder(name)
        for name in (encoder_and_layers(t)[0] for t in first.conditions)
    }
    conditions = represented(first, encoders, pictures)
    rows = np.arange(len(pictures[0]))
    draw = generator_for(recipe.seed, "held out")
    batch = noised(first, stacked(recipe, pictures), conditions, rows, draw)
    x_t, target = denoiser.noised(denoiser.inward(batch.images), batch.times, batch.noise)
    low = None if batch.low is None else denoiser.inward(batch.low)
    found: list[np.ndarray] = []
    detail = recipe.trained == "detail"
    for given in (conditions.given, conditions.given if detail else {}):
        if found and detail:
            denoiser.body.detail = None  # the null
        parts = [
            denoiser.velocity(
                x_t[part], batch.times[part], {n: r[part] for n, r in given.items()},
                None if low is None else low[part],
            )
            for part in torch.arange(len(rows)).split(32)
        ]  # fmt: skip
        found.append((torch.cat(parts) - target).square().mean((1, 2, 3)).double().numpy())
    return found[0], found[1]
