"""Starts a worker where none lives: a detached process of its own, on every system.

Never through `multiprocessing`, which would run the page's script again in the child.
"""

import os
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from plantedu import shipped_files
from plantedu.jobs.lanes import FREE_AFTER, want_worker
from plantedu.jobs.worker import IDLE_EXIT
from plantedu.store.database import UNWRITABLE
from plantedu.store.run import Run
from plantedu.store.store import Store

LOG_SIZE = 1_000_000  # bytes; a longer log begins anew, the one of before is kept

COMES = 180.0  # seconds that a worker has to come, on a machine that has no time for it


@dataclass(frozen=True)
class Started:
    """A worker that this process started: for which lane of which store, and when."""

    lane: str
    folder: Path
    process: subprocess.Popen[Any]
    began: float = field(default_factory=time.monotonic)

    def lives(self) -> bool:
        """Whether its process is there."""
        return self.process.poll() is None


_started: list[Started] = []


def ensure_worker(lane: str, *, store: Store | None = None, idle_exit: float = IDLE_EXIT) -> bool:
    """Start a worker for a lane unless one lives; whether one was started.

    Cheap enough for every look at a page: one row is read while a worker lives. Where nothing can
    be written, none is started: it could not write either, and the next look tries again.

    A worker that this process started and that lives is waited for, `COMES` seconds at most: where
    the machine is so busy that it has not come yet, a second one would only make it busier.
    """
    _started[:] = [one for one in _started if one.lives()]
    mine = Store() if store is None else store
    try:
        folder = mine.path.parent
        if _comes(lane, folder) or not want_worker(mine, lane):
            return False
        _started.append(Started(lane, folder, start(lane, folder, idle_exit)))
        return True
    except UNWRITABLE:
        return False
    finally:
        if store is None:
            mine.close()


def _comes(lane: str, folder: Path) -> bool:
    """Whether a worker of this lane is on its way."""
    young = time.monotonic() - COMES
    return any((one.lane, one.folder) == (lane, folder) and one.began > young for one in _started)


def see_to(run: Run, *, store: Store) -> bool:
    """Start a worker for a run that nobody does, for whoever looks at it; whether one was started.

    Nobody does a run that waits while no worker lives, or whose worker has fallen silent: the new
    worker takes it back.
    """
    silent = abs(store.clock() - (run.heartbeat or 0.0)) > FREE_AFTER
    if run.state == "queued" or (run.state == "running" and silent):
        return ensure_worker(run.lane, store=store)
    return False


def start(lane: str, folder: Path, idle_exit: float) -> subprocess.Popen[Any]:
    """A worker process that outlives this one and writes to a log."""
    words = ["-m", "plantedu.jobs.worker", f"--lane={lane}", f"--idle-exit={idle_exit}"]
    source = str(shipped_files.source())
    paths = [source, *filter(None, [os.environ.get("PYTHONPATH")])]
    setting = os.environ | {"PLANTEDU_HOME": str(folder), "PYTHONPATH": os.pathsep.join(paths)}
    with open_log(folder, lane) as log:
        return subprocess.Popen(
            [sys.executable, *words],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            cwd=folder,
            env=setting,
            **detached(),
        )


def open_log(folder: Path, lane: str) -> BinaryIO:
    """The log of a lane's workers, to append to; nowhere, where none can be made."""
    path = folder / "logs" / f"worker-{lane}.log"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists() and path.stat().st_size > LOG_SIZE:
            os.replace(path, path.with_name(f"{path.name}.1"))
        return path.open("ab")
    except OSError:
        return Path(os.devnull).open("ab")


def detached() -> dict[str, Any]:
    """What keeps a child alive when its parent or its terminal goes."""
    if sys.platform == "win32":
        flags = subprocess.CREATE_NO_WINDOW | subprocess.CREATE_NEW_PROCESS_GROUP
        return {"creationflags": flags}
    return {"start_new_session": True}
