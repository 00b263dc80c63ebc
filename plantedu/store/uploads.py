"""Learners' own files on their way to the worker: bounded, each its learner's alone.

The server keeps the bytes as they came; the worker reads them, and they are gone when their run
has ended. A file is called by a hash of its learner's token and its bytes:

    name = SHA-256(token, 0, bytes), its first 32 hexadecimal digits

so nobody can guess the name of another's file, and a name opens nothing for another learner.
"""

import contextlib
import os
import re
import secrets
import time
from collections.abc import Collection
from hashlib import sha256
from pathlib import Path

from plantedu.errors import DiskFullError, PlantEduError, require
from plantedu.store.store import Store

FOLDER = "uploads"
MAX_BYTES = 20 * 2**20  # of one file; what the server takes, too (.streamlit/config.toml)
MOST = 12  # files of one learner
ALTOGETHER = 2**30  # bytes of all learners
YOUNG = 60.0  # seconds that a file may wait for its run
NAME = re.compile(r"[0-9a-f]{32}")
GONE = "The file that was uploaded is not here any more. Choose the file again, then ask again."


class Uploads:
    """The files that wait for a worker, in a folder of their own beside the store."""

    def __init__(self, home: Path) -> None:
        """Files in `home`/uploads; nothing is made before the first one comes."""
        self.folder = Path(home) / FOLDER

    def keep(self, data: bytes, *, learner: str, needed: Collection[str] = ()) -> str:
        """Keep a file until its run has ended; its name, for the run's request.

        Args:
            data: The whole file, at most MAX_BYTES.
            learner: Whose it is, their token.
            needed: Names that live runs ask for, see `wanted`; others are swept away.

        Raises:
            PlantEduError: for too large a file, a learner with too many, or a full machine.
        """
        require(
            len(data) <= MAX_BYTES,
            f"The file has {len(data) / 2**20:.0f} MB; at most {MAX_BYTES / 2**20:.0f} MB are "
            "taken. Save a smaller one.",
        )
        require(bool(learner), "An upload needs a learner's token.")
        self.sweep(needed)
        name = name_of(data, learner)
        path = self._path(name, learner)
        try:
            os.utime(path)  # it is there: its minute begins anew
        except OSError:
            self._check_room(path.parent, len(data))
            self._write(path, data)
        return name

    def read(self, name: str, *, learner: str) -> bytes:
        """The bytes of a file, for the run of its learner.

        Raises:
            PlantEduError: if there is none of this name, or it is another learner's.
        """
        require(NAME.fullmatch(name) is not None, GONE)
        try:
            path = self._path(name, learner)
            require(path.stat().st_size <= MAX_BYTES, GONE)
            data = path.read_bytes()
        except OSError:
            raise PlantEduError(GONE) from None
        require(name_of(data, learner) == name, GONE)
        return data

    def drop(self, name: str, *, learner: str) -> None:
        """Forget a file; nothing happens where there is none."""
        if NAME.fullmatch(name) is not None:
            with contextlib.suppress(OSError):
                self._path(name, learner).unlink()

    def sweep(self, needed: Collection[str]) -> None:
        """Forget the files that no live run asks for, once they have waited for a minute."""
        for path in self.folder.glob("*/*"):
            with contextlib.suppress(OSError):
                age = abs(time.time() - path.stat().st_mtime)  # a clock set back makes it negative
                if path.name not in needed and age > YOUNG:
                    path.unlink()

    def of(self, learner: str) -> Path:
        """The folder of a learner's files; there once one is kept."""
        return self.folder / sha256(learner.encode()).hexdigest()[:32]

    def _path(self, name: str, learner: str) -> Path:
        return self.of(learner) / name

    def _check_room(self, own: Path, size: int) -> None:
        require(
            len(list(own.glob("*"))) < MOST,
            f"{MOST} of your files wait for their runs. Cancel a run, or wait until one has ended.",
        )
        held = sum(map(_bytes, self.folder.glob("*/*")))
        require(
            held + size <= ALTOGETHER,
            "This machine holds as many uploaded files as it can. Try again in a minute.",
        )

    def _write(self, path: Path, data: bytes) -> None:
        fresh = path.with_name(f".{secrets.token_hex(8)}")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            fresh.write_bytes(data)
            os.replace(fresh, path)
        except OSError as error:
            with contextlib.suppress(OSError):
                fresh.unlink()
            raise DiskFullError(
                f"The file could not be kept ({error.strerror}). Try again later."
            ) from error


def wanted(store: Store, *, but: str = "") -> set[str]:
    """Names of the files that runs ask for which wait, run or are paused, except run `but`."""
    with store.database.read() as link:
        rows = link.execute(
            "SELECT request FROM runs WHERE state IN ('queued', 'running', 'paused') AND id != ?",
            (but,),
        ).fetchall()
    return {name for row in rows for name in re.findall(r'"([0-9a-f]{32})"', row["request"])}


def name_of(data: bytes, learner: str) -> str:
    """What a learner's file is called."""
    return sha256(learner.encode() + b"\0" + data).hexdigest()[:32]


def _bytes(path: Path) -> int:
    """Size of a file; 0 where another process has just taken it away."""
    try:
        return path.stat().st_size
    except OSError:
        return 0
