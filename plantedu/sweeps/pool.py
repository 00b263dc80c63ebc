"""Rows of a sweep in processes of this machine, through the store.

Each process does one row after the other and stays warm. It hears of rows on its standard input
and pauses its row when that closes, so no process outlives the sweep, however the sweep ends.
What was done stays done: a row that was stopped goes on from its last checkpoint.
"""

import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from plantedu import shipped_files
from plantedu.errors import PlantEduError
from plantedu.jobs.heartbeat import Calm, Heart
from plantedu.jobs.launch import detached, open_log
from plantedu.jobs.memory import keep_freed_memory
from plantedu.jobs.threads import share_cores
from plantedu.jobs.worker import do, new_worker
from plantedu.store.leases import MOST_ATTEMPTS
from plantedu.store.lineage import resolved
from plantedu.store.run import COLUMNS, Run
from plantedu.store.store import Store
from plantedu.sweeps.grid import GridRow

LOOK_EVERY = 0.5  # seconds between looks at rows that others do
OTHER_CODE = (
    "The code of plantedu has changed since this sweep began, so its rows would not be alike. "
    "Start the sweep again; where code is being worked on, start it from a copy."
)
DIED = (
    f"The process died {MOST_ATTEMPTS} times while doing this row; often that is too little "
    "memory. Try fewer rows at once, or a smaller encoder, batch or image size."
)


def run_of(store: Store, row: GridRow) -> Run | None:
    """The newest run of a row, in whatever state; None where there is none."""
    with store.database.read() as link:
        found = link.execute(
            f"SELECT {', '.join(COLUMNS)} FROM runs WHERE key = ? ORDER BY number DESC LIMIT 1",
            (row.key,),
        ).fetchone()
    return None if found is None else Run.from_row(found)


def in_lineage(store: Store, row: GridRow) -> GridRow:
    """The row with its start "run:ID@WHEN" fixed to a whole id and a step, and its parent.

    Raises:
        PlantEduError: if there is no such run, or it has no such checkpoint.
    """
    request, parent = resolved(store, row.request)
    return row if parent is None else replace(row, request=request, parent=parent)


def settled(run: Run | None, *, retry: bool) -> bool:
    """Whether nothing is to do for a row: it is done, or it failed and is not to be tried again."""
    if run is None or not run.over:
        return False
    killed = run.state == "failed" and run.attempts >= MOST_ATTEMPTS
    return run.state == "done" or not (retry or killed)


def claim(store: Store, row: GridRow, worker: str) -> Run:
    """The run of a row in the hands of `worker`, unless it is in somebody else's."""
    run = run_of(store, row)
    if run is not None and run.state != "done":
        return store.resume(run.id, worker=worker)
    words: dict[str, Any] = {"name": row.name, "data_hash": row.data_hash, "parent": row.parent}
    return store.run(store.submit(row.kind, row.request, lane="training", worker=worker, **words))


class Rows:
    """The rows still to do, handed out to processes; each comes back settled or not at all."""

    def __init__(self, store: Store, rows: list[GridRow], *, retry: bool = False) -> None:
        self.store, self.stopping, self.busy = store, False, dict[str, GridRow]()
        self._hands, self._calm = threading.Lock(), Calm()
        self._left = [row for row in rows if not settled(run_of(store, row), retry=retry)]

    def take(self) -> GridRow | None:
        """The next row that nobody does; waits while others do the last ones; None at the end."""
        while True:
            with self._hands:
                row = None if self.stopping else self._free()
                if row is not None:
                    self._left.remove(row)
                    self.busy[row.key] = row
                if row is not None or self.stopping or not self._left:
                    return row
            time.sleep(LOOK_EVERY)

    def _free(self) -> GridRow | None:
        """The first row that is in nobody's hands; a silent worker's row is taken from it."""
        if self._calm():
            self.store.reap()
        runs = ((row, run_of(self.store, row)) for row in self._left)
        return next((row for row, run in runs if run is None or run.state != "running"), None)

    def give_back(self, row: GridRow, *, again: bool) -> None:
        """Say that a process is through with a row, or has lost it."""
        with self._hands:
            self.busy.pop(row.key, None)
            if again:
                self._left.append(row)


