"""Do two objectives pull the weights the same way? Cosines of their gradients at one checkpoint.

    cos(g_a, g_b),   g_a = gradient of the loss without the queue,  g_b = with it

of encoder, projector and prototypes, on the same batches, as a training step would take them (codes
carry no gradient). Two nulls: two *batches* under the same objective, and random directions, whose
cosine has a standard deviation of 1 / sqrt(weights). The cosine on one batch shares that batch's
noise, so `angle` corrects it: the cosine of the expected gradients (`statistics/angles.py`).

Beside the queue embedded afresh stands the one that the run had kept, where it had one: it is older
than the weights. The noise scale (McCandlish) is given too; a SwAV plant's gradient depends on the
other plants of its batch, so it counts batches of this size, not plants one by one.

An angle is a matter of one point in weight space; Adam rescales every weight before it moves.

Source: McCandlish et al. 2018, arXiv:1812.06162 [mccandlish2018]. Lesson: 03_bump.
"""

import math
from collections.abc import Callable
from pathlib import Path

import numpy as np

from plantedu.errors import require
from plantedu.serialization import settings_of
from plantedu.statistics.angles import angle, apart, noise_scale, together
from plantedu.statistics.evidence import Evidence
from plantedu.statistics.intervals import mean_interval
from plantedu.statistics.subsampling import half_sample_interval
from plantedu.topics.bump.frozen_targets import some_plants
from plantedu.topics.bump.gradient_alignment import as_trained, inner_products, past_of
from plantedu.topics.bump.results.gradients import (
    KINDS,
    Cosine,
    GradientsResult,
    Request,
    Settings,
)
from plantedu.topics.method import Context, Method
from plantedu.training.pair_source import open_source
from plantedu.zoo.evaluation_batch import make_pack
from plantedu.zoo.loaded_checkpoint import CONTRAST, PARTS, load_stage, weights_of


def gradients(
    checkpoint: Path,
    settings: Settings,
    *,
    bank_folder: Path,
    check: Callable[[], None] = lambda: None,
) -> GradientsResult:
    """Compare the gradients of the objective without and with a queue.

    Args:
        checkpoint: Where in weight space.
        settings: How much is measured.
        bank_folder: Where rendered pairs are kept.
        check: Called before each batch; may raise to stop.

    Raises:
        PlantEduError: for a checkpoint that cannot be read, or too few plants.
    """
    stage = load_stage(checkpoint)
    source, batch = open_source(stage.recipe, bank_folder), stage.recipe.batch
    length = settings.queue or stage.recipe.queue_length or CONTRAST
    plants = settings.batches * batch
    require(
        length + plants <= len(source.train),
        f"{settings.batches} batches of {batch} and a queue of {length} need {length + plants} "
        f"training plants; there are {len(source.train)}.",
    )
    pack = make_pack(stage.recipe, source, plants=1, queue=length + plants, seed=settings.seed)
    queued = pack.queued
    assert queued is not None
    objective = as_trained(stage.objective)
    past = past_of(objective, some_plants(queued, slice(plants, plants + length)), batch)
    queues = {KINDS[0]: {}, KINDS[1]: past} | ({KINDS[2]: stage.queue} if stage.queue else {})
    batches = [some_plants(queued, slice(k, k + batch)) for k in range(0, plants, batch)]
    p = inner_products(objective, batches, list(queues.values()), check=check)
    weights = {part: sum(w.numel() for w in weights_of(objective, part)) for part in PARTS}
    weights["all"] = sum(weights.values())
    pairs = [(0, 1), (0, 2), (1, 2)][: 3 if len(queues) == 3 else 1]
    scales = {kind: noise_scale(p["all"], k, batch) for k, kind in enumerate(queues)}
    return GradientsResult(
        settings,
        stage.name,
        stage.step,
        batch,
        tuple(_cosine(part, p[part], a, b, weights[part], plants) for part in p for a, b in pairs),
        {kind: scale if math.isfinite(scale) else None for kind, scale in scales.items()},
        {kind: float(np.sqrt(np.diagonal(p["all"][k, k]).mean())) for k, kind in enumerate(queues)},
    )


def _cosine(part: str, p: np.ndarray, a: int, b: int, weights: int, plants: int) -> Cosine:
    same = together(p, a, b)
    low, high = mean_interval(same)
    evidence = Evidence(
        question=f"How alike do {KINDS[a]} and {KINDS[b]} pull the {part} (cosine, same batch)?",
        value=float(same.mean()),
        null=float(apart(p, a, a).mean()),
        control=f"two batches, {KINDS[a]}",
        n=plants,
        interval=(low, high),
    )
    true = angle(p, a, b)
    finite = math.isfinite(true)
    return Cosine(
        part,
        KINDS[a],
        KINDS[b],
        evidence,
        float(apart(p, a, b).mean()),
        true if finite else None,
        _angle_interval(p, a, b) if finite else None,
        1 / math.sqrt(weights),
    )


def _angle_interval(p: np.ndarray, a: int, b: int) -> tuple[float, float] | None:
    """Over half-samples of batches; None where some of them have no signal."""
    n = p.shape[2]
    low, high = half_sample_interval(
        lambda rows: angle(p, a, b, rows), n=n, generator=np.random.default_rng(0)
    )
    return (low, high) if math.isfinite(low) and math.isfinite(high) else None


def _run(asked: Request, context: Context) -> GradientsResult:
    file, settings = context.checkpoint(asked.checkpoint), settings_of(asked, Settings)
    return gradients(file, settings, bank_folder=context.bank, check=context.check)


def tell(result: GradientsResult) -> None:
    """Print a result."""
    seen = f"{result.settings.batches} batches of {result.batch}"
    print(f"{result.checkpoint}, step {result.step}, {seen}")
    print(f"{'':<36}{'same batch':>11}{'two batches':>12}{'angle':>8}{'random':>9}")
    for c in result.cosines:
        true = "    -" if c.angle is None else f"{c.angle:8.3f}"
        print(
            f"{c.part:<11}{c.a + ' / ' + c.b:<25}{c.cosine.value:11.3f}{c.cosine.null:12.3f}"
            f"{true}  ±{c.random:.4f}"
        )
    for kind, scale in result.noise_scales.items():
        size = "no signal" if scale is None else f"{scale:.0f} plants"
        print(f"{kind:<12} length {result.lengths[kind]:.3f}   noise scale {size}")
    print(result.cosines[0].cosine.caption())


METHOD = Method(Request, _run, tell)
