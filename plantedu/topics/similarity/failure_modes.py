"""Two ways to fool a similarity: too many columns, and a few plants moved far away.

Columns.    x, y independent Gaussian noise, n plants, d columns each:
            E[biased CKA] = 1 / (1 + n/d),     E[debiased CKA] = 0

Distance.   Y = X with the plants outside S moved by c v. As c grows,
            CKA(X, Y) -> rho / (1 - rho) |mean_S x|^2 / E|x|^2 sqrt(PR),
            rho = |S| / n,   PR = (sum lambda)^2 / sum lambda^2,   x centred, lambda = eigenvalues
            of its covariance

Moved by class, the plants are as separable by a linear reader as before, or more: what is known of
them has not shrunk, and CKA says that nothing is alike. High values from too many columns and low
values from far points are of one kind: a number about geometry, read as one about knowledge.

Source: Murphy et al. 2024, arXiv:2405.01012 [murphy2024]; Davari et al. 2023, arXiv:2210.16156
[davari2023]; the limit is worked out here and tested. Lesson: 06_similarity.
"""

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from plantedu.data.evaluation_set import FIRST_HELD_OUT, held_out_rows
from plantedu.data.renderer.worlds import draw_factors, world
from plantedu.errors import require
from plantedu.statistics.cka import debiased_cka, linear_cka
from plantedu.statistics.evidence import Evidence
from plantedu.statistics.intervals import mean_interval
from plantedu.topics.method import Context, Method
from plantedu.topics.similarity.alignment import noise_level
from plantedu.topics.similarity.cached_features import CachedFeatures
from plantedu.topics.similarity.family import measure
from plantedu.topics.similarity.results.comparisons import Representation
from plantedu.topics.similarity.results.failure_modes import FailureModesResult, Settings
from plantedu.training.linear_probe import Target, read_off
from plantedu.training.seeding import generator_for
from plantedu.zoo.encoders import load_encoder

MOVED = ("cka", "nbs", "rsa", "knn", "ridge")


CLASSES = {"healthy": 0, "blast": 1, "brown": 2}


def failure_modes(
    settings: Settings, *, folder: Path, check: Callable[[], None] = lambda: None
) -> FailureModesResult:
    """Both exhibits.

    Args:
        settings: How much.
        folder: Where rendered pairs and features are kept.
        check: Called between parts; may raise to stop.

    Raises:
        PlantEduError: for an unknown encoder or class, or too few plants.
    """
    require(settings.moved in CLASSES, f"moved is one of {list(CLASSES)}; got {settings.moved!r}.")
    biased = {}
    for d in settings.columns:
        check()
        biased[d] = _noise(settings, d)
    formula = {d: noise_level(settings.n, d, d) for d in settings.columns}
    moved = _moved(settings, folder, check)
    return FailureModesResult(settings=settings, biased=biased, formula=formula, **moved)


def _noise(settings: Settings, d: int) -> Evidence:
    """Biased CKA of independent noise, beside the debiased one."""
    values = []
    for draw in range(settings.draws):
        generator = generator_for(settings.seed, f"noise {d}", draw)
        x, y = (torch.randn(settings.n, d, generator=generator) for _ in range(2))
        values.append((linear_cka(x, y), debiased_cka(x, y)))
    biased, debiased = np.array(values).T
    return Evidence(
        question=f"What does biased CKA say of independent noise, n = {settings.n}, d = {d}?",
        value=float(biased.mean()),
        null=float(debiased.mean()),
        control="debiased CKA of the same noise",
        n=settings.n,
        seeds=settings.draws,
        interval=mean_interval(biased),
        truth=0.0,
    )


def _moved(settings: Settings, folder: Path, check: Callable[[], None]) -> dict[str, Any]:
    """Each measure at each distance, CKA's limit, and what a reader reads."""
    shown = CachedFeatures("field", 0, first=FIRST_HELD_OUT, plants=settings.plants, folder=folder)
    (x,) = shown.features([Representation("h", settings.encoder)], load_encoder, check)
    rows = held_out_rows(settings.plants)
    disease = torch.from_numpy(draw_factors(world("field"), rows)["disease"])
    outside = disease == CLASSES[settings.moved]
    v = torch.randn(x.shape[1], generator=generator_for(settings.seed, "direction"))
    length = (x - x.mean(0)).square().sum(1).mean().sqrt()
    found: dict[str, list[float]] = {name: [] for name in MOVED}
    reader = [_read(x, disease)]
    for c in settings.far:
        check()
        y = moved_away(x, outside, float(c * length) * v / v.norm())
        for name in MOVED:
            found[name].append(measure(name)(x, y).value)
        reader.append(_read(y, disease))
    prior = float(torch.bincount(disease).max() / len(disease))
    return {
        "moved": {name: tuple(values) for name, values in found.items()},
        "limit": translation_limit(x, ~outside),
        "reader": tuple(reader),
        "prior": prior,
    }


def moved_away(x: Tensor, outside: Tensor, step: Tensor) -> Tensor:
    """x with `step` added to the rows that are `outside`."""
    return x.double() + outside[:, None] * step.double()


def translation_limit(x: Tensor, stays: Tensor) -> float:
    """CKA of x with itself once the rows that do not stay are infinitely far away.

    Args:
        x: "plants columns".
        stays: Which rows stay, bool, "plants".
    """
    x = x.double() - x.double().mean(0)
    values = torch.linalg.svdvals(x).square()
    rho = float(stays.double().mean())
    middle = x[stays].mean(0).square().sum() / x.square().sum(1).mean()
    spread = values.sum() / values.square().sum().sqrt()
    return rho / (1 - rho) * float(middle * spread)


def _read(h: Tensor, disease: Tensor) -> float:
    """Accuracy of a linear reader: half of the plants to fit, half to score."""
    half = len(h) // 2
    target = Target("disease", "rgb", 3, disease[:half], disease[half:])
    scores = read_off(h[:half].float(), h[half:].float(), [target], seeds=3, seed=0, step=0)
    found = scores["probe/disease/rgb"]
    return found[0] if isinstance(found, tuple) else math.nan


def _run(asked: Settings, context: Context) -> FailureModesResult:
    return failure_modes(asked, folder=context.home, check=context.check)


def tell(result: FailureModesResult) -> None:
    """Print a result."""
    print(result.chart().alt)
    print(result.moved_chart().alt)


METHOD = Method(Settings, _run, tell)
