"""`python -m plantedu train`: what the live page does, in a terminal.

The run goes through the store, so that the page shows it too. Ctrl-C pauses it with a checkpoint;
the same command again goes on. What has been trained before is not trained again (`--fresh`).

Exit 0: done. Exit 1: cancelled from elsewhere. Exit 2: it failed. Exit 130: paused.
"""

import os
import signal
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Annotated, Any

import tyro

from plantedu.commands.terminal import answer, ended, progress, run_here
from plantedu.jobs.memory import keep_freed_memory
from plantedu.jobs.threads import share_cores
from plantedu.store.data_hash import data_hash
from plantedu.store.lineage import resolved
from plantedu.store.paths import bank_folder
from plantedu.store.run import Run
from plantedu.store.store import Store
from plantedu.training.recipe import Recipe


@dataclass(frozen=True)
class Train:
    """Train SwAV on pairs, with live probes; Ctrl-C pauses, the same command goes on.

    Attributes:
        recipe: The knobs.
        name: How you call the run.
        fresh: Train again even if this has been trained before.
        json: Print the result as one JSON object on the last line.
    """

    recipe: Annotated[Recipe, tyro.conf.arg(name=""), tyro.conf.FlagConversionOff] = field(
        default_factory=Recipe
    )
    name: str = ""
    fresh: bool = False
    json: bool = False


def main(argv: list[str]) -> int:
    """Train in this process, or follow the process that trains the same.

    Under torchrun, rank 0 does this, and the other processes help it with its batches.

    Raises:
        PlantEduError: for a recipe that cannot be; with `--json` it is printed as
            {"error": ...} instead, and 2 is returned.
    """
    share_cores()
    keep_freed_memory()
    if int(os.environ.get("WORLD_SIZE", "1")) == 1:
        return lead(argv)
    from plantedu.training import distributed

    distributed.join()
    try:
        if distributed.rank() > 0:
            signal.signal(signal.SIGINT, signal.SIG_IGN)  # rank 0 says when to stop
            return distributed.follow_lead(help_train)
        try:
            return lead(argv)
        finally:
            with suppress(RuntimeError):  # they are gone already
                distributed.said_by_lead(None)
    finally:
        distributed.leave()


def help_train(recipe: dict[str, Any]) -> None:
    """Train beside rank 0: no store, no probes, no words."""
    from plantedu.training.pretrain import train as pretrain

    pretrain(Recipe.from_json(recipe), bank_folder=bank_folder())


def lead(argv: list[str]) -> int:
    """Train, follow or fetch what the words ask for; the exit code."""
    return answer(
        "train", Train, argv, lambda chosen: ended(train(chosen), headlines, as_json=chosen.json)
    )


def train(chosen: Train) -> Run:
    """The run of a recipe, after it has ended or was paused."""
    from plantedu.jobs import trainings  # torch, which `share_cores` comes before

    store = Store()
    request, parent = resolved(store, chosen.recipe.as_json())
    return run_here(
        store,
        "train",
        request,
        lambda work: trainings.train(work, progress()),
        name=chosen.name,
        parent=parent,
        fresh=chosen.fresh,
        data_hash=data_hash(request),
    )


def headlines(run: Run) -> list[str]:
    """What the probes read at the end, each beside its null and its chance."""
    last = (run.result or {}).get("last", {})
    lines = [f"run {run.id}: {run.step} steps in {(run.result or {}).get('seconds', 0):.0f} s"]
    for name in sorted(key for key in last if key.startswith("probe/")):
        value, null = (last.get(key) for key in (name, name.replace("probe/", "null/", 1)))
        lines.append(f"  {name[6:]:<22} {shown(value)}   shuffled labels {shown(null)}")
    if skipped := last.get("probes_skipped"):
        lines.append(f"  {skipped:.0f} episodes of the probes skipped: features not finite")
    return lines


def shown(measure: Sequence[float | None] | float | None) -> str:
    """A value with its band."""
    if isinstance(measure, Sequence):
        return "{:.3f} [{:.3f}, {:.3f}]".format(
            *(float("nan") if x is None else x for x in measure)
        )
    return "none" if measure is None else f"{measure:.3f}"
