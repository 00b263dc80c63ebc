"""Encoders trained on six factors or five of them, and what is kept of each.

Eight encoders are trained on all six factors and differ in their seed alone. For each of four
factors some more are trained on the other five. What is kept: features of held-out plants, what
probes read from them, and how far each factor moves them by do().

Lesson: 06_similarity.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from plantedu.data.render_cache import Bank
from plantedu.data.renderer.factors import COLUMNS, factor
from plantedu.data.renderer.pairs import render
from plantedu.data.renderer.worlds import world
from plantedu.errors import PlantEduError
from plantedu.models.encoders import Encoder
from plantedu.topics.method import Context
from plantedu.topics.similarity.multitask_encoder import multitask_encoder
from plantedu.training.linear_probe import Target, read_off
from plantedu.training.online_probes import features_of, shrunk
from plantedu.whole_files import write_arrays

NONE = "none"
FACTORS = ("disease", "angle", "chlorophyll", "bloom", "width", "soil_rgb")
LEFT_OUT = ("disease", "angle", "chlorophyll", "bloom")
SEEDS_OF_ALL, FIRST_REDUCED = range(8), 100
TRAIN, HELD, DO, SIDE = 2048, 1024, 128, 40

Arm = tuple[str, int]


@dataclass(frozen=True, eq=False)
class Features:
    """Of encoders of one home.

    Attributes:
        complete: Features of encoders trained on all factors, "plants columns" each.
        reduced: The same by the factor left out.
        probes: By factor, what probes read of it: trained on it, and not.
        moves: By factor, how far do() moves h: trained on it, and not.
    """

    complete: list[Tensor]
    reduced: dict[str, list[Tensor]]
    probes: dict[str, tuple[float, float]]
    moves: dict[str, tuple[float, float]]


def arms(encoders: int) -> list[Arm]:
    """(factor left out or "none", seed), those needed first first."""
    both = [(NONE, seed) for seed in SEEDS_OF_ALL]
    seeds = range(FIRST_REDUCED, FIRST_REDUCED + encoders)
    return both + [(name, seed) for seed in seeds for name in LEFT_OUT]


def train_missing(folder: Path, bank: Path, encoders: int, context: Context) -> None:
    """Train what is not kept yet; what is done stays where this is stopped.

    Args:
        folder: Where features are kept.
        bank: Where rendered pairs are kept.
        encoders: For each factor left out.
        context: Hears what is trained; may stop.
    """
    wanted = arms(encoders)
    for k, arm in enumerate(wanted):
        context.step(k, len(wanted))
        path = _file(folder, arm)
        if not path.is_file():
            context.progress(f"{arm[0]} left out, seed {arm[1]}")
            _make(path, arm, bank, context)
    context.step(len(wanted), len(wanted))


def kept_features(folder: Path, plants: int, encoders: int = 0) -> Features:
    """What `train_missing` has kept.

    Args:
        folder: Where it is.
        plants: Rows, at most 1024.
        encoders: For each factor left out; 0 takes all files that are there.

    Raises:
        PlantEduError: if nothing is there.
    """
    files = sorted(folder.glob("*-*.npz"))
    if encoders:
        files = [_file(folder, arm) for arm in sorted(arms(encoders))]
    if not files:
        raise PlantEduError(
            "No multitask encoders are kept here yet: ask with --encoders 2, which trains them "
            "first (about 8 minutes of one core)."
        )
    rows: dict[str, list[dict[str, np.ndarray]]] = {}
    for path in files:
        with np.load(path, allow_pickle=False) as file:
            rows.setdefault(path.stem.rpartition("-")[0], []).append(dict(file))
    features = {
        name: [torch.from_numpy(one["h"][:plants]) for one in many] for name, many in rows.items()
    }

    def ends(word: str) -> dict[str, tuple[float, float]]:
        def mean(arm: str, name: str) -> float:
            return float(np.mean([one[f"{word} {name}"] for one in rows[arm]]))

        return {name: (mean(NONE, name), mean(name, name)) for name in features if name != NONE}

    probes, moves = ends("probe"), ends("do")
    return Features(features.pop(NONE), features, probes, moves)


def _file(folder: Path, arm: Arm) -> Path:
    return folder / f"{arm[0]}-{arm[1]}.npz"


def _make(path: Path, arm: Arm, folder: Path, context: Context) -> None:
    """Train one encoder and keep what is needed of it."""
    began, (left_out, seed) = time.process_time(), arm
    bank = Bank(world("field"), pairs=TRAIN + HELD, size=SIDE, folder=folder)
    images = bank.take(np.arange(TRAIN))[0]
    columns = [name for name in FACTORS if name != left_out]
    encoder = multitask_encoder(
        images, bank.factors, columns=columns, seed=seed, side=SIDE, check=context.check
    )
    h = features_of(encoder, shrunk(bank.take(np.arange(TRAIN, TRAIN + HELD))[0], SIDE))
    found = {f"probe {k}": v for k, v in probed(h, bank.factors).items()} | {
        f"do {k}": v for k, v in moved(encoder, h).items()
    }
    write_arrays(path, {"h": h.numpy(), "seconds": time.process_time() - began, **found})


def probed(h: Tensor, factors: Mapping[str, np.ndarray]) -> dict[str, float]:
    """What fresh probes read of every factor; half of the held-out plants to fit, half to score.

    Args:
        h: Features of the held-out plants, "plants columns".
        factors: Columns of draws, of training and then held-out plants.
    """
    half, targets = HELD // 2, []
    for name in FACTORS:
        values = torch.from_numpy(factors[name][TRAIN:])
        levels = len(COLUMNS[name].levels)
        targets.append(Target(name, "rgb", levels, values[:half], values[half:]))
    scores = read_off(h[:half], h[half:], targets, seeds=3, seed=0, step=0)
    return {name.split("/")[1]: scores[name][0] for name in scores if name.startswith("probe/")}  # type: ignore[index]


def moved(encoder: Encoder, h: Tensor) -> dict[str, float]:
    """E |h(do f = high) - h(do f = low)|^2 / (2 trace Cov h): about 1 where f decides all of h."""
    plants, whole = np.arange(TRAIN, TRAIN + DO), float(h.double().var(0).sum())
    found = {}
    for name in FACTORS:
        f = factor(name)
        ends = (f.levels[0], f.levels[1]) if f.levels else (f.low, f.high)
        pairs = [render(world("field"), plants, size=SIDE, do={name: v}) for v in ends]
        seen = [features_of(encoder, shrunk(one.x1, SIDE)) for one in pairs]
        found[name] = float((seen[1] - seen[0]).double().square().sum(1).mean()) / (2 * whole)
    return found
