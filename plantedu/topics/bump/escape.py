"""A real transition: stages of one run through its escape from the plateau, under fixed rulers.

A run from scratch stands at the ln K plateau, where every code and every prediction is even, until
the prototypes tear apart. Here the objective never changes, so the ruler cannot have moved. At each
stage, on the same plants: the loss under two fixed rulers with its parts H(q) and KL, what a probe
for disease reads from h, whether a picture finds its partner (MRR), and RankMe of z.

    halfway(m) = first step at which m has done half of its way from the plateau to the last stage

with the plateau at the stage whose loss is nearest ln K; before it, the run falls onto the plateau.
If the loss falls because the model moved, what fixed rulers and probes say moves with it. Halves
are read off between stages by straight lines, and no finer than the stages lie; they say nothing
of what came first inside that spacing.

Nulls: shuffled labels for the probe, partners at random for the MRR, ln K for the loss.

Source: Caron et al. 2020, arXiv:2006.09882 [caron2020]; Garrido et al. 2023, arXiv:2210.02885
[garrido2023]; probes: Alain & Bengio 2016, arXiv:1610.01644 [alain2017]. Lesson: 03_bump.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from plantedu.errors import require
from plantedu.serialization import settings_of
from plantedu.shipped_files import checkpoints
from plantedu.statistics.evidence import Evidence
from plantedu.statistics.intervals import Kind, plants_interval
from plantedu.statistics.rankme import rankme
from plantedu.statistics.retrieval import chance_mrr, reciprocal_ranks
from plantedu.topics.bump.checkpoint_summary import checkpoint_summary
from plantedu.topics.bump.results.escape import (
    MEASURES,
    EscapeResult,
    Request,
    Settings,
    Stop,
)
from plantedu.topics.method import Context, Method
from plantedu.training.pair_source import open_source
from plantedu.zoo.evaluation_batch import make_pack
from plantedu.zoo.loaded_checkpoint import check_comparable, load_stage

STAGES = checkpoints() / "stages"
WITH_A_WAY = ("loss", "second", "entropy", "disease", "mrr")  # from one level to another


def escape(
    files: Sequence[Path],
    settings: Settings,
    *,
    bank_folder: Path,
    check: Callable[[], None] = lambda: None,
) -> EscapeResult:
    """Measure stages of one run.

    Args:
        files: Checkpoints of one run, at least three.
        settings: How much is looked at.
        bank_folder: Where rendered pairs are kept.
        check: Called before each stage; may raise to stop.

    Raises:
        PlantEduError: for fewer stages, or some that cannot be read or compared.
    """
    require(len(files) >= 3, f"An escape needs at least 3 stages, got {len(files)}.")
    stages = sorted((load_stage(path) for path in files), key=lambda stage: stage.step)
    check_comparable(stages)
    recipe, first = stages[0].recipe, stages[0].ruler
    rulers = (first, replace(first, queue=settings.queue))
    source = open_source(recipe, bank_folder)
    pack = make_pack(recipe, source, plants=settings.pack, queue=settings.queue, seed=settings.seed)
    look = {"plants": settings.plants, "probe_seeds": settings.probe_seeds, "seed": settings.seed}
    stops = []
    for stage in stages:
        check()
        seen = checkpoint_summary(stage, source, pack, factors=("disease",), **look)
        stops.append(Stop(stage.name, stage.step, _measured(seen, rulers, recipe.prototypes)))
    start = int(np.argmin([abs(s.measures["loss"].value - s.measures["loss"].null) for s in stops]))
    steps = [stop.step for stop in stops[start:]]
    halves = {
        name: halfway(steps, [stop.measures[name].value for stop in stops[start:]])
        for name in WITH_A_WAY
    }
    names = (rulers[0].name, rulers[1].name)
    return EscapeResult(settings, names, tuple(stops), stops[start].step, halves)


def halfway(steps: Sequence[float], values: Sequence[float]) -> float | None:
    """First step at which half of the way from the first to the last value is done.

    Args:
        steps: Rising.
        values: One for each.

    Returns:
        The step, between two given ones by a straight line; None if first and last are equal.
    """
    way = values[-1] - values[0]
    if way == 0 or len(values) < 2:
        return None
    done = (np.asarray(values, float) - values[0]) / way
    k = int(np.argmax(done >= 0.5))
    share = (0.5 - done[k - 1]) / (done[k] - done[k - 1])
    return float(steps[k - 1] + share * (steps[k] - steps[k - 1]))


def _measured(seen: Any, rulers: tuple[Any, Any], prototypes: int) -> dict[str, Evidence]:

    scores = [seen.seen.score(ruler) for ruler in rulers]
    level, even = math.log(prototypes), "every code even, ln K"
    reading, z = seen.readings["disease"], seen.z
    ranks = (reciprocal_ranks(*z) + reciprocal_ranks(z[1], z[0])).numpy() / 2
    n = len(ranks)
    rows = torch.randn(2 * n, z[0].shape[1], generator=torch.Generator().manual_seed(0))
    return {
        "loss": _mean("the loss under the first ruler", scores[0].loss, level, even),
        "second": _mean("the loss under the second ruler", scores[1].loss, level, even),
        "entropy": _mean("H(q), first ruler", scores[0].entropy, level, even),
        "divergence": _mean("KL(q||p), first ruler", scores[0].divergence, 0.0, even),
        "disease": _mean(
            "accuracy of a probe for disease",
            *(reading.scores, reading.null, "shuffled labels", "share"),
        ),
        "mrr": _mean(
            f"MRR of partners among {n}", ranks, chance_mrr(n), "partners at random", "share"
        ),
        "rankme": Evidence(
            question="How many directions does z fill (RankMe)?",
            value=rankme(torch.cat(z)),
            null=rankme(rows),
            control="as many random directions",
            n=n,
        ),
    }


def _mean(
    what: str, per_plant: np.ndarray, null: float, control: str, kind: Kind = "mean"
) -> Evidence:
    return Evidence(
        question=f"What is {what}?",
        value=float(per_plant.mean()),
        null=float(null),
        control=control,
        n=len(per_plant),
        interval=plants_interval(per_plant, kind=kind),
    )


def _run(asked: Request, context: Context) -> EscapeResult:
    files = [context.checkpoint(name) for name in asked.stages]
    settings = settings_of(asked, Settings)
    shown = files or sorted(STAGES.glob("*.safetensors"))
    return escape(shown, settings, bank_folder=context.bank, check=context.check)


def tell(result: EscapeResult) -> None:
    """Print a result."""
    print(f"first ruler: {result.rulers[0]}; second: {result.rulers[1]}")
    print(f"{'step':>6}" + "".join(f"{name:>12}" for name in MEASURES))
    for stop in result.stops:
        print(f"{stop.step:6}" + "".join(f"{stop.measures[m].value:12.3f}" for m in MEASURES))
    nulls = result.stops[-1].measures
    print("  null" + "".join(f"{nulls[m].null:12.3f}" for m in MEASURES))
    halves = "  ".join(f"{k} {'-' if v is None else round(v)}" for k, v in result.halfway.items())
    print(f"plateau at step {result.plateau}; halfway from there at step: {halves}")
    print(nulls["disease"].caption())


METHOD = Method(Request, _run, tell)
