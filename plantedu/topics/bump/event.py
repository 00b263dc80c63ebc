"""What changed across an event: two checkpoints either side of it, beside a pair without one.

    change = measure(after) - measure(before),     null = the same between two other checkpoints

Measured on the same held-out plants: what fresh linear probes read from h, whether a picture finds
its partner from the other camera by z (reciprocal rank, both ways), how many directions z fills
(RankMe), how alike h and z are before and after (debiased CKA), how the prototypes are used, and
the loss of every plant under the ruler of either end. A change of the loss is *uniform* or
*concentrated* in a few plants (`topics/bump/loss_change.py`), and `who_moved` decides from the
rulers. The queue of a log is older than its weights; the second ruler's is embedded afresh.

Misleads where the control pair is not as far apart in weights as the event's pair: both distances
are given. A probe and a rank move little when training is nearly done, whatever the loss does.
Plants of one batch share out the prototypes, so their losses are not quite independent.

Source: Kornblith et al. 2019, arXiv:1905.00414 [kornblith2019]; Murphy et al. 2024,
arXiv:2405.01012 [murphy2024]; Garrido et al. 2023, arXiv:2210.02885 [garrido2023]; probes: Alain &
Bengio 2016, arXiv:1610.01644 [alain2017]. Lesson: 03_bump.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from plantedu.data.renderer.factors import factor
from plantedu.serialization import settings_of
from plantedu.topics.bump.checkpoint_summary import checkpoint_summary
from plantedu.topics.bump.event_measures import alike, changes
from plantedu.topics.bump.frozen_targets import regrouped
from plantedu.topics.bump.loss_change import shift, who_moved
from plantedu.topics.bump.results.event import EventResult, Request, Settings, Shift
from plantedu.topics.method import Context, Method
from plantedu.training.pair_source import open_source
from plantedu.training.seeding import generator_for
from plantedu.zoo.checkpoint_pairs import files_of
from plantedu.zoo.evaluation_batch import make_pack
from plantedu.zoo.loaded_checkpoint import check_comparable, distances, load_stage, rulers_of

PAIR = ("bump-0", "bump/0430")
CONTROL = ("bump/0350", "bump/never-0450")  # the twin that never switches, as far apart
FACTORS = ("disease", "angle", "chlorophyll", "light", "bloom", "mesophyll")


def event_report(
    pair: tuple[Path, Path],
    control: tuple[Path, Path],
    settings: Settings,
    *,
    bank_folder: Path,
    check: Callable[[], None] = lambda: None,
) -> EventResult:
    """Compare two checkpoints either side of an event.

    Args:
        pair: Files before and after.
        control: Two files about as far apart, without the event between them.
        settings: How much is looked at.
        bank_folder: Where rendered pairs are kept.
        check: Called between checkpoints; may raise to stop.

    Raises:
        PlantEduError: for checkpoints that cannot be read or compared, or too few plants.
    """
    stages = [load_stage(path) for path in (*pair, *control)]
    check_comparable(stages)
    before, after = stages[:2]
    rulers = rulers_of(before, after, settings.queue)
    source = open_source(before.recipe, bank_folder)
    queue = max(ruler.queue for ruler in rulers)
    pack = make_pack(before.recipe, source, plants=settings.pack, queue=queue, seed=settings.seed)
    seen = []
    for stage in stages:
        check()
        look = {"plants": settings.plants, "probe_seeds": settings.probe_seeds}
        seen.append(
            checkpoint_summary(stage, source, pack, factors=FACTORS, seed=settings.seed, **look)
        )
    shifts = _shifts(seen, rulers, _classes(source, settings), settings.seed)
    check()
    parts = {"jump": "ruler alone", "followed": "second ruler", "age": "stale queue"}
    known = {key: shifts[name].mean for key, name in parts.items() if name in shifts}
    if before.ruler == after.ruler:
        known = {}
    return EventResult(
        settings,
        tuple(stage.name for stage in stages),
        tuple(stage.step for stage in stages),
        {
            "event": distances(before.objective, after.objective),
            "control": distances(stages[2].objective, stages[3].objective),
        },
        (rulers[0].name, rulers[1].name),
        changes(seen, rulers),
        alike(seen),
        tuple(shifts.values()),
        who_moved(shifts["log"].mean, shifts["first ruler"].mean, **known),
    )


def _shifts(
    seen: list[Any], rulers: tuple[Any, Any], classes: dict[str, np.ndarray], seed: int
) -> dict[str, Shift]:
    """Changes of every plant's loss: as logged, under either ruler, and from a ruler alone."""

    first, second = rulers
    loss = {ruler: [one.seen.score(ruler).loss for one in seen] for ruler in rulers}
    other, back = regrouped(seen[0].seen, generator_for(seed, "regrouped"))
    company = other.score(first).loss[back.numpy()] - loss[first][0]
    own = [one.logged.score(one.stage.ruler).loss for one in seen]
    pair, batches = "a pair without the event", "the same plants in other batches"
    changed = {
        "log": (own[1] - own[0], own[3] - own[2], pair),
        "first ruler": (loss[first][1] - loss[first][0], loss[first][3] - loss[first][2], pair),
        "second ruler": (
            loss[second][1] - loss[second][0],
            loss[second][3] - loss[second][2],
            pair,
        ),
        "ruler alone": (loss[second][0] - loss[first][0], company, batches),
    }
    if all(one.stage.queue for one in seen):
        old = [one.logged.score(second).loss for one in (seen[1], seen[3])]
        fresh = loss[second]
        changed["stale queue"] = (old[0] - fresh[1], old[1] - fresh[3], "the control's second end")
    return {
        name: shift(name, change, control, against=against, classes=classes, seed=seed)
        for name, (change, control, against) in changed.items()
    }


def _classes(source: Any, settings: Settings) -> dict[str, np.ndarray]:
    """Which plants of the pack have each disease."""
    found = source.column("disease", "both")
    if found is None:
        return {}
    codes = np.asarray(found[0])[source.held_out[: settings.pack]]
    levels = getattr(source, "levels", ()) or factor("disease").levels
    return {str(level): codes == k for k, level in enumerate(levels) if (codes == k).any()}


def _run(asked: Request, context: Context) -> EventResult:
    files = files_of(asked, context.checkpoint, PAIR, CONTROL)
    settings = settings_of(asked, Settings)
    return event_report(*files, settings, bank_folder=context.bank, check=context.check)


def tell(result: EventResult) -> None:
    """Print a result."""
    print("  ".join(f"{n} (step {s})" for n, s in zip(result.stages, result.steps, strict=True)))
    for pair, found in result.distances.items():
        print(f"weights moved, {pair:<8}" + "  ".join(f"{k} {v:.3f}" for k, v in found.items()))
    print(f"{'':<46}{'before':>8}{'after':>8}{'change':>9}{'control':>9}")
    for c in result.changes:
        e = c.evidence
        print(f"{c.name:<46}{c.ends[0]:8.3f}{c.ends[1]:8.3f}{e.value:+9.3f}{e.null:+9.3f}")
    for layer, e in result.alike.items():
        print(f"debiased CKA of {layer}, before with after {e.value:25.3f}   control {e.null:.3f}")
    for s in result.shifts:
        print(
            f"loss, {s.name:<14}{s.mean.value:+7.3f} (control {s.mean.null:+.3f})   top tenth "
            f"{s.share.value:.2f} (even {s.even[0]:.2f} to {s.even[1]:.2f})   {s.verdict}"
        )
    print(f"Who moved: {result.verdict.who}. {result.verdict.why}")
    print(result.changes[0].evidence.caption())


METHOD = Method(Request, _run, tell)
