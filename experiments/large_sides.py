"""What drawing at 128 px costs, and what a short training makes of it, beside 48 px.

    OMP_NUM_THREADS=1 uv run python -m experiments.large_sides train    # -> under PLANTEDU_HOME
    uv run python -m experiments.large_sides compare   # -> lessons/results/05_sides.json

The network that ships, with patches of 8 px in the place of 3: inside, either side is 16 places,
and each place has more to put out. STEPS steps from scratch, the same plants and noise, conditioned
on h of cross-0 alone. MRR of the source by a judge
that had no part in it, which brings every picture to its own side; R2 of the disease and of X1's
warmth by the reader on pictures brought to 48 px by means. The null is chance, or the sources
shuffled.
"""

import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F

from experiments.joint_conditions import SHORT, STEPS, Keeper
from experiments.parts import run, write
from experiments.upscaler import judged
from plantedu.data.renderer.worlds import draw_factors
from plantedu.statistics.evidence import mean_over_plants
from plantedu.statistics.retrieval import chance_mrr
from plantedu.store.paths import bank_folder, home
from plantedu.topics.generation.conditional_samples import ConditionalSampler
from plantedu.topics.generation.denoiser_training import train as train_denoiser
from plantedu.topics.generation.regressor_training import shipped_reader
from plantedu.topics.generation.results.conditioning import Conditioning
from plantedu.topics.generation.variance_components import explained, read_pairs, shuffled_r2
from plantedu.training.checkpoints import load_checkpoint

PAIRS = 2048  # plants to train on
SIDES = {48: 3, 128: 8}  # pixels a side, and of a patch
PLANTS, SAMPLES, SHUFFLES = 64, 4, 99
READ = ("disease", "warmth_rgb", "angle")


def place(side: int) -> Path:
    """Where a side's denoiser is kept."""
    return home() / "denoisers" / f"side-{side}.safetensors"


def train() -> None:
    """Every side, each unless it is there."""
    for side, fold in SIDES.items():
        if not place(side).is_file():
            recipe = replace(SHORT, side=side, fold=fold, pairs=PAIRS)
            train_denoiser(recipe, bank_folder=bank_folder(), observers=[Keeper(place(side))])


def compare() -> None:
    """What each side costs and tells."""
    found = {str(side): measured(side) for side in SIDES}
    shared = {"plants": PLANTS, "samples": SAMPLES, "steps": STEPS, "pairs": PAIRS}
    write("05_sides", shared | {"sides": found}, "experiments.large_sides compare")


def measured(side: int) -> dict[str, Any]:
    """One side's price and faithfulness."""
    sampler = ConditionalSampler(place(side), bank_folder(), home() / "samples")
    meta = load_checkpoint(place(side))[1]
    sources = sampler.sources(PLANTS)
    drawn = sampler.draw(Conditioning(), sources, samples=SAMPLES)
    fresh = replace(sampler, folder=None)
    fresh.draw(Conditioning(), sources[:8], samples=1)  # it is warm now
    began = time.process_time()
    fresh.draw(Conditioning(), sources[:8], samples=2)
    taken = time.process_time() - began
    mrr = mean_over_plants(
        f"How often do samples of {side} px lead back to their source, by cross-1?",
        judged(sampler, sources, drawn),
        chance_mrr(len(sampler.gallery)),
        "an order at random",
    )
    reader = shipped_reader()
    small = F.interpolate(drawn.flatten(0, 1), size=(reader.side,) * 2, mode="area")
    readings = read_pairs(reader, small.unflatten(0, drawn.shape[:2]))
    truth, rng = draw_factors(sampler.world, sources), np.random.default_rng(0)
    read = {
        column: {
            "value": explained(column, readings[column], truth[column]),
            "null": float(
                np.mean(
                    shuffled_r2(column, readings[column], truth[column], rng, shuffles=SHUFFLES)
                )
            ),
        }
        for column in READ
    }
    spent = {"cpu_of_a_step": meta["cpu"], "cpu_of_sixteen_pairs": taken}
    return {"mrr": mrr.as_json(), "read": read, "loss": meta["loss"], **spent}


PARTS = {"train": train, "compare": compare}


if __name__ == "__main__":
    torch.set_num_threads(1)
    run(PARTS, sys.argv[1:])
