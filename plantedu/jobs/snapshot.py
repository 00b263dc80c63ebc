"""Snapshots of the store on another disk, for a host whose own disk does not survive a restart.

The database is copied by SQLite's own backup at one moment, and read back whole (`generations`):
what is damaged, empty or no store never stands beside the sound ones, and no generation is ever
replaced. Files of runs (checkpoints, pictures) are copied after that moment and before the copy of
the database is put in place, so each file that its rows name is there. A database on a mounted
bucket would be slow and could not be locked, so the live one stays on the local disk.
"""

import contextlib
import filecmp
import os
import secrets
import sqlite3
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from plantedu.errors import PlantEduError, require
from plantedu.jobs import snapshot_generations
from plantedu.jobs.snapshot_files import RUN, STEP, forget, mirror
from plantedu.jobs.snapshot_generations import Generation
from plantedu.store.store import FILE

RUNS = "runs"
TROUBLE = (OSError, sqlite3.Error)


@dataclass(frozen=True)
class Snapshot:
    """What was copied.

    Attributes:
        name: The generation: a new one, or the newest where nothing has changed since.
        database: Bytes of it.
        files: Files of runs that were new or had changed.
        bytes: Of those files.
        warnings: Sentences about what the host should see to.
    """

    name: str
    database: int
    files: int
    bytes: int
    warnings: tuple[str, ...] = ()


def snapshot(folder: Path, to: Path, *, now: float | None = None) -> Snapshot:
    """Copy the store in `folder` to the folder `to`, as a new generation.

    Args:
        folder: Where the store is.
        to: The disk of snapshots.
        now: What time it is, in seconds since 1970.

    Raises:
        PlantEduError: if there is no store, it is damaged, or `to` cannot be written; every
            earlier generation is kept.
    """
    source, now = Path(folder) / FILE, time.time() if now is None else now
    require(source.is_file(), f"There is no store in {folder} yet.")
    require(source.stat().st_size > 0, f"The store in {folder} has 0 bytes; {KEPT}")
    fresh = (
        Path(to)
        / snapshot_generations.FOLDER
        / f".{FILE}.{os.getpid()}-{secrets.token_hex(3)}.part"
    )
    try:
        fresh.parent.mkdir(parents=True, exist_ok=True)
        snapshot_generations.christen(source)
        backup(source, fresh)
        store, rows = snapshot_generations.history(fresh)
        copied = mirror(Path(folder) / RUNS, Path(to) / RUNS)
        made = _place(fresh, store, rows, now)
    except TROUBLE as error:
        raise PlantEduError(
            f"No snapshot of {source} could be written to {to} ({error}); {KEPT}"
        ) from error
    finally:
        with contextlib.suppress(OSError):
            fresh.unlink()
    lost = copied.failed
    said = [f"{len(lost)} files were not copied; the first: {lost[0]}."] if lost else []
    with contextlib.suppress(*TROUBLE):  # a listing that fails costs no snapshot
        said += _others(Path(to), store, rows)
        _tidy(Path(folder) / RUNS, Path(to), now)
    return Snapshot(made.name, made.stat().st_size, copied.files, copied.bytes, tuple(said))


KEPT = "every earlier snapshot is kept."


def _place(fresh: Path, store: str, rows: int, now: float) -> Path:
    """Give a whole copy its name; the newest generation where it is the same to the byte."""
    there = snapshot_generations.generations(fresh.parents[1])
    for one in [one for one in there if one.store == store][:1]:
        if filecmp.cmp(one.path, fresh, shallow=False):
            return one.path
    number = max((one.number for one in there), default=0) + 1
    made = fresh.with_name(snapshot_generations.name_of(number, store, rows, now))
    os.replace(fresh, made)
    return made


def _others(to: Path, store: str, rows: int) -> list[str]:
    """What the host should know of other stores on the same disk: a longer history waits there."""
    others = [one for one in snapshot_generations.generations(to) if one.store != store]
    longest = max((one.rows for one in others), default=0)
    if longest <= rows:
        return []
    return [
        f"{to} also holds a store with a longer history: {longest} rows, this one has {rows}. Both "
        "are kept. If the disk came late: stop, move this store away, start again, and the longer "
        "one is brought back."
    ]


def _tidy(runs: Path, to: Path, now: float) -> None:
    """Remove generations that nobody needs, and files that none of the others needs."""
    found = snapshot_generations.generations(to)
    gone = {one.path for one in snapshot_generations.superfluous(found, now)}
    for path in gone:
        path.unlink(missing_ok=True)
    kept = [one.path for one in found if one.path not in gone]
    forget(
        runs,
        to / RUNS,
        lambda: {run for path in kept for run in snapshot_generations.run_ids(path)},
    )


