"""`python -m plantedu runs list|show|branch|pause|cancel|resume|export|import|delete|disk`.

A run is named by its id or the first digits of it. With `--json` the last line is one JSON object.
"""

import json
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any

import tyro

from plantedu.commands.runs_import import Import
from plantedu.errors import PlantEduError
from plantedu.jobs.launch import ensure_worker
from plantedu.output_paths import check_folder
from plantedu.store.lineage import Member, family_tree, find_run
from plantedu.store.recording import export_run
from plantedu.store.retention import delete, held, opened, tidy
from plantedu.store.run import Run
from plantedu.store.store import Store

Id = Annotated[str, tyro.conf.Positional, tyro.conf.arg(metavar="RUN")]
Folder = Annotated[Path, tyro.conf.Positional, tyro.conf.arg(metavar="FOLDER")]


@dataclass(frozen=True)
class List:
    """The newest runs.

    Attributes:
        state: Only those queued, running, paused, done, failed or cancelled.
        kind: Only those of this kind, such as train or replay.
        limit: At most so many.
        json: Print one JSON object.
    """

    state: str | None = None
    kind: str | None = None
    limit: int = 20
    json: bool = False

    def __call__(self, store: Store) -> tuple[dict[str, Any], str]:
        """Every run in a line."""
        runs = store.runs(self.state, self.kind, limit=self.limit)
        lines = [line(run) for run in runs] or ["no runs"]
        return {"runs": [asdict(run) for run in runs]}, "\n".join(lines)


@dataclass(frozen=True)
class OfRun:
    """What a command about one run asks for.

    Attributes:
        run: Its id, or the first digits of it.
        json: Print one JSON object.
    """

    run: Id
    json: bool = False


@dataclass(frozen=True)
class Show(OfRun):
    """What is known of a run: its request, its family, its numbers, its events."""

    def __call__(self, store: Store) -> tuple[dict[str, Any], str]:
        """The row, the last value of each metric, the events."""
        run = find_run(store, self.run)
        opened(store, run.id)
        last = {name: float(s.values[-1]) for name, s in store.metrics(run.id).items()}
        events, family = store.events(run.id), family_tree(store, run.id)
        lines = [
            line(run),
            f"  folder {store.folder(run.id)}",
            f"  request {json.dumps(run.request)}",
        ]
        lines += [f"  error {run.error}"] if run.error else []
        lines += drawn(family, run) if len(family) > 1 else []
        lines += [f"  {name:<28} {value:.4f}" for name, value in last.items()]
        lines += [f"  step {event.step:>6}  {event.name} {event.detail}" for event in events]
        found = {"run": asdict(run), "last": last, "events": [asdict(event) for event in events]}
        kin = [
            {"run": one.run.id, "name": one.run.name, "parent": one.parent, "left_at": one.left_at}
            for one in family
        ]
        return found | {"family": kin}, "\n".join(lines)


@dataclass(frozen=True)
class Cancel(OfRun):
    """Stop a run for good."""

    def __call__(self, store: Store) -> tuple[dict[str, Any], str]:
        """Cancel it, and wait a moment for its worker to notice."""
        return as_answer(settled(store, store.cancel(find_run(store, self.run).id)))


@dataclass(frozen=True)
class Pause(OfRun):
    """Stop a run with a checkpoint; `resume` continues it."""

    def __call__(self, store: Store) -> tuple[dict[str, Any], str]:
        """Pause it, and wait a moment for its worker to notice."""
        return as_answer(settled(store, store.pause(find_run(store, self.run).id)))


@dataclass(frozen=True)
class Resume(OfRun):
    """Continue a paused, failed or cancelled run from its last checkpoint, in a worker."""

    def __call__(self, store: Store) -> tuple[dict[str, Any], str]:
        """Put it into the queue and see to it that a worker is there."""
        run = store.resume(find_run(store, self.run).id)
        ensure_worker(run.lane, store=store)
        return as_answer(run)


