"""`python -m plantedu train`: what the live page does, in a terminal.

The run goes through the store, so that the page shows it too. Ctrl-C pauses it with a checkpoint;
the same command again goes on. What has been trained before is not trained again (`--fresh`).

Exit 0: done. Exit 1: cancelled from elsewhere. Exit 2: it failed. Exit 130: paused.
"""

import json
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Annotated, Any

import tyro

from plantedu.errors import PlantEduError
from plantedu.runs import jobs
from plantedu.runs.data_hash import data_hash
from plantedu.runs.follow import Bar, follow
from plantedu.runs.heart import Heart
from plantedu.runs.lineage import resolved
from plantedu.runs.memory import keep_freed_memory
from plantedu.runs.run import Run
from plantedu.runs.store import Store
from plantedu.runs.threads import share_cores
from plantedu.runs.worker import do, new_worker
from plantedu.training.recipe import Recipe

ENDS = {"done": 0, "cancelled": 1, "failed": 2, "paused": 130}


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

    pretrain(Recipe.from_json(recipe), bank_folder=jobs.bank_folder())


def lead(argv: list[str]) -> int:
    """Train, follow or fetch what the words ask for; the exit code."""
    try:
        chosen = tyro.cli(
            Train,
            prog="python -m plantedu train",
            args=argv,
            config=(tyro.conf.FlagCreatePairsOff,),
        )
        return ended(train(chosen), as_json=chosen.json)
    except PlantEduError as error:
        if "--json" not in argv:
            raise
        say(f"plantedu train: {error}")
        print(json.dumps({"error": str(error)}))
        return 2
    except KeyboardInterrupt:
        say("stopped at once; the same command goes on from the last checkpoint.")
        return 130


def train(chosen: Train) -> Run:
    """The run of a recipe, after it has ended or was paused."""
    store, worker = Store(), new_worker("terminal")
    request, parent = resolved(store, chosen.recipe.as_json())
    run_id = store.submit(
        "train",
        request,
        lane="training",
        name=chosen.name,
        parent=parent,
        fresh=chosen.fresh,
        data_hash=data_hash(request),
        worker=worker,
    )
    run = store.run(run_id)
    if run.state == "paused":
        run = store.resume(run_id, worker=worker)
    if run.state == "running" and run.worker == worker:
        say(f"run {run_id}: Ctrl-C pauses it; the live page shows it too.")
        return train_here(store, run, worker)
    if run.state == "done":
        say(f"run {run_id} has trained this before; --fresh trains it again.")
        return run
    say(f"run {run_id} is {run.state} in another process; this terminal follows it.")
    return follow(store, run_id)


def train_here(store: Store, run: Run, worker: str) -> Run:
    """Do a run in this process, with a bar; Ctrl-C is a wish to pause."""
    with Heart(store, worker) as heart, pausing(heart):
        do(store, run, heart, lambda work: jobs.train(work, progress()))
    return store.run(run.id)


def progress() -> Any:
    """An observer that moves a progress bar."""
    from plantedu.training.fit import Observer, Record, State

    class Progress(Observer):
        def on_start(self, state: State) -> None:
            self.bar = Bar(state.steps, start=state.step)

        def on_step(self, state: State, record: Record) -> None:
            values = {k: v[0] if isinstance(v, tuple) else v for k, v in record.values.items()}
            self.bar.move(state.step, values)

        def on_end(self, state: State) -> None:
            self.bar.bar.close()

    return Progress()


@contextmanager
def pausing(heart: Heart) -> Iterator[None]:
    """The first Ctrl-C asks for a pause; the second one stops at once."""

    def ask(*_: object) -> None:
        if "RANK" not in os.environ:  # torchrun sends every Ctrl-C a second time
            signal.signal(signal.SIGINT, signal.default_int_handler)
        say("\npausing after this step; Ctrl-C again stops at once.")
        heart.asked = "pause"

    before = signal.signal(signal.SIGINT, ask)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def ended(run: Run, *, as_json: bool) -> int:
    """Say how a run ended; the exit code."""
    if as_json:
        said = {"run": run.id, "state": run.state, "step": run.step, "steps": run.steps}
        print(json.dumps(said | {"error": run.error or None, "result": run.result}))
    elif run.state == "done":
        print("\n".join(headlines(run)))
    elif run.state == "paused":
        print(f"paused at step {run.step}; the same command goes on, or `runs resume {run.id}`.")
    else:
        print(f"run {run.id} {run.state}. {run.error}".strip())
    return ENDS.get(run.state, 1)


def headlines(run: Run) -> list[str]:
    """What the probes read at the end, each beside its null and its chance."""
    last = (run.result or {}).get("last", {})
    lines = [f"run {run.id}: {run.step} steps in {(run.result or {}).get('seconds', 0):.0f} s"]
    for name in sorted(key for key in last if key.startswith("probe/")):
        value, null = (last.get(key) for key in (name, name.replace("probe/", "null/", 1)))
        lines.append(f"  {name[6:]:<22} {shown(value)}   shuffled labels {shown(null)}")
    return lines


def shown(measure: Any) -> str:
    """A value with its band over probe seeds."""
    if isinstance(measure, list):
        return "{:.3f} [{:.3f}, {:.3f}]".format(
            *(float("nan") if x is None else x for x in measure)
        )
    return "none" if measure is None else f"{measure:.3f}"


def say(text: str) -> None:
    """Tell the person at the terminal, beside the result."""
    print(text, file=sys.stderr, flush=True)