def restore(folder: Path, source: Path, *, name: str = "") -> str:
    """Bring a generation back where no store is; what was done, in words, "" for nothing.

    A store that is there is left alone if it is sound. One that is damaged is moved aside.

    Args:
        folder: Where the store belongs.
        source: The disk of snapshots.
        name: Which generation; "" for the newest sound one of the store with the longest history.

    Raises:
        PlantEduError: if there are generations and none is sound, or one cannot be copied.
    """
    mine, found = Path(folder) / FILE, _there(Path(source))
    if not found:
        return ""
    aside = _move_aside(mine) if _is_damaged(mine) else ""
    if mine.exists():
        require(not name, f"There is a store in {folder}; move it away, then bring {name} back.")
        return ""
    if name:
        found = [one for one in found if one.path.name == name]
        require(bool(found), f"{source} has no generation {name!r}; see `host generations`.")
    chosen, said = _choose(found)
    try:
        if chosen is None:
            raise sqlite3.DatabaseError(said[0])
        Path(folder).mkdir(parents=True, exist_ok=True)
        steps = _steps(chosen.path)
        copied = mirror(Path(source) / RUNS, Path(folder) / RUNS, wanted=lambda p: _of(p, steps))
        backup(chosen.path, mine)
    except TROUBLE as error:
        raise PlantEduError(
            f"The snapshot in {source} cannot be brought back ({error}). Move it away to begin "
            "with an empty store."
        ) from error
    words = [
        f"restored {chosen.path.name}: {chosen.rows} rows, {copied.files} files.",
        aside,
        *said,
    ]
    words += [f"{len(copied.failed)} files could not be copied."] if copied.failed else []
    return " ".join(filter(None, words))


def _there(source: Path) -> list[Generation]:
    """Every generation, and the one file of a plantedu from before generations."""
    found, old = snapshot_generations.generations(source), source / FILE
    if old.is_file():
        with contextlib.suppress(*TROUBLE):
            store, rows = snapshot_generations.history(old)
            return [*found, Generation(old, -1, "00000000T000000", store, rows)]
        return [*found, Generation(old, -1, "00000000T000000", "00000000", 0)]
    return found


def _choose(found: list[Generation]) -> tuple[Generation | None, list[str]]:
    """The best generation that is sound, and a sentence for each better one that is not."""
    left, said = list(found), list[str]()
    while (one := snapshot_generations.best(left)) is not None:
        try:
            snapshot_generations.history(one.path)
        except TROUBLE as error:
            said.append(f"{one.path.name} cannot be used: {error}.")
            left.remove(one)
        else:
            return one, said
    return None, said


def _is_damaged(path: Path) -> bool:
    """Whether a store is there that cannot be used; one that others hold is not damaged."""
    if not path.exists():
        return False
    try:
        snapshot_generations.history(path)
    except (sqlite3.OperationalError, sqlite3.NotSupportedError):
        return False
    except TROUBLE:
        return True
    return False


def _move_aside(path: Path) -> str:
    """Move a damaged store away with its log, for who wants to look; where to, in words."""
    beside = path.with_name(f"{path.name}.damaged-{secrets.token_hex(3)}")
    for end in ("", "-wal", "-shm"):
        with contextlib.suppress(FileNotFoundError):
            os.replace(f"{path}{end}", f"{beside}{end}")
    return f"The store that was there was damaged; it is {beside.name} now."


def _steps(path: Path) -> dict[str, float]:
    """Up to which step each run's checkpoints belong to a generation."""
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as link:
        rows = link.execute("SELECT id, state, step FROM runs").fetchall()
    return {run: float("inf") if state == "done" else step for run, state, step in rows}


def _of(inside: Path, steps: dict[str, float]) -> bool:
    """Whether a file of `runs/` belongs to the moment of a generation: no later checkpoint."""
    run = inside.parts[0]
    if run not in steps:
        return not RUN.fullmatch(run)
    found = STEP.fullmatch(inside.name)
    return found is None or int(found[1]) <= steps[run]


def backup(source: Path, target: Path) -> None:
    """A whole copy of a database that others may be writing to, on the disk before it has a name.

    Raises:
        sqlite3.Error, OSError: if it cannot be read or written; `target` is then as it was.
    """
    fresh = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        with (
            closing(sqlite3.connect(source, timeout=30)) as one,
            closing(sqlite3.connect(fresh)) as other,
        ):
            one.backup(other)
            other.execute("PRAGMA journal_mode=DELETE")  # one file, without a log beside it
        with contextlib.suppress(OSError):  # a mounted bucket may know no owners
            fresh.chmod(0o600)  # it holds every learner's token
        with fresh.open("rb+") as file:
            os.fsync(file.fileno())
        os.replace(fresh, target)
    finally:
        with contextlib.suppress(OSError):
            fresh.unlink()