@dataclass(frozen=True)
class Export:
    """Write a run as a recording, which the live page replays without computing.

    Attributes:
        run: Its id, or the first digits of it.
        folder: A new folder, or a recording, which is replaced.
        title: How people call it.
        json: Print one JSON object.
    """

    run: Id
    folder: Folder
    title: str = ""
    json: bool = False

    def __call__(self, store: Store) -> tuple[dict[str, Any], str]:
        """Record it."""
        check_folder(self.folder)
        run = find_run(store, self.run)
        opened(store, run.id)
        made = export_run(store, run.id, self.folder, title=self.title)
        facts = {"run": run.id, "folder": str(made.folder), "rows": made.rows, "steps": made.steps}
        return facts, f"{made.rows} numbers of run {run.id} in {made.folder}"


@dataclass(frozen=True)
class Delete:
    """Forget runs that are over: rows, numbers, results and files.

    Attributes:
        runs: Their ids, or the first digits of them.
        json: Print one JSON object.
    """

    runs: Annotated[tuple[str, ...], tyro.conf.Positional, tyro.conf.arg(metavar="RUN")]
    json: bool = False

    def __call__(self, store: Store) -> tuple[dict[str, Any], str]:
        """Delete them, all that are named or, where one is not over, those before it."""
        freed = {(run := find_run(store, words)).id: delete(store, run.id) for words in self.runs}
        total = sum(freed.values())
        return {"deleted": freed}, f"deleted {', '.join(freed)}: {total / 1e6:.1f} MB"


@dataclass(frozen=True)
class Disk:
    """What is held on the disk, and its bound (PLANTEDU_DISK_GB).

    Attributes:
        tidy: Also delete what need not be held, as workers do every ten minutes.
        json: Print one JSON object.
    """

    tidy: bool = False
    json: bool = False

    def __call__(self, store: Store) -> tuple[dict[str, Any], str]:
        """Bytes by kind."""
        freed = tidy(store, now=time.time()) if self.tidy else 0
        found = held(store.path.parent)
        said = f"{found}\nfreed: {freed / 1e6:.1f} MB" if self.tidy else str(found)
        return asdict(found) | {"total": found.total, "freed": freed}, said


def main(argv: list[str]) -> int:
    """Run one command on the store of this user.

    Raises:
        PlantEduError: for what cannot be done; with `--json` it is printed as {"error": ...}
            instead, and 2 is returned.
    """
    if argv[:1] == ["branch"]:
        from plantedu.commands.branch import main as branch

        return branch(argv[1:])
    command = tyro.cli(
        List | Show | Cancel | Pause | Resume | Export | Import | Delete | Disk,  # pyright: ignore[reportArgumentType]
        prog="python -m plantedu runs",
        description="List, show, pause, cancel, resume, export, import or delete runs, and what "
        "the disk holds; `runs branch RUN` trains on from a checkpoint: `runs branch --help`.",
        args=argv,
        config=(tyro.conf.FlagCreatePairsOff, tyro.conf.OmitSubcommandPrefixes),
    )
    store = Store()
    try:
        found, text = command(store)
    except PlantEduError as error:
        if not command.json:
            raise
        print(f"plantedu runs: {error}", file=sys.stderr)
        print(json.dumps({"error": str(error)}))
        return 2
    finally:
        store.close()
    print(json.dumps(found) if command.json else text)
    return 0


def drawn(family: Sequence[Member], chosen: Run) -> list[str]:
    """A family as a tree, a line a run, the chosen one marked."""
    return [
        f"  {'    ' * one.generation}{'-> ' if one.generation else 'lineage '}{one.run.id}"
        + (f" from step {one.left_at}" if one.left_at is not None else "")
        + f" {one.run.name}{'   <- this run' if one.run.id == chosen.id else ''}"
        for one in family
    ]


def settled(store: Store, run: Run, *, patience: float = 3.0) -> Run:
    """The run after its worker has noticed a wish, or after `patience` seconds."""
    deadline = time.monotonic() + patience
    while (run := store.run(run.id)).wish and time.monotonic() < deadline:
        time.sleep(0.1)
    return run


def as_answer(run: Run) -> tuple[dict[str, Any], str]:
    """A run as JSON and as a line."""
    return asdict(run), line(run)


def line(run: Run) -> str:
    """One run in one line."""
    made = time.strftime("%Y-%m-%d %H:%M", time.localtime(run.created))
    state = f"{run.state} ({run.wish} asked)" if run.wish else run.state
    return f"{run.id}  {made}  {run.kind:<8} {state:<10} {run.step:>6}/{run.steps:<6} {run.name}"
