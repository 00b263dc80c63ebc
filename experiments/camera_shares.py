"""Why the RGN half is drawn less faithfully: is X2 given too rarely in training?

    OMP_NUM_THREADS=1 uv run python -m experiments.camera_shares train    # -> under PLANTEDU_HOME
    uv run python -m experiments.camera_shares compare   # -> lessons/results/05_cameras.json

The denoiser that draws goes on for STEPS steps, conditioned on h of cross-0 alone, in two arms that
differ in one thing: which pictures the condition is of. `as before`: X1 alone half of the time, X2
alone .15, both .35. `even`: .3, .3, .4. Same plants, same noise. Then R2 of the source's factors on
readings of samples from h of a pair, of the three factors that each camera has of its own; the null
is the same with the sources shuffled. Beside it: the same given one picture alone, and what a
linear reader finds in h itself.
"""

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from experiments.parts import run, write
from plantedu.data.renderer.factors import SENSORS
from plantedu.data.renderer.worlds import draw_factors
from plantedu.statistics.ridge_map import ridge_at
from plantedu.store.paths import bank_folder, home
from plantedu.topics.generation.conditional_samples import ConditionalSampler
from plantedu.topics.generation.denoiser_recipe import Denoise
from plantedu.topics.generation.denoiser_training import train as train_denoiser
from plantedu.topics.generation.denoisers import drawing, shipped_denoiser
from plantedu.topics.generation.regressor_training import shipped_reader
from plantedu.topics.generation.results.conditioning import Conditioning
from plantedu.topics.generation.variance_components import explained, read_pairs, shuffled_r2
from plantedu.training.checkpoints import save_checkpoint
from plantedu.training.fit import Observer, Record, State

STEPS, EVERY = 1000, 100
BEFORE = Denoise(
    conditions=("cross-0/h",), parts=128, start="leaf-2", steps=STEPS, learning_rate=4e-4,
    slot_rate=3.0, time_mean=0.5, decay=0.99, seed=3,
)  # fmt: skip
ARMS = {"as before": BEFORE, "even": replace(BEFORE, shares=(0.3, 0.3, 0.4))}
FACTORS = {
    "rgb": ("light_rgb", "warmth_rgb", "soil_rgb"),
    "rgn": ("light_rgn", "warmth_rgn", "soil_rgn"),
}
PLANTS, SAMPLES, SHUFFLES = 96, 8, 199
READ, PENALTY = 3072, 0.1  # plants that the linear reader learns from; its ridge


class Keeper(Observer):
    """Says how far it is, and keeps the end."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def on_step(self, state: State, record: Record) -> None:
        if record.step % EVERY == 0:
            print(f"step {record.step}  {record.values.get('held_out/loss')}", flush=True)
        if record.step == state.steps:
            save_checkpoint(self.path, *drawing(state.snapshot()))


def place(arm: str) -> Path:
    """Where an arm is kept."""
    return home() / "denoisers" / f"cameras-{arm.replace(' ', '-')}.safetensors"


def train() -> None:
    """Both arms, each unless it is there."""
    for arm, recipe in ARMS.items():
        if not place(arm).is_file():
            train_denoiser(recipe, bank_folder=bank_folder(), observers=[Keeper(place(arm))])


def compare() -> None:
    """R2 of each camera's own factors, of the denoiser that ships and of both arms."""
    files = {"ships": shipped_denoiser(), **{arm: place(arm) for arm in ARMS}}
    found = {name: scores(path) for name, path in files.items()}
    for sensor in SENSORS:
        found[f"ships, given {sensor} alone"] = scores(shipped_denoiser(), (sensor,))
    knobs = {arm: recipe.as_json() for arm, recipe in ARMS.items()}
    write(
        "05_cameras",
        {
            "plants": PLANTS,
            "samples": SAMPLES,
            "arms": found,
            "held": held(),
            "recipes": knobs,
        },
        "experiments.camera_shares compare",
    )


def held() -> dict[str, float]:
    """R2 of each factor on the gallery, read off h of both pictures by ridge regression."""
    sampler = ConditionalSampler(shipped_denoiser(), bank_folder())
    learned = sampler.trained[:READ]
    rows = np.concatenate([learned, sampler.gallery])
    given = sampler.given(Conditioning(), rows)
    x = torch.cat(list(given.values()), 1).double().numpy()
    x = (x - x[:READ].mean(0)) / (x[:READ].std(0) + 1e-6)
    truth, found = draw_factors(sampler.world, rows), {}
    for column in (column for columns in FACTORS.values() for column in columns):
        y = truth[column].astype(np.float64)
        y -= y[:READ].mean()
        said = x[READ:] @ ridge_at(x[:READ], y[:READ], PENALTY)
        found[column] = 1 - float(np.square(y[READ:] - said).sum() / np.square(y[READ:]).sum())
    return found


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
