"""Is there a hill between two checkpoints? The loss along the straight line between them.

    barrier = max over alpha of  L(w_alpha) - ((1 - alpha) L(w_0) + alpha L(w_1))

scored under each ruler on one frozen pack. Batch norm's statistics are measured anew at every
point; with the averaged statistics a hill can appear that is only a wrong divisor, so that line is
drawn too. Beside the event's pair stands a pair about as far apart without the event, and a known
answer: a network and its twin, the same function with the projector's hidden units in another
order, where both ends are equal and the middle is not.

No barrier does not mean that nothing was learned, and a barrier under one ruler says nothing of
another. A maximum over noise is never below 0: the interval resamples plants, and the line from a
network to itself has barrier 0 exactly.

Source: Frankle et al. 2020, arXiv:1912.05671 [frankle2020]; batch norm: Jordan et al. 2023,
arXiv:2211.08403 [jordan2023]. Lesson: 03_bump.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from plantedu.serialization import settings_of
from plantedu.statistics.evidence import Evidence
from plantedu.topics.bump.frozen_targets import some_plants
from plantedu.topics.bump.interpolation import between, permuted_twin, recalibrate
from plantedu.topics.bump.results.connectivity import (
    ConnectivityResult,
    Line,
    Request,
    Settings,
)
from plantedu.topics.method import Context, Method
from plantedu.training.pair_source import open_source
from plantedu.training.seeding import generator_for
from plantedu.zoo.checkpoint_pairs import files_of
from plantedu.zoo.evaluation_batch import make_pack
from plantedu.zoo.loaded_checkpoint import check_comparable, distances, load_stage, rulers_of

PAIR = ("bump-0", "bump/0430")
CONTROL = ("bump/0350", "bump/never-0450")
DRAWS = 999


def connectivity(
    pair: tuple[Path, Path],
    control: tuple[Path, Path],
    settings: Settings,
    *,
    bank_folder: Path,
    check: Callable[[], None] = lambda: None,
) -> ConnectivityResult:
    """Walk from one checkpoint to another in a straight line, and beside it the control's.

    Args:
        pair: Files before and after the event.
        control: Two files about as far apart without it.
        settings: How the line is walked.
        bank_folder: Where rendered pairs are kept.
        check: Called at every point; may raise to stop.

    Raises:
        PlantEduError: for checkpoints that cannot be read or compared, or too few plants.
    """
    stages = [load_stage(path) for path in (*pair, *control)]
    check_comparable(stages)
    ends = [stage.objective for stage in stages]
    rulers = rulers_of(stages[0], stages[1], settings.queue)
    source = open_source(stages[0].recipe, bank_folder)
    queue = max(max(ruler.queue for ruler in rulers), settings.recalibrated)
    pack = make_pack(
        stages[0].recipe, source, plants=settings.pack, queue=queue, seed=settings.seed
    )
    alphas = np.linspace(0, 1, settings.points)
    walked = {"event": (ends[0], ends[1]), "control": (ends[2], ends[3])}
    if settings.twin:
        twin = permuted_twin(ends[0], generator=generator_for(settings.seed, "twin"))
        walked["twin"] = (ends[0], twin)
    losses = {}
    for name, (one, other) in walked.items():
        both = rulers if name != "twin" else rulers[:1]
        losses |= _walk(name, one, other, alphas, pack, both, settings, check)
    return ConnectivityResult(
        settings,
        tuple(stage.name for stage in stages),
        {n: distances(*walked[n])["all"] for n in walked},
        tuple(float(alpha) for alpha in alphas),
        tuple(_line(key, losses, alphas, settings.seed) for key in losses),
    )


Key = tuple[str, str, str]  # pair, ruler, batch norm


def _walk(
    name: str,
    one: Any,
    other: Any,
    alphas: np.ndarray,
    pack: Any,
    rulers: Sequence[Any],
    settings: Settings,
    check: Callable[[], None],
) -> dict[Key, np.ndarray]:
    """Losses "points plants" under each ruler; with averaged statistics under the first alone."""

    batches = [
        some_plants(pack.queued, slice(k, k + 64)) for k in range(0, settings.recalibrated, 64)
    ]
    alone = type(pack)(pack.crops)  # without the queue's pictures, which cost most
    found: dict[Key, list[np.ndarray]] = {}
    for alpha in alphas:
        point = between(one, other, float(alpha))
        for batchnorm in ("averaged", "recomputed"):
            check()
            if batchnorm == "recomputed":
                recalibrate(point, batches)
            scored = rulers if batchnorm == "recomputed" else rulers[:1]
            queued = any(ruler.queue for ruler in scored)
            seen = (pack if queued else alone).seen_by(point)
            for ruler in scored:
                found.setdefault((name, ruler.name, batchnorm), []).append(seen.score(ruler).loss)
    return {key: np.stack(rows) for key, rows in found.items()}


def barrier(losses: np.ndarray, alphas: np.ndarray) -> tuple[float, float]:
    """The highest rise above the straight line between the ends, and the alpha where it is.

    Args:
        losses: "points plants".
        alphas: "points", from 0 to 1.
    """
    mean = excess(losses, alphas).mean(1)
    return float(mean.max()), float(alphas[mean.argmax()])


def excess(losses: np.ndarray, alphas: np.ndarray) -> np.ndarray:
    """How far each plant's loss lies above the line between its ends, "points plants"."""
    a = alphas[:, None]
    return losses - ((1 - a) * losses[0] + a * losses[-1])


def _line(key: Key, losses: Mapping[Key, np.ndarray], alphas: np.ndarray, seed: int) -> Line:
    pair, ruler, batchnorm = key
    value, at = barrier(losses[key], alphas)
    null, _ = barrier(losses[("control", ruler, batchnorm)], alphas)
    n = losses[key].shape[1]
    draws = np.random.default_rng((seed, 7)).multinomial(n, np.full(n, 1 / n), size=DRAWS) / n
    highest = (excess(losses[key], alphas) @ draws.T).max(0)
    low, high = (float(x) for x in np.quantile(highest, [0.025, 0.975]))
    evidence = Evidence(
        question=f"How high is the hill between the ends of the {pair} pair, {ruler}, batch norm "
        f"{batchnorm} (nats)?",
        value=value,
        null=null,
        control="two checkpoints without the event",
        n=n,
        interval=(min(low, value), max(high, value)),
    )
    return Line(pair, ruler, batchnorm, tuple(losses[key].mean(1).tolist()), evidence, at)


def _run(asked: Request, context: Context) -> ConnectivityResult:
    files = files_of(asked, context.checkpoint, PAIR, CONTROL)
    settings = settings_of(asked, Settings)
    return connectivity(*files, settings, bank_folder=context.bank, check=context.check)


def tell(result: ConnectivityResult) -> None:
    """Print a result."""
    print("  ".join(result.stages))
    print("weights moved: " + "  ".join(f"{k} {v:.3f}" for k, v in result.distances.items()))
    for x in result.lines:
        low, high = x.barrier.interval or (x.barrier.value,) * 2
        print(
            f"{x.pair:<9}{x.ruler:<25}batch norm {x.batchnorm:<11} ends {x.losses[0]:.2f} "
            f"{x.losses[-1]:.2f}  barrier {x.barrier.value:.3f} [{low:.3f}, {high:.3f}] at "
            f"{x.at:.1f}  (control {x.barrier.null:.3f})"
        )
    print(result.lines[0].barrier.caption())


METHOD = Method(Request, _run, tell)
