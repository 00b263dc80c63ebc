"""Last words on a full disk: a little room is kept, so that a run can still say why it failed."""

import contextlib
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from plantedu.errors import DiskFullError
from plantedu.store.database import DatabaseBusyError

ROOM = 2 * 1024 * 1024  # bytes
PATIENCE = 120.0  # seconds

Answer = TypeVar("Answer")


def reserve(folder: Path) -> None:
    """Keep some room in a folder, as far as there is any."""
    path = Path(folder) / "reserve.bin"
    if not path.exists():
        with contextlib.suppress(OSError):
            path.write_bytes(os.urandom(ROOM))  # random, so that no file system shrinks it


def persist(write: Callable[[], Answer], folder: Path, *, patience: float = PATIENCE) -> Answer:
    """Do a small write that must not be lost: wait for other writers, use the kept room.

    Raises:
        DatabaseBusyError: if the database stays busy for `patience` seconds.
        DiskFullError: if the kept room is gone too.
    """
    deadline = time.monotonic() + patience
    while True:
        try:
            return write()
        except DatabaseBusyError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)
        except DiskFullError as full:
            try:
                (Path(folder) / "reserve.bin").unlink()
            except OSError:
                raise full from None
