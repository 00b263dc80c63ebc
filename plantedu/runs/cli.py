"""`python -m plantedu runs list|show|pause|cancel|resume|export`: recorded runs in a terminal.

A run is named by its id or the first digits of it. With `--json` the last line is one JSON object.
"""

import json
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any

import tyro

from plantedu.errors import PlantEduError, require
from plantedu.runs.launch import ensure_worker
from plantedu.runs.recording import export_run
from plantedu.runs.run import Run
from plantedu.runs.store import Store

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
class Show:
    """What is known of a run: its request, its numbers, its events.

    Attributes:
        run: Its id, or the first digits of it.
        json: Print one JSON object.
    """

    run: Id
    json: bool = False

    def __call__(self, store: Store) -> tuple[dict[str, Any], str]:
        """The row, the last value of each metric, the events."""
        run = find_run(store, self.run)
        last = {name: float(s.values[-1]) for name, s in store.metrics(run.id).items()}
        events = store.events(run.id)
        lines = [
            line(run),
            f"  folder {store.folder(run.id)}",
            f"  request {json.dumps(run.request)}",
        ]
        lines += [f"  error {run.error}"] if run.error else []
        lines += [f"  {name:<28} {value:.4f}" for name, value in last.items()]
        lines += [f"  step {event.step:>6}  {event.name} {event.detail}" for event in events]
        found = {"run": asdict(run), "last": last, "events": [asdict(event) for event in events]}
        return found, "\n".join(lines)


@dataclass(frozen=True)
class Cancel:
    """Stop a run for good.

    Attributes:
        run: Its id, or the first digits of it.
        json: Print one JSON object.
    """

    run: Id
    json: bool = False

    def __call__(self, store: Store) -> tuple[dict[str, Any], str]:
        """Cancel it, and wait a moment for its worker to notice."""
        return told(settled(store, store.cancel(find_run(store, self.run).id)))


@dataclass(frozen=True)
class Pause:
    """Stop a run with a checkpoint; `resume` continues it.

    Attributes:
        run: Its id, or the first digits of it.
        json: Print one JSON object.
    """

    run: Id
    json: bool = False

    def __call__(self, store: Store) -> tuple[dict[str, Any], str]:
        """Pause it, and wait a moment for its worker to notice."""
        return told(settled(store, store.pause(find_run(store, self.run).id)))


@dataclass(frozen=True)
class Resume:
    """Continue a paused, failed or cancelled run from its last checkpoint, in a worker.

    Attributes:
        run: Its id, or the first digits of it.
        json: Print one JSON object.
    """

    run: Id
    json: bool = False

    def __call__(self, store: Store) -> tuple[dict[str, Any], str]:
        """Put it into the queue and see to it that a worker is there."""
        run = store.resume(find_run(store, self.run).id)
        ensure_worker(run.lane, store=store)
        return told(run)


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
        run = find_run(store, self.run)
        made = export_run(store, run.id, self.folder, title=self.title)
        facts = {"run": run.id, "folder": str(made.folder), "rows": made.rows, "steps": made.steps}
        return facts, f"{made.rows} numbers of run {run.id} in {made.folder}"


def main(argv: list[str]) -> int:
    """Run one command on the store of this user.

    Raises:
        PlantEduError: for what cannot be done; with `--json` it is printed as {"error": ...}
            instead, and 2 is returned.
    """
    command = tyro.cli(
        List | Show | Cancel | Pause | Resume | Export,  # pyright: ignore[reportArgumentType]
        prog="python -m plantedu runs",
        description="List, show, pause, cancel, resume or export recorded runs.",
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


def settled(store: Store, run: Run, *, patience: float = 3.0) -> Run:
    """The run after its worker has noticed a wish, or after `patience` seconds."""
    deadline = time.monotonic() + patience
    while (run := store.run(run.id)).wish and time.monotonic() < deadline:
        time.sleep(0.1)
    return run


def told(run: Run) -> tuple[dict[str, Any], str]:
    """A run as JSON and as a line."""
    return asdict(run), line(run)


def line(run: Run) -> str:
    """One run in one line."""
    made = time.strftime("%Y-%m-%d %H:%M", time.localtime(run.created))
    state = f"{run.state} ({run.wish} asked)" if run.wish else run.state
    return f"{run.id}  {made}  {run.kind:<8} {state:<10} {run.step:>6}/{run.steps:<6} {run.name}"
