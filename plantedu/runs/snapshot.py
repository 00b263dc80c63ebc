"""Snapshots of the store on another disk, for a host whose own disk does not survive a restart.

The database is copied by SQLite's own backup, page by page while others write, then put in place
by a rename: a snapshot is whole, or it is the one before. Files of runs (checkpoints, pictures)
follow where they have changed. A database on a mounted bucket would be slow and could not be
locked, so the live one stays on the local disk.
"""

import contextlib
import os
import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from plantedu.errors import PlantEduError, require
from plantedu.runs.store import FILE

RUNS = "runs"


@dataclass(frozen=True)
class Snapshot:
    """What was copied.

    Attributes:
        database: Bytes of the database.
        files: Files of runs that were new or had changed.
        bytes: Of those files.
    """

    database: int
    files: int
    bytes: int


def snapshot(folder: Path, to: Path) -> Snapshot:
    """Copy the store in `folder` to the folder `to`.

    Raises:
        PlantEduError: if there is no store, or `to` cannot be written.
    """
    source, target = Path(folder) / FILE, Path(to) / FILE
    require(source.is_file(), f"There is no store in {folder} yet.")
    try:
        Path(to).mkdir(parents=True, exist_ok=True)
        files, size = mirror(Path(folder) / RUNS, Path(to) / RUNS)
        backup(source, target)
    except (OSError, sqlite3.Error) as error:
        raise PlantEduError(
            f"No snapshot could be written to {to} ({error}). The one before it is kept."
        ) from error
    return Snapshot(target.stat().st_size, files, size)


def restore(folder: Path, source: Path) -> bool:
    """Bring a snapshot back where no store is; whether there was anything to do.

    Raises:
        PlantEduError: if the snapshot is damaged, or cannot be copied.
    """
    kept, mine = Path(source) / FILE, Path(folder) / FILE
    if mine.exists() or not kept.is_file():
        return False
    try:
        Path(folder).mkdir(parents=True, exist_ok=True)
        check(kept)
        mirror(Path(source) / RUNS, Path(folder) / RUNS)
        backup(kept, mine)
    except (OSError, sqlite3.Error) as error:
        raise PlantEduError(
            f"The snapshot in {source} cannot be brought back ({error}). Move it away to begin "
            "with an empty store."
        ) from error
    return True


def check(path: Path) -> None:
    """Refuse a database whose pages do not hang together.

    Not `quick_check`: SQLite 3.40 calls sound tables WITHOUT ROWID broken there.

    Raises:
        sqlite3.Error: if they do not.
    """
    with closing(sqlite3.connect(path)) as link:
        (answer,) = link.execute("PRAGMA integrity_check").fetchone()
    if answer != "ok":
        raise sqlite3.DatabaseError(answer)


def backup(source: Path, target: Path) -> None:
    """A whole copy of a database that others may be writing to."""
    fresh = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        with (
            closing(sqlite3.connect(source, timeout=30)) as one,
            closing(sqlite3.connect(fresh)) as other,
        ):
            one.backup(other)
            other.execute("PRAGMA journal_mode=DELETE")  # one file, without a log beside it
        os.replace(fresh, target)
    finally:
        with contextlib.suppress(OSError):
            fresh.unlink()


def mirror(source: Path, target: Path) -> tuple[int, int]:
    """Copy files that are new or have another size or time; how many, and their bytes."""
    files = size = 0
    for path in sorted(source.rglob("*")) if source.is_dir() else []:
        if path.is_symlink() or not path.is_file():
            continue
        other, known = target / path.relative_to(source), path.stat()
        if other.is_file():
            old = other.stat()
            if (old.st_size, int(old.st_mtime)) == (known.st_size, int(known.st_mtime)):
                continue
        other.parent.mkdir(parents=True, exist_ok=True)
        fresh = other.with_name(f".{other.name}.part")
        shutil.copy2(path, fresh)
        os.replace(fresh, other)
        files, size = files + 1, size + known.st_size
    return files, size
