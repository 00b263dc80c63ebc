"""What moves a representation? do() changes one factor, and backbone and projector answer.

    T_f = mean_i |phi(x_i) - phi(x_i; do f = f_j)|^2 / (2 V)

the total effect of factor f on the representation phi of both pictures, in shares of its variance
over plants (`topics/generation/interventional_effects.py`), for h, for z, and for the same network
with random weights. Coordinates are in units of their own spread, as they enter a denoiser. This
is the truth that `python -m plantedu generation invariances` is graded against; it needs no
denoiser.

A factor may move a representation little and still be read from it.

Source: Jansen 1999 [jansen1999]; do(): Pearl 2009 [pearl2009]; h against z as in Bordes et al.
2022, arXiv:2112.09164 [bordes2022]. Lesson: 05_generation.
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor

from plantedu.data.evaluation_set import held_out_rows, require_unseen
from plantedu.data.renderer.factors import COLUMNS
from plantedu.data.renderer.pairs import render
from plantedu.data.renderer.worlds import world
from plantedu.models.factor_regressor import view_of
from plantedu.statistics.kid import standardised
from plantedu.topics.generation.interventional_effects import Phi, effects
from plantedu.topics.generation.results.effects import EffectsResult, Moved, Settings
from plantedu.topics.generation.verdicts import effect_evidence
from plantedu.topics.method import Context, Method
from plantedu.zoo.encoders import LoadedEncoder, load_encoder


def measured(
    settings: Settings,
    encoders: Mapping[str, LoadedEncoder],
    *,
    check: Callable[[], None] = lambda: None,
) -> EffectsResult:
    """Try do() of every factor.

    Args:
        settings: How much of what.
        encoders: By name: the asked one, and the one with random weights.
        check: Called between factors; may raise to stop.

    Raises:
        PlantEduError: for a layer that an encoder does not have.
    """
    asked = [(settings.encoder, layer) for layer in settings.layers] + [(settings.random, "h")]
    planted, plants = world("field", 0), held_out_rows(settings.plants)
    for one in encoders.values():
        require_unseen(one, planted, plants)
    real = render(planted, plants, size=settings.side)
    phis: dict[str, Phi] = {}
    for name, layer in asked:
        say = _saying(encoders[name], layer, settings.sensors)
        phis[f"{name} {layer}"] = _scaled(say, say(real.x1, real.x2))
    rng = np.random.default_rng(settings.seed)
    found = effects(planted, plants, phis, side=settings.side, generator=rng, check=check)
    moved = [
        Moved(column, view_of(column), name, effect_evidence(column, found, name))
        for column in COLUMNS
        for name in phis
    ]
    return EffectsResult(settings, tuple(moved))


def _saying(encoder: LoadedEncoder, layer: str, sensors: tuple[str, ...]) -> Phi:
    """What a layer says of the pictures of some sensors."""

    def say(x1: np.ndarray, x2: np.ndarray) -> Tensor:
        pictures: dict[str, Any] = {"rgb": x1, "rgn": x2}
        return torch.cat([encoder.of(pictures[sensor], layer) for sensor in sensors], 1)

    return say


def _scaled(say: Phi, real: Tensor) -> Phi:
    """The same in units of each coordinate's spread over plants."""
    return lambda x1, x2: standardised(say(x1, x2), real)


def _run(asked: Settings, context: Context) -> EffectsResult:
    encoders = {name: load_encoder(name) for name in (asked.encoder, asked.random)}
    return measured(asked, encoders, check=context.check)


def tell(result: EffectsResult) -> None:
    """Print a result."""
    print(f"{'do() of':20}" + "".join(f"{name:>20}" for name in result.names))
    for column in COLUMNS:
        cells = "".join(f"{result.of(column, name).value:20.3f}" for name in result.names)
        print(f"{column:20}{cells}")
    print(result.moved[0].effect.caption())


METHOD = Method(Settings, _run, tell)
