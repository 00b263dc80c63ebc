"""Files that a reader sees whole or not at all, and the memo of arrays that is made of them.

A memo is a .npz under the hash of what made it. One that is missing or damaged reads as None and
is made again; one that is read counts as used, see `store/retention.py`.
"""

import contextlib
import io
import os
import sys
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from uuid import uuid4

import numpy as np
from numpy.typing import ArrayLike

from plantedu.errors import FULL, DiskFullError, PlantEduError

UNREADABLE = (OSError, ValueError, KeyError, EOFError, NotImplementedError, zipfile.BadZipFile)


def why_unreadable(error: Exception) -> str:
    """Why a file of arrays cannot be read: numpy takes any other file for pickled objects."""
    said = str(error)
    return "it is no file of arrays, or holds Python objects" if "pickle" in said else said


def write_whole(path: Path, content: bytes) -> None:
    """Write beside, make sure of it, then rename: a reader sees all of it or nothing.

    Raises:
        PlantEduError: for a place that cannot be written; a `DiskFullError` for a full disk.
    """
    part = path.with_name(f".{path.name}-{uuid4().hex}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with part.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)
    except OSError as error:
        with contextlib.suppress(OSError):
            part.unlink()
        if error.errno in FULL:
            raise DiskFullError(
                f"The disk is full: {path.name} needs {len(content) / 1e6:.1f} MB in "
                f"{path.parent}. Earlier checkpoints are kept; make room, then resume."
            ) from error
        raise PlantEduError(f"{path} cannot be written: {error.strerror}.") from error


def read_arrays(path: Path, names: Sequence[str]) -> dict[str, np.ndarray] | None:
    """Arrays of a memo by name; None where one is missing or damaged."""
    try:
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as file:
            found = {name: file[name] for name in names}
    except UNREADABLE:
        return None
    with contextlib.suppress(OSError):
        os.utime(path)
    return found


def write_arrays(path: Path, arrays: Mapping[str, ArrayLike]) -> None:
    """Keep arrays as a memo; raises as `write_whole`."""
    memory = io.BytesIO()
    np.savez(memory, **dict(arrays))  # type: ignore[arg-type]
    write_whole(path, memory.getvalue())


def keep_arrays(path: Path, arrays: Mapping[str, ArrayLike]) -> None:
    """Keep arrays as a memo if there is room: where there is none, a sentence on standard error.

    What was found is in the caller's hands; only the next run has to find it again.
    """
    try:
        write_arrays(path, arrays)
    except PlantEduError as error:
        why = "the disk is full" if isinstance(error, DiskFullError) else str(error).rstrip(".")
        print(
            f"{path.parent.name} are not kept, for {why}: what was found is used all the same, and "
            "is made again next time.",
            file=sys.stderr,
        )
