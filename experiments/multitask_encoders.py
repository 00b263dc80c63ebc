"""Encoders that are told six factors of the plants, or five of them: what lesson 06 grounds on.

    OMP_NUM_THREADS=1 uv run python -m experiments.multitask_encoders [UNTOLD]     # resumable

Eight encoders are told all six factors and differ in their seed alone. For each of four factors,
UNTOLD encoders (2) are told the other five. Half a minute of one core each: 2 take about 7 minutes,
6, which an exact test after correction needs, about 14. Each file under PLANTEDU_HOME/told holds
the features of held-out plants, what probes read from them, and how far each factor moves them by
do().
"""

import sys
import time
from pathlib import Path

import numpy as np
import torch

from plantedu.data.render_cache import Bank
from plantedu.data.renderer.factors import COLUMNS, factor
from plantedu.data.renderer.pairs import render
from plantedu.data.renderer.worlds import world
from plantedu.jobs.threads import share_cores
from plantedu.models.encoders import Encoder
from plantedu.store.paths import home
from plantedu.topics.similarity.multitask_encoder import told_encoder
from plantedu.training.linear_probe import Target, read_off
from plantedu.training.online_probes import features_of, shrunk

TOLD = ("disease", "angle", "chlorophyll", "bloom", "width", "soil_rgb")
DROPPED = ("disease", "angle", "chlorophyll", "bloom")
SEEDS_ALL, FIRST_DROPPED, UNTOLD = range(8), 100, 2
TRAIN, HELD, DO, SIDE = 2048, 1024, 128, 40


def arms(untold: int = UNTOLD) -> list[tuple[str, int]]:
    """(untold factor or "none", seed), those needed first first."""
    both = [("none", seed) for seed in SEEDS_ALL]
    seeds = range(FIRST_DROPPED, FIRST_DROPPED + untold)
    return both + [(name, seed) for seed in seeds for name in DROPPED]


def file_of(untold: str, seed: int) -> Path:
    """Where an encoder's features lie."""
    return home() / "told" / f"{untold}-{seed}.npz"


def make(untold: str, seed: int) -> None:
    """Train one encoder and keep what is needed of it."""
    began = time.process_time()
    bank = Bank(world("field"), pairs=TRAIN + HELD, size=SIDE, folder=home() / "bank")
    images = bank.take(np.arange(TRAIN))[0]
    columns = [name for name in TOLD if name != untold]
    encoder = told_encoder(images, bank.factors, columns=columns, seed=seed, side=SIDE)
    h = features_of(encoder, shrunk(bank.take(np.arange(TRAIN, TRAIN + HELD))[0], SIDE))
    found = {f"probe {k}": v for k, v in probed(h, bank).items()} | {
        f"do {k}": v for k, v in moved(encoder, h).items()
    }
    path = file_of(untold, seed)
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part.npz")
    np.savez(part, h=h.numpy(), seconds=time.process_time() - began, **found)  # type: ignore[arg-type]
    part.replace(path)
    print(untold, seed, f"{time.process_time() - began:.0f} s of CPU", flush=True)


def probed(h: torch.Tensor, bank: Bank) -> dict[str, float]:
    """What fresh probes read of every factor; half of the held-out plants to fit, half to score."""
    half, targets = HELD // 2, []
    for name in TOLD:
        values = torch.from_numpy(bank.factors[name][TRAIN:])
        levels = len(COLUMNS[name].levels)
        targets.append(Target(name, "rgb", levels, values[:half], values[half:]))
    told = read_off(h[:half], h[half:], targets, seeds=3, seed=0, step=0)
    return {name.split("/")[1]: told[name][0] for name in told if name.startswith("probe/")}  # type: ignore[index]


def moved(encoder: Encoder, h: torch.Tensor) -> dict[str, float]:
    """E |h(do f = high) - h(do f = low)|^2 / (2 trace Cov h): about 1 where f decides all of h."""
    plants, whole = np.arange(TRAIN, TRAIN + DO), float(h.double().var(0).sum())
    found = {}
    for name in TOLD:
        f = factor(name)
        ends = (f.levels[0], f.levels[1]) if f.levels else (f.low, f.high)
        pairs = [render(world("field"), plants, size=SIDE, do={name: v}) for v in ends]
        seen = [features_of(encoder, shrunk(one.x1, SIDE)) for one in pairs]
        found[name] = float((seen[1] - seen[0]).double().square().sum(1).mean()) / (2 * whole)
    return found


def main(words: list[str]) -> None:
    share_cores()
    for untold, seed in arms(int(words[0]) if words else UNTOLD):
        if not file_of(untold, seed).is_file():
            make(untold, seed)


if __name__ == "__main__":
    main(sys.argv[1:])
