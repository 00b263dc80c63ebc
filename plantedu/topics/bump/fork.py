"""Fork a training at its plateau: one arm goes on as it was, the other switches the queue on.

    D(t) = loss_on(t) - loss_off(t)      logged, or of a frozen pack under one ruler

Same weights, optimiser, plants and crops; the queue is the one difference, so D is what the queue
does. At the first step the weights are the same too, and D is the ruler alone. Three rulers read
the pack: without a queue, with a queue embedded anew by the weights of the moment, and with the
queue that the arm's own training keeps, which is as old as it is long. A loss that falls under the
kept queue and rises under the fresh one has been lowered by moving away from old embeddings.

The null of every D is the same difference between two controls that drew other plants and crops;
of one seed alone it is the control's own change from the first half to the second half of a
window. The pack is small and fixed: its noise is the same in both arms and cancels in D.

Source: Caron et al. 2020, arXiv:2006.09882 [caron2020]. Lesson: 03_bump.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from plantedu.errors import require
from plantedu.serialization import settings_of
from plantedu.topics.bump.fork_differences import WINDOWS, Runs, first_step, window
from plantedu.topics.bump.fork_training import forked
from plantedu.topics.bump.results.fork import SAYS, ForkResult, Request, Settings
from plantedu.topics.method import Context, Method
from plantedu.training.checkpoints import load_checkpoint
from plantedu.training.pretrain import Snapshot
from plantedu.zoo.resolve import ENDING

Numbers = Mapping[str, float]


def run_fork(
    snapshot: Snapshot,
    settings: Settings,
    *,
    seed: int,
    bank_folder: Path,
    tell: Callable[[int, Numbers], object] = lambda step, values: None,
) -> dict[str, list[tuple[float, float]]]:
    """Train both arms of one seed; all that was read, by name, as (step, value).

    Args:
        snapshot: The checkpoint's tensors and meta.
        settings: How far, and how it is read.
        seed: Draws plants and crops.
        bank_folder: Where rendered pairs are kept.
        tell: Hears of every step as it is done.
    """
    curves: dict[str, list[tuple[float, float]]] = {}
    for moment in forked(snapshot, bank_folder=bank_folder, seed=seed, **asdict(settings)):
        for name, value in moment.values.items():
            curves.setdefault(name, []).append((moment.step, value))
        tell(moment.step, moment.values)
    return curves


def summarised(
    checkpoint: str,
    recipe: Mapping[str, Any],
    step: int,
    settings: Settings,
    runs: Runs,
) -> ForkResult:
    """What the curves of one seed or more say.

    Args:
        checkpoint: Name of what was forked.
        recipe: Its recipe as plain values.
        step: Its step.
        settings: How it was read.
        runs: Curves by seed, as `run_fork` gives them.
    """
    require(bool(runs), "Name at least one seed to draw the continuing batches with.")
    seeds = tuple(sorted(runs))
    shown = [(a, min(b, settings.steps)) for a, b in WINDOWS if a <= settings.steps]
    return ForkResult(
        checkpoint,
        step,
        settings.steps,
        int(recipe["prototypes"]),
        int(recipe["batch"]),
        int(recipe["queue_length"]),
        seeds,
        first_step(runs, int(recipe["batch"])),
        tuple(
            window(runs, step, first, last, plants=settings.plants, batch=int(recipe["batch"]))
            for first, last in shown
        ),
        {
            f"{seed}/{name}": tuple((int(s), round(float(v), 5)) for s, v in curve)
            for seed in seeds
            for name, curve in runs[seed].items()
            if not name.endswith("entropy") or "ruler" not in name
        },
    )


def _run(settings: Request, context: Context) -> ForkResult:
    """A point of the curves a step; they are those of the first seed."""
    path, how = context.checkpoint(settings.checkpoint), settings_of(settings, Settings)
    snapshot = load_checkpoint(path)
    start = int(snapshot[1]["step"])
    context.restart()
    runs = {}
    for k in range(settings.seeds):

        def heard(step: int, values: Numbers, k: int = k) -> None:
            context.step(step + k * how.steps, start + settings.seeds * how.steps)
            if k == 0:
                context.log(step, values)
                if step == start + 1:
                    context.event(step, "queue on", "in the arm `on`")
            context.check()

        seed = settings.seed + k
        runs[seed] = run_fork(snapshot, how, seed=seed, bank_folder=context.bank, tell=heard)
    name = path.stem if settings.checkpoint.endswith(ENDING) else settings.checkpoint
    return summarised(name, snapshot[1]["recipe"], start, how, runs)


def tell(result: ForkResult) -> None:
    """Print a result."""
    print("\n".join(in_lines(result)))


def in_lines(found: ForkResult) -> list[str]:
    """The result in a few lines."""
    same = found.same_weights
    lines = [
        f"same weights, same batch: logged loss {same.value:+.2f} with the queue "
        f"({same.control}: {same.null:.2f})"
    ]
    for one in found.windows:
        lines.append(f"steps {one.first} to {one.last} after the fork:")
        lines += [
            f"  {SAYS[name]:<42}{one.off[name]:6.2f} -> {one.on[name]:5.2f}   "
            f"{change.value:+.2f} (null {change.null:.2f})"
            for name, change in one.differences.items()
        ]
    return [*lines, found.windows[0].differences["loss"].caption()]


METHOD = Method(Request, _run, tell)
