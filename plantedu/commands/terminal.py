"""Runs in a terminal: words become a run of the store, and how it ended becomes an exit code.

What is at work elsewhere is followed, what has been done before is fetched. Ctrl-C asks for a
pause; a second one stops at once.
"""

import json
import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

import tyro

from plantedu.errors import PlantEduError
from plantedu.jobs.follow import Bar, follow
from plantedu.jobs.heartbeat import Heart
from plantedu.jobs.memory import keep_freed_memory
from plantedu.jobs.threads import share_cores
from plantedu.jobs.worker import do, new_worker
from plantedu.store.run import Run
from plantedu.store.store import Store
from plantedu.store.work import Job

ENDS = {"done": 0, "cancelled": 1, "failed": 2, "paused": 130}
GOES_ON = "stopped at once; the same command goes on from the last checkpoint."
Command = TypeVar("Command")


def answer(
    name: str,
    command: type[Command],
    argv: list[str],
    act: Callable[[Command], int],
    *,
    default: Callable[[], Command] | None = None,
    config: Sequence[Any] = (),
    stopped: str = GOES_ON,
) -> int:
    """Read the words of a command and act on them.

    Args:
        name: What stands after `python -m plantedu`.
        command: Frozen dataclass whose fields are the options.
        argv: The words.
        act: Does it; the exit code.
        default: Gives the options where no word says otherwise.
        config: More of tyro's settings.
        stopped: What is said after the second Ctrl-C.

    Raises:
        PlantEduError: for what cannot be done; with `--json` it is printed as {"error": ...}
            instead, and 2 is returned.
    """
    share_cores()
    keep_freed_memory()
    try:
        chosen = tyro.cli(
            command,
            prog=f"python -m plantedu {name}",
            args=argv,
            default=tyro.MISSING_NONPROP if default is None else default(),
            config=(tyro.conf.FlagCreatePairsOff, *config),
        )
        return act(chosen)
    except PlantEduError as error:
        if "--json" not in argv:
            raise
        say(f"plantedu {name}: {error}")
        print(json.dumps({"error": str(error)}))
        return 2
    except KeyboardInterrupt:
        say(stopped)
        return 130


def run_here(
    store: Store, kind: str, request: dict[str, Any], job: Job, *, fresh: bool, **about: Any
) -> Run:
    """The run of a request, after it has ended or was paused.

    Args:
        store: Where runs are.
        kind: What is asked for.
        request: Its knobs.
        job: Does it in this process, where nobody else is at it.
        fresh: Do it again even if it has been done before.
        about: More that the store shall know: name, parent, data_hash.
    """
    worker = new_worker("terminal")
    run_id = store.submit(kind, request, lane="training", worker=worker, fresh=fresh, **about)
    run = store.run(run_id)
    if run.state == "paused":
        run = store.resume(run_id, worker=worker)
    if run.state == "running" and run.worker == worker:
        say(f"run {run_id}: Ctrl-C pauses it; the page shows it too.")
        with Heart(store, worker) as heart, pausing(heart):
            do(store, run, heart, job)
        return store.run(run_id)
    if run.state == "done":
        say(f"run {run_id} has done this before; --fresh does it again.")
        return run
    say(f"run {run_id} is {run.state} in another process; this terminal follows it.")
    return follow(store, run_id)


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


def progress() -> Any:
    """An observer that moves a progress bar."""
    from plantedu.training.fit import Observer, Record, State

    class Progress(Observer):
        def on_start(self, state: State) -> None:
            self.bar = Bar(state.steps, start=state.step)

        def on_step(self, state: State, record: Record) -> None:
            values = {k: v[0] if isinstance(v, tuple) else v for k, v in record.values.items()}
            self.bar.move(state.step, values)

        def on_event(self, step: int, name: str, detail: str) -> None:
            if name in ("left out", "precision"):
                say(detail)

        def on_end(self, state: State) -> None:
            self.bar.bar.close()

    return Progress()


def ended(run: Run, headlines: Callable[[Run], list[str]], *, as_json: bool) -> int:
    """Say how a run ended, what it found in `headlines`; the exit code."""
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


def say(text: str) -> None:
    """Tell the person at the terminal, beside the result."""
    print(text, file=sys.stderr, flush=True)
