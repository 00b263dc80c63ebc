"""Second phases: which checkpoint `run:ID@WHEN` means, and which run descends from which.

A branch is a run whose start is a checkpoint of another one, its parent. It takes the parent's
objective whole (encoder, projector, prototypes, queue); step counter, optimiser and learning-rate
schedule begin anew. No torch here, so that pages may ask.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from plantedu.errors import require
from plantedu.store.data_hash import data_hash
from plantedu.store.plateau import plateau_checkpoint
from plantedu.store.retention import opened
from plantedu.store.run import Run
from plantedu.store.store import Store
from plantedu.training.weights_spec import parse_start

CHECKPOINT = re.compile(r"step-(\d+)\.safetensors")
MOMENTS = "a step, last or plateau"


@dataclass(frozen=True)
class Member:
    """One run of a family.

    Attributes:
        run: The run.
        generation: How many ancestors it has here.
        parent: Id of the run that it started from; None at the root.
        left_at: Step of the parent at which it left; None at the root.
    """

    run: Run
    generation: int = 0
    parent: str | None = None
    left_at: int | None = None


def find_run(store: Store, words: str) -> Run:
    """The one run whose id begins with `words`.

    Raises:
        PlantEduError: if there is none, or more than one.
    """
    found = [run for run in store.runs(limit=100_000) if run.id.startswith(words)]
    require(bool(found), f"No run begins with {words!r}; `runs list` shows those that there are.")
    ids = ", ".join(run.id for run in found[:4])
    require(len(found) == 1 or found[0].id == words, f"{words!r} is short for several runs: {ids}.")
    return found[0]


def checkpoints_of(store: Store, run_id: str) -> dict[int, Path]:
    """A run's checkpoints by step, in order; who asks for them uses the run."""
    opened(store, run_id)
    files = (store.folder(run_id) / "checkpoints").glob("step-*.safetensors")
    named = ((CHECKPOINT.fullmatch(path.name), path) for path in files)
    return dict(sorted((int(match[1]), path) for match, path in named if match))


def step_at(store: Store, run: Run, when: str) -> int:
    """The step of the checkpoint that WHEN means in a run.

    Args:
        store: Where the run is.
        run: Any training.
        when: A step, "last", or "plateau"; see `plateau.plateau_checkpoint`.

    Raises:
        PlantEduError: if the run has no such checkpoint.
    """
    there = list(checkpoints_of(store, run.id))
    require(
        bool(there),
        f"Run {run.id} ({run.kind}, {run.state}) has no checkpoints to start from; a replay keeps "
        "none, the weights of shipped runs are shipped:NAME.",
    )
    if when == "last":
        return there[-1]
    if when == "plateau":
        series = store.metrics(run.id, names=["loss"]).get("loss")
        require(series is not None, f"Run {run.id} has recorded no loss to find a plateau in.")
        assert series is not None
        return plateau_checkpoint(series.steps, series.values, there)
    require(when.isdecimal(), f"A moment of a run is {MOMENTS}; got {when!r}.")
    known = ", ".join(map(str, there[:12])) + (", ..." if len(there) > 12 else "")
    require(
        int(when) in there,
        f"Run {run.id} has no checkpoint of step {when}; it has those of {known}.",
    )
    return int(when)


def resolved(store: Store, request: Mapping[str, Any]) -> tuple[dict[str, Any], str | None]:
    """A request whose start is a whole run id and a step, and the id of the parent run.

    Other starts stay as they are, without a parent. What "plateau" means is thereby fixed when a
    run is asked for, whatever its parent does afterwards.

    Raises:
        PlantEduError: if there is no such run or checkpoint.
    """
    start = parse_start(str(request.get("start", "scratch")))
    if start.kind != "run":
        return dict(request), None
    words, when = start.moment
    parent = find_run(store, words)
    return {**request, "start": f"run:{parent.id}@{step_at(store, parent, when)}"}, parent.id


def start_file(store: Store, start: str) -> Path | None:
    """The checkpoint that a start means; None where it is no run's.

    Raises:
        PlantEduError: if there is no such run or checkpoint.
    """
    fixed, parent = resolved(store, {"start": start})
    if parent is None:
        return None
    return checkpoints_of(store, parent)[int(parse_start(fixed["start"]).moment[1])]


def submit_branch(
    store: Store,
    run_id: str,
    *,
    at: str = "plateau",
    changes: Mapping[str, Any] | None = None,
    learner: str = "",
    name: str = "",
) -> str:
    """Ask for a second phase of a training: its recipe, but for `changes`, from a checkpoint of it.

    Returns:
        Id of the new run, or of the same branch that was asked for before.

    Raises:
        PlantEduError: if there is no such checkpoint, or the queue takes no more.
    """
    parent = find_run(store, run_id)
    asked = {**parent.request, **(changes or {}), "start": f"run:{parent.id}@{at}"}
    request, parent_id = resolved(store, asked)
    return store.submit(
        parent.kind,
        request,
        lane=parent.lane,
        learner=learner,
        name=name or f"branch of {parent.name or parent.id}",
        parent=parent_id,
        data_hash=data_hash(request),
    )


def ancestry(store: Store, run_id: str) -> list[Run]:
    """The runs that a run descends from, the oldest first, and the run itself."""
    known = {run.id: run for run in store.runs(limit=100_000)}
    line = [store.run(run_id)]
    while (parent := known.get(line[0].parent or "")) is not None and parent not in line:
        line.insert(0, parent)
    return line


def family_tree(store: Store, run_id: str) -> list[Member]:
    """Everybody who descends from the oldest ancestor of a run, each under its parent."""
    runs = sorted(store.runs(limit=100_000), key=lambda run: run.created)
    found: list[Member] = []
    waiting = [Member(ancestry(store, run_id)[0])]
    while waiting:
        one = waiting.pop()
        found.append(one)
        known = {member.run.id for member in found}
        branches = [run for run in runs if run.parent == one.run.id and run.id not in known]
        waiting += [
            Member(run, one.generation + 1, one.run.id, left_at(run)) for run in branches[::-1]
        ]
    return found


def left_at(run: Run) -> int | None:
    """The parent's step at which a run left it; None where its start is no step of a run."""
    origin = (run.result or {}).get("start") or run.request
    start = str(origin.get("start", ""))
    found = re.fullmatch(r"run:[0-9a-f]+@(\d+)", start)
    return int(found[1]) if found else None