class Child:
    """A process that does rows, and what this one knows of it."""

    def __init__(self, folder: Path, threads: int) -> None:
        self.worker = new_worker("sweep")
        setting = os.environ | {"PLANTEDU_HOME": str(folder), "OMP_NUM_THREADS": str(threads)}
        source = str(shipped_files.source())
        paths = [source, *filter(None, [os.environ.get("PYTHONPATH")])]
        with open_log(folder, "sweep") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "plantedu.sweeps.pool", self.worker],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                env=setting | {"PYTHONPATH": os.pathsep.join(paths)},
                **detached(),
            )

    def do(self, row: GridRow) -> str:
        """Have a row done; its state then, "" if the process died over it."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        try:
            self.process.stdin.write(json.dumps({"row": row.as_json(), "key": row.key}) + "\n")
            self.process.stdin.flush()
        except (OSError, ValueError):
            return ""
        return self.process.stdout.readline().strip()

    def let_go(self) -> None:
        """Close its input: it pauses its row and ends."""
        assert self.process.stdin is not None
        try:
            self.process.stdin.close()
        except OSError:
            return

    def end(self) -> None:
        """Let it go and wait until it is gone."""
        self.let_go()
        self.process.wait()
        assert self.process.stdout is not None
        self.process.stdout.close()


class Pool:
    """N processes that do rows until none is left."""

    def __init__(self, rows: Rows, *, at_once: int, threads: int) -> None:
        self.rows, self.threads, self.children = rows, threads, list[Child]()
        self.trouble = ""
        self._deaths: dict[str, int] = {}
        self._slots = [threading.Thread(target=self._slot, daemon=True) for _ in range(at_once)]

    def run(self, look: Callable[[], None]) -> bool:
        """Do all rows, calling `look` meanwhile; False if Ctrl-C stopped it.

        Raises:
            PlantEduError: if the code has changed since this process began.
        """
        with pausing(self.stop, self.kill):
            for slot in self._slots:
                slot.start()
            while any(slot.is_alive() for slot in self._slots):
                time.sleep(LOOK_EVERY / 5)
                look()
        if self.trouble:
            raise PlantEduError(self.trouble)
        return not self.rows.stopping

    def _slot(self) -> None:
        child = None
        while (row := self.rows.take()) is not None:
            if child is None:
                child = Child(self.rows.store.path.parent, self.threads)
                self.children.append(child)
            state = child.do(row)
            again = state == "running"  # somebody else was quicker
            if state == OTHER_CODE:
                self.rows.stopping, self.trouble = True, state
            if not state and not self.rows.stopping:
                again = self._lost(row, child)
                child = None
            self.rows.give_back(row, again=again)
        if child is not None:
            child.end()

    def _lost(self, row: GridRow, child: Child) -> bool:
        """A process died over a row: free it, or fail it if it keeps killing; whether to go on."""
        child.end()
        self._deaths[row.key] = deaths = self._deaths.get(row.key, 0) + 1
        run, store = run_of(self.rows.store, row), self.rows.store
        if run is not None and run.worker == child.worker:
            if deaths < MOST_ATTEMPTS:
                store.stopped(run.id, "pause", worker=child.worker)
            else:
                store.fail(run.id, DIED, worker=child.worker)
        return deaths < MOST_ATTEMPTS

    def stop(self) -> None:
        """Pause all rows at their next step."""
        self.rows.stopping = True
        for child in self.children:
            child.let_go()

    def kill(self) -> None:
        """End every process at once; their rows go on from their last checkpoints."""
        for child in self.children:
            child.process.kill()


@contextmanager
def pausing(pause: Callable[[], None], stop: Callable[[], None]) -> Iterator[None]:
    """The first Ctrl-C pauses, the second one stops at once."""

    def again(*_: object) -> None:
        stop()

    def ask(*_: object) -> None:
        signal.signal(signal.SIGINT, again)
        print("\npausing all rows; Ctrl-C again stops at once.", file=sys.stderr, flush=True)
        pause()

    before = signal.signal(signal.SIGINT, ask)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def listen(heart: Heart, heard: "queue.Queue[str | None]") -> None:
    """Take rows from standard input; its end is a wish to pause."""
    for line in sys.stdin:
        heard.put(line)
    heart.asked = "pause"
    heard.put(None)


def main(argv: list[str] | None = None) -> int:
    """Do rows as they come, and answer each with a line."""
    (worker,) = sys.argv[1:] if argv is None else argv
    share_cores()
    keep_freed_memory()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    store, heard = Store(), queue.Queue[str | None]()
    with Heart(store, worker) as heart:
        threading.Thread(target=listen, args=(heart, heard), daemon=True).start()
        while (line := heard.get()) is not None and not heart.asked:
            print(answer(store, heart, json.loads(line)), flush=True)
    store.close()
    return 0


def answer(store: Store, heart: Heart, words: dict[str, Any]) -> str:
    """Do a row; its state then, in one line."""
    row = GridRow(**words["row"])
    if row.key != words["key"]:
        return OTHER_CODE
    try:
        run = claim(store, row, heart.worker)
        if run.state == "running" and run.worker == heart.worker:
            do(store, run, heart)
        return store.run(run.id).state
    except PlantEduError as error:  # busy or full: the same command will try the row again
        print(error, file=sys.stderr, flush=True)
        return " ".join(str(error).split())


if __name__ == "__main__":
    sys.exit(main())
