"""Starts a worker where none lives: a detached process of its own, on every system.

Never through `multiprocessing`, which would run the page's script again in the child.
"""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any, BinaryIO

from plantedu import shipped_files
from plantedu.jobs.lanes import FREE_AFTER, want_worker
from plantedu.jobs.worker import IDLE_EXIT
from plantedu.store.database import UNWRITABLE
from plantedu.store.run import Run
from plantedu.store.store import Store

LOG_SIZE = 1_000_000  # bytes; a longer log begins anew, the one of before is kept

_started: list[subprocess.Popen[Any]] = []


def ensure_worker(lane: str, *, store: Store | None = None, idle_exit: float = IDLE_EXIT) -> bool:
    """Start a worker for a lane unless one lives; whether one was started.

    Cheap enough for every look at a page: one row is read while a worker lives. Where nothing can
    be written, none is started: it could not write either, and the next look tries again.
    """
    _started[:] = [process for process in _started if process.poll() is None]
    mine = Store() if store is None else store
    try:
        if not want_worker(mine, lane):
            return False
        _started.append(start(lane, mine.path.parent, idle_exit))
        return True
    except UNWRITABLE:
        return False
    finally:
        if store is None:
            mine.close()


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
