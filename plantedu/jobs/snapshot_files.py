"""Files of runs on the disk of snapshots: those that are new or have changed are copied.

Others write and delete while this reads: a file that vanishes is passed over, a file that is
half written (`.part`, and names with a dot) is not looked at.
"""

import contextlib
import os
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

STEP = re.compile(r"step-(\d+)\.safetensors")
RUN = re.compile(r"[0-9a-f]{8}")


@dataclass
class Copied:
    """What a mirror did.

    Attributes:
        files, bytes: That were new or had changed.
        failed: A sentence for each file that could not be copied; the others were.
    """

    files: int = 0
    bytes: int = 0
    failed: list[str] = field(default_factory=list)


def mirror(source: Path, target: Path, *, wanted: Callable[[Path], bool] | None = None) -> Copied:
    """Copy files that are new or have another size or time.

    Args:
        source, target: Folders.
        wanted: Which files, by their path below `source`; None for all.
    """
    found = Copied()
    for path in whole_files(source):
        inside = path.relative_to(source)
        if wanted is not None and not wanted(inside):
            continue
        try:
            size = _copy(path, target / inside)
        except FileNotFoundError:
            if path.exists():  # else it went while we looked, and nobody misses it
                found.failed.append(f"{inside}: its folder went")
        except OSError as error:
            found.failed.append(f"{inside}: {error.strerror or error}")
        else:
            found.files += size is not None
            found.bytes += size or 0
    return found


def whole_files(folder: Path) -> Iterator[Path]:
    """Files below a folder, sorted; no links, none that is being written."""
    for place, folders, names in os.walk(folder):  # errors of vanished folders are passed over
        folders.sort()
        for name in sorted(names):
            path = Path(place, name)
            if not name.startswith(".") and not name.endswith(".part") and not path.is_symlink():
                yield path


def _copy(path: Path, other: Path) -> int | None:
    """Copy a file whole or not at all; its bytes, None where the copy is there already."""
    known = path.stat()
    with contextlib.suppress(FileNotFoundError):
        if _same(known, other.stat()):
            return None
    other.parent.mkdir(parents=True, exist_ok=True)
    fresh = other.with_name(f".{other.name}.part")
    try:
        shutil.copy2(path, fresh)
        os.replace(fresh, other)
    except OSError:
        with contextlib.suppress(OSError):
            fresh.unlink()
        raise
    return known.st_size


def _same(one: os.stat_result, other: os.stat_result) -> bool:
    """Whether size and time are the same, as finely as the other disk holds a time."""
    whole = other.st_mtime_ns % 1_000_000_000 == 0
    times = [int(s.st_mtime) if whole else s.st_mtime_ns for s in (one, other)]
    return one.st_size == other.st_size and times[0] == times[1]


def forget(source: Path, target: Path, known: Callable[[], set[str]]) -> int:
    """Delete copies that no generation needs; how many files.

    Those of runs that are gone here and that no kept generation knows, and checkpoints that their
    run has thinned out while it has a later one.

    Args:
        source, target: The folders of runs, here and on the disk of snapshots.
        known: Ids of the runs in every kept generation; asked only where some run is gone.
    """
    gone, needed = 0, None
    for folder in sorted(target.iterdir()) if target.is_dir() else []:
        mine = source / folder.name
        if RUN.fullmatch(folder.name) and not mine.exists():
            needed = known() if needed is None else needed
            if folder.name not in needed:
                gone += sum(1 for _ in whole_files(folder))
                shutil.rmtree(folder, ignore_errors=True)
            continue
        here, there = (_steps(one / "checkpoints") for one in (mine, folder))
        for step in there.keys() - here.keys():
            if here and step < max(here):
                with contextlib.suppress(OSError):
                    there[step].unlink()
                    gone += 1
    return gone


def _steps(folder: Path) -> dict[int, Path]:
    """Checkpoints by their step."""
    with contextlib.suppress(OSError):
        return {int(m[1]): p for p in folder.iterdir() if (m := STEP.fullmatch(p.name))}
    return {}
