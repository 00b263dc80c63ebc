"""Why X2 was drawn less faithfully, and what mends it: three denoisers that differ in two knobs.

    OMP_NUM_THREADS=1 uv run python -m experiments.joint_conditions train  # -> PLANTEDU_HOME
    uv run python -m experiments.joint_conditions compare   # -> lessons/results/05_cameras.json

Three short trainings from scratch, of the same plants, noise and number of steps, conditioned on h
of cross-0 alone. `direction`: the network puts out the direction of flow matching, and what is said
of X1 and of X2 is summed. `picture`: it puts out the picture. `joint`: and what is said of X1 and
of X2 is read together, as in the denoiser that ships. Then R2 of the source's factors on readings
of samples from h of a pair, of the three factors that each camera has of its own; the null is the
same with the sources shuffled. Beside it: the denoiser that ships, given a pair and given one
picture alone, and what a linear probe of its numbers reads, nothing drawn.
"""

import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from experiments.parts import run, write
from plantedu.data.renderer.factors import SENSORS
from plantedu.data.renderer.worlds import draw_factors
from plantedu.store.paths import bank_folder, home
from plantedu.topics.generation.conditional_samples import ConditionalSampler
from plantedu.topics.generation.denoiser_recipe import Denoise
from plantedu.topics.generation.denoiser_training import train as train_denoiser
from plantedu.topics.generation.denoisers import drawing, shipped_denoiser
from plantedu.topics.generation.linear_probe import probed
from plantedu.topics.generation.regressor_training import shipped_reader
from plantedu.topics.generation.results.conditioning import Conditioning
from plantedu.topics.generation.variance_components import explained, read_pairs, shuffled_r2
from plantedu.training.checkpoints import load_checkpoint, save_checkpoint
from plantedu.training.fit import Observer, Record, State

STEPS, EVERY = 1200, 100
SHORT = Denoise(conditions=("cross-0/h",), steps=STEPS, decay=0.99, watch_every=EVERY, seed=3)
ARMS = {
    "direction": replace(SHORT, output="target", joint=False),
    "picture": replace(SHORT, joint=False),
    "joint": SHORT,
}
FACTORS = {
    "rgb": ("light_rgb", "warmth_rgb", "soil_rgb"),
    "rgn": ("light_rgn", "warmth_rgn", "soil_rgn"),
}
PLANTS, SAMPLES, SHUFFLES = 96, 8, 199
PROBED = 3072  # plants that the linear probe learns from


class Keeper(Observer):
    """Says how far it is; keeps the end, its loss on held-out plants, a step's processor time."""

    def __init__(self, path: Path) -> None:
        self.path, self.began = path, 0.0

    def on_step(self, state: State, record: Record) -> None:
        if record.step == 1:
            self.began = time.process_time()
        if record.step % EVERY == 0:
            print(f"step {record.step}  {record.values.get('held_out/loss')}", flush=True)
        if record.step == state.steps:
            each = (time.process_time() - self.began) / (state.steps - 1)
            weights, meta = drawing(state.snapshot())
            loss = record.values["held_out/loss"]
            save_checkpoint(self.path, weights, meta | {"cpu": each, "loss": loss})


def place(arm: str) -> Path:
    """Where an arm is kept."""
    return home() / "denoisers" / f"arm-{arm}.safetensors"


def train() -> None:
    """Every arm, each unless it is there."""
    for arm, recipe in ARMS.items():
        if not place(arm).is_file():
            train_denoiser(recipe, bank_folder=bank_folder(), observers=[Keeper(place(arm))])


def compare() -> None:
    """R2 of each camera's own factors, of the denoiser that ships and of every arm."""
    ships = shipped_denoiser()
    found = {"ships": scores(ships), **{arm: scores(place(arm)) for arm in ARMS}}
    for sensor in SENSORS:
        found[f"ships, given {sensor} alone"] = scores(ships, (sensor,))
    write(
        "05_cameras",
        {
            "plants": PLANTS,
            "samples": SAMPLES,
            "steps": STEPS,
            "arms": found,
            "losses": {arm: load_checkpoint(place(arm))[1]["loss"] for arm in ARMS},
            "held": held(),
            "recipes": {arm: recipe.as_json() for arm, recipe in ARMS.items()},
        },
        "experiments.joint_conditions compare",
    )


def held() -> dict[str, float]:
    """R2 of each factor on the gallery, read by a linear probe off h of both pictures."""
    sampler = ConditionalSampler(shipped_denoiser(), bank_folder())
    asked = [column for columns in FACTORS.values() for column in columns]
    read = probed(sampler, Conditioning(), plants=PROBED, seed=0, columns=asked)
    return {column: one.value for column, one in read.items()}


def scores(path: Path, sensors: tuple[str, ...] = SENSORS) -> dict[str, Any]:
    """R2 of each factor with its interval over plants, and the mean of each camera."""
    sampler = ConditionalSampler(path, bank_folder(), home() / "samples")
    sources = sampler.sources(PLANTS)
    truth = draw_factors(sampler.world, sources)
    readings = read_pairs(
        shipped_reader(), sampler.draw(Conditioning(sensors=sensors), sources, samples=SAMPLES)
    )
    found: dict[str, Any] = {}
    for camera, columns in FACTORS.items():
        for column in columns:
            rng = np.random.default_rng(0)
            shuffled = shuffled_r2(column, readings[column], truth[column], rng, shuffles=SHUFFLES)
            rows = [rng.integers(0, PLANTS, PLANTS) for _ in range(SHUFFLES)]
            drawn = [explained(column, readings[column], truth[column], one) for one in rows]
            found[column] = {
                "value": explained(column, readings[column], truth[column]),
                "null": float(np.mean(shuffled)),
                "interval": np.quantile(drawn, [0.025, 0.975]).tolist(),
            }
        found[camera] = float(np.mean([found[column]["value"] for column in columns]))
    return found


PARTS = {"train": train, "compare": compare}


if __name__ == "__main__":
    torch.set_num_threads(1)
    run(PARTS, sys.argv[1:])
