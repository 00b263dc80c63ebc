"""Trials on a shipped encoder and the plants of a fresh world.

A factor of the plants is what the encoder can know; the same numbers given to other plants
at random are what it cannot.

Source: probes: Alain & Bengio 2016 [alain2017]; shuffled labels: Hewitt & Liang 2019 [hewitt2019].
Lesson: 02_training.
"""

from functools import lru_cache

import numpy as np
from torch import Tensor

from plantedu.data.renderer.pairs import render
from plantedu.data.renderer.worlds import World, draw_factors
from plantedu.statistics.ridge_map import ridge_at
from plantedu.topics.report_card.trial import Mark, drawn
from plantedu.training.linear_probe import standardised
from plantedu.zoo.encoders import load_encoder

ENCODER, SIZE = "cross-0", 64
TRAIN, HELD_OUT = 128, 64
PENALTY = 0.01  # of ridge regression, over the mean variance of the columns
FACTORS = ("severity", "chlorophyll", "angle", "width", "bend", "soil_rgb", "light_rgb")


@lru_cache(maxsize=1)
def encoder():
    """The encoder, loaded once a process."""
    return load_encoder(ENCODER)


def features(world: World, plants: np.ndarray) -> Tensor:
    """h of the RGB pictures, "plants dim"."""
    return encoder().h(render(world, plants, size=SIZE).x1)


def probe(seed: int) -> list[Mark]:
    """A linear probe of one factor beside shuffled labels, p <= .05."""
    rng = drawn(seed, "probe")
    world, plants = World(seed=seed), np.arange(TRAIN + HELD_OUT)
    h, drawn_ = features(world, plants), draw_factors(world, plants)
    name = FACTORS[int(rng.integers(len(FACTORS)))]
    train, held = (x.numpy().astype(float) for x in standardised(h[:TRAIN], h[TRAIN:]))
    marks = []
    for there in (True, False):
        y = drawn_[name] if there else rng.permutation(drawn_[name])
        own = _r2(train, held, y)
        null = [_r2(train, held, rng.permutation(y)) for _ in range(39)]
        marks.append(Mark(there, (1 + sum(own <= k for k in null)) / 40 <= 0.05, None, own))
    return marks


def without_null(seed: int) -> list[Mark]:
    """The same probe scored on the plants that it was fitted to, called known from R2 .3 on."""
    rng = drawn(seed, "probe")
    world, plants = World(seed=seed), np.arange(TRAIN)
    h = features(world, plants).numpy().astype(float)
    y = draw_factors(world, plants)[FACTORS[int(rng.integers(len(FACTORS)))]]
    marks = []
    for there in (True, False):
        r2 = _r2(h, h, y if there else rng.permutation(y))
        marks.append(Mark(there, r2 > 0.3, None, r2))
    return marks


def _r2(train: np.ndarray, held: np.ndarray, y: np.ndarray) -> float:
    """R2 of ridge regression on the plants after the first ones (on the same, if held is train)."""
    n = len(train)
    mean, out = y[:n].mean(), y[n:] if len(y) > n else y
    weights = ridge_at(train, y[:n], PENALTY)
    error = out - mean - (held - train.mean(0)) @ weights
    return float(1 - (error**2).mean() / out.var())
