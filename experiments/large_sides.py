"""Drawing at 128 and 224 px: from scratch, or begun with a network that draws 48 px.

    OMP_NUM_THREADS=1 uv run python -m experiments.large_sides train    # -> under PLANTEDU_HOME
    uv run python -m experiments.large_sides compare   # -> lessons/results/05_sides.json

One network, with patches that leave 16 places a side inside. The same plants and noise, conditioned
on h of cross-0 alone. `48` is STEPS steps from scratch; `128 from scratch` as many; `128` and `224`
begin with `48` and take FEW steps, so that `48` and `128` together cost no more than `128 from
scratch`. MRR of the source by a judge that had no part in it, which brings every picture to its own
side; R2 of the disease, of X1's warmth and of the angle by the reader. The null is chance, or the
sources shuffled.
"""

import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from experiments.generation_extremes import judged
from experiments.joint_conditions import SHORT, STEPS, Keeper
from experiments.parts import run, write
from plantedu.data.renderer.worlds import draw_factors
from plantedu.statistics.evidence import mean_over_plants
from plantedu.statistics.retrieval import chance_mrr
from plantedu.store.paths import bank_folder, home
from plantedu.topics.generation.conditional_samples import ConditionalSampler
from plantedu.topics.generation.denoiser_recipe import Denoise
from plantedu.topics.generation.denoiser_training import train as train_denoiser
from plantedu.topics.generation.regressor_training import shipped_reader
from plantedu.topics.generation.results.conditioning import Conditioning
from plantedu.topics.generation.variance_components import explained, read_pairs, shuffled_r2
from plantedu.training.checkpoints import load_checkpoint

FEW = 400  # steps at the larger side
PLANTS, SAMPLES, SHUFFLES = 64, 4, 99
READ = ("disease", "warmth_rgb", "angle")
FOLDS = {48: 3, 128: 8, 224: 14}  # pixels of a patch
ARMS = ("48", "128 from scratch", "128", "224")


def place(arm: str) -> Path:
    """Where an arm's denoiser is kept."""
    return home() / "denoisers" / f"side-{arm.replace(' ', '-')}.safetensors"


def recipe_of(arm: str) -> Denoise:
    """What an arm is trained by."""
    side = int(arm.split()[0])
    known = replace(SHORT, side=side, fold=FOLDS[side], scale=48 / side, pairs=2048)
    if arm in ("48", "128 from scratch"):
        return known
    return replace(known, start=f"file:{place('48')}", steps=FEW, learning_rate=5e-4)


def train() -> None:
    """Every arm, each unless it is there as it should be."""
    for arm in ARMS:
        path, recipe = place(arm), recipe_of(arm)
        if not path.is_file() or Denoise.from_json(load_checkpoint(path)[1]["denoise"]) != recipe:
            train_denoiser(recipe, bank_folder=bank_folder(), observers=[Keeper(path)])


def compare() -> None:
    """What each arm costs and tells."""
    found = {arm: measured(arm) for arm in ARMS}
    shared = {"plants": PLANTS, "samples": SAMPLES, "steps": STEPS, "few": FEW, "pairs": 2048}
    write("05_sides", shared | {"arms": found}, "experiments.large_sides compare")


def measured(arm: str) -> dict[str, Any]:
    """One arm's price and faithfulness."""
    sampler = ConditionalSampler(place(arm), bank_folder(), home() / "samples")
    meta = load_checkpoint(place(arm))[1]
    sources = sampler.sources(PLANTS)
    drawn = sampler.draw(Conditioning(), sources, samples=SAMPLES)
    fresh = replace(sampler, folder=None)
    fresh.draw(Conditioning(), sources[:8], samples=1)  # it is warm now
    began = time.process_time()
    fresh.draw(Conditioning(), sources[:8], samples=2)
    taken = time.process_time() - began
    mrr = mean_over_plants(
        f"How often do samples of {arm} px lead back to their source, by cross-1?",
        judged(sampler, sources, drawn),
        chance_mrr(len(sampler.gallery)),
        "an order at random",
    )
    readings = read_pairs(shipped_reader(), drawn)
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
    return {"mrr": mrr.as_json(), "read": read, "steps": meta["step"]} | spent


PARTS = {"train": train, "compare": compare}


if __name__ == "__main__":
    torch.set_num_threads(1)
    run(PARTS, sys.argv[1:])
