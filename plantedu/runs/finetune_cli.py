"""`python -m plantedu finetune`: name the disease from few labels, scored on fresh plants.

The run goes through the store, so that the page shows it too. Ctrl-C pauses it with a checkpoint;
the same command again goes on, to the same bits. What has been done before is not done again
(`--fresh`).

Exit 0: done. Exit 1: cancelled from elsewhere. Exit 2: it failed. Exit 130: paused.
"""

import json
import sys
from dataclasses import dataclass, field
from typing import Annotated, Any

import tyro

from plantedu.errors import PlantEduError
from plantedu.runs.checkpoints import newest_checkpoint
from plantedu.runs.data_hash import data_hash
from plantedu.runs.follow import follow
from plantedu.runs.heart import Heart
from plantedu.runs.jobs import StoppedError, Work, bank_folder, last_values
from plantedu.runs.lineage import resolved, start_file
from plantedu.runs.memory import keep_freed_memory
from plantedu.runs.recorder import Recorder
from plantedu.runs.run import Run
from plantedu.runs.store import Store
from plantedu.runs.threads import share_cores
from plantedu.runs.train_cli import ENDS, pausing, progress, say
from plantedu.runs.worker import do, new_worker
from plantedu.runs.writer import RowWriter
from plantedu.training.finetune_recipe import FineTune


@dataclass(frozen=True)
class Tune:
    """Train a classifier from an encoder; Ctrl-C pauses, the same command goes on.

    Attributes:
        recipe: The knobs.
        name: How you call the run.
        fresh: Train again even if this has been trained before.
        json: Print the result as one JSON object on the last line.
    """

    recipe: Annotated[FineTune, tyro.conf.arg(name="")] = field(default_factory=FineTune)
    name: str = ""
    fresh: bool = False
    json: bool = False


def main(argv: list[str]) -> int:
    """Train in this process, or follow the process that trains the same.

    Raises:
        PlantEduError: for a recipe that cannot be; with `--json` it is printed as
            {"error": ...} instead, and 2 is returned.
    """
    share_cores()
    keep_freed_memory()
    try:
        chosen = tyro.cli(
            Tune,
            prog="python -m plantedu finetune",
            args=argv,
            config=(tyro.conf.FlagCreatePairsOff,),
        )
        return ended(tune(chosen), as_json=chosen.json)
    except PlantEduError as error:
        if "--json" not in argv:
            raise
        say(f"plantedu finetune: {error}")
        print(json.dumps({"error": str(error)}))
        return 2
    except KeyboardInterrupt:
        say("stopped at once; the same command goes on from the last checkpoint.")
        return 130


def tune(chosen: Tune) -> Run:
    """The run of a recipe, after it has ended or was paused."""
    store, worker = Store(), new_worker("terminal")
    request, parent = resolved(store, chosen.recipe.as_json())
    run_id = store.submit(
        "finetune",
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
        say(f"run {run_id}: Ctrl-C pauses it; the page shows it too.")
        with Heart(store, worker) as heart, pausing(heart):
            do(store, run, heart, lambda work: job(work, progress()))
        return store.run(run_id)
    if run.state == "done":
        say(f"run {run_id} has trained this before; --fresh trains it again.")
        return run
    say(f"run {run_id} is {run.state} in another process; this terminal follows it.")
    return follow(store, run_id)


def job(work: Work, *watching: Any) -> dict[str, Any]:
    """Do a run: live metrics and checkpoints into the store, scores as its result."""
    from plantedu.training.finetune import finetune

    store, run = work.store, work.run
    recipe = FineTune.from_json(run.request)
    kept = newest_checkpoint(store.folder(run.id))
    store.rewind(run.id, int(kept[1]["step"]) if kept else -1)
    with RowWriter(store, run.id) as writer:
        recorder = Recorder(
            store,
            run.id,
            writer=writer,
            wishes=work.wishes,
            checkpoint_every=recipe.checkpoint_every,
        )
        found = finetune(
            recipe,
            bank_folder=bank_folder(),
            observers=[*watching, recorder],
            resume=kept,
            run_file=None if kept else start_file(store, recipe.start),
        )
    if found.ended != "done":
        raise StoppedError(found.ended)
    return found.as_json() | {"seconds": recorder.seconds, "last": last_values(store, run.id)}


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
    """What fresh plants say, each number beside its null; then how sure and where it errs."""
    result = run.result or {}
    lines = [f"run {run.id}: {result['step']} steps in {result['seconds']:.0f} s"]
    for name in ("accuracy", "log_loss", "claimed"):
        lines.append(f"  {name:<10} {shown(result[name])}")
    lines.append(f"  uniform log loss {result['log_loss_uniform']:.3f}")
    lines.append(
        f"  ECE {result['ece']:.3f}, {result['ece_tempered']:.3f} with temperature "
        f"{result['temperature']:.2f}"
    )
    for name, row in zip(result["classes"], result["confusion"], strict=True):
        lines.append(f"  {name:<8} called " + ", ".join(map(str, row)))
    if result["leaked"]:
        lines.append(f"  beware: {result['leaked']:.0%} of the validation images have a twin.")
    return lines


def shown(evidence: dict[str, Any]) -> str:
    """A number with its interval, its null and what it rests on."""
    ends = evidence["interval"]
    band = f" [{ends[0]:.3f}, {ends[1]:.3f}]" if ends else ""
    null = f"{evidence['control']} {evidence['null']:.3f}"
    return f"{evidence['value']:.3f}{band}   {null}, n = {evidence['n']}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
