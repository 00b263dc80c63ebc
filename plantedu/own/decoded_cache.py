"""Pictures decoded once: a memory map on disk, keyed by files and settings.

    key = sha256 of (version, size, crop, and of each file: place, bytes, time of its last change)

The second time a set is opened nothing is decoded. A file that was changed, added or taken away
gives another key. What is kept takes no more than `MOST` bytes; the sets that were not opened for
longest go first. Memory stays small: rows are written to the map as they are decoded, by a process
for each core where there are many.

Lesson: 01_pairs.
"""

import hashlib
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from queue import SimpleQueue
from typing import Any
from uuid import uuid4

import numpy as np

from plantedu.errors import PlantEduError
from plantedu.own.decode_rows import decoded
from plantedu.own.squares import Crop
from plantedu.shipped_files import source
from plantedu.store.paths import home

VERSION = 2
MANY = 64  # things; fewer are decoded here, and not kept
MOST = 8 * 2**30  # bytes of all sets
PROCESSES = 4  # at most
Progress = Callable[[Iterable], Iterable]
Said = tuple[int, str, str]  # row, why it could not be read, what it held
Squares = tuple[np.ndarray, list[str], list[str]]


def squares_of(
    files: Sequence[tuple[Path, ...]], *, size: int, crop: Crop, progress: Progress = iter
) -> Squares:
    """The squares of things' files, and why each could not be read.

    Args:
        files: Of each thing one a camera, as many for each.
        size, crop: See `own.images.images`.
        progress: Wraps what is read, such as tqdm.

    Returns:
        uint8 "cameras read 3 size size" of the things that could be read, a memory map where there
        are many; a sentence a thing, "" where it was read; and what each held if not 8-bit RGB.
    """
    shape = (len(files[0]) if files else 1, len(files), 3, size, size)
    if len(files) < MANY:
        whole = np.zeros(shape, np.uint8)
        said = [decoded(whole, row, list(files[row]), size, crop)
                for row in progress(range(len(files)))]  # fmt: skip
        reasons = [reason for reason, _ in said]
        return whole[:, : _together(whole, reasons)], reasons, [held for _, held in said]
    folder, key = home() / "pictures", key_of(files, size, crop)
    with suppress(OSError, ValueError, KeyError):
        return _kept(folder, key, shape)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _make_room(folder, int(np.prod(shape)))
        return _read_anew(folder, key, shape, files, crop, progress)
    except OSError as error:
        raise PlantEduError(
            f"Decoded pictures cannot be kept in {folder}: {error.strerror}. PLANTEDU_HOME names "
            "another folder."
        ) from error


def key_of(files: Sequence[tuple[Path, ...]], size: int, crop: Crop) -> str:
    """What a set is known by: changes with any file and any setting."""
    rows = []
    for one in files:
        states = []
        for file in one:
            with suppress(OSError):  # one that is gone is reported when it is read
                state = file.stat()
                states.append((str(file.resolve()), state.st_size, state.st_mtime_ns))
        rows.append(states)
    return hashlib.sha256(json.dumps([VERSION, size, crop, rows]).encode()).hexdigest()[:32]


def _kept(folder: Path, key: str, shape: tuple[int, ...]) -> Squares:
    """A set that was decoded before; raises OSError or ValueError where there is none."""
    said = json.loads((folder / f"{key}.json").read_text(encoding="utf-8"))
    reasons, held = said["reasons"], said["held"]
    file = folder / f"{key}.npy"
    whole = np.load(file, mmap_mode="c", allow_pickle=False)
    if whole.shape != shape or len(reasons) != shape[1]:
        raise ValueError("another set")
    os.utime(file)
    return whole[:, : reasons.count("")], reasons, held


def _read_anew(
    folder: Path,
    key: str,
    shape: tuple[int, ...],
    files: Sequence[tuple[Path, ...]],
    crop: Crop,
    progress: Progress,
) -> Squares:
    part = folder / f"{key}.{uuid4().hex[:8]}.part"
    try:
        np.lib.format.open_memmap(part, "w+", np.uint8, shape).flush()
        reasons, held = [""] * len(files), [""] * len(files)
        said = _by_processes(part, files, shape[-1], crop)
        for row, reason, other in _progressing(said, len(files), progress):
            reasons[row], held[row] = reason, other
        whole = np.lib.format.open_memmap(part, "r+")
        _together(whole, reasons)
        whole.flush()
        cache_notes = json.dumps({"reasons": reasons, "held": held})
        (folder / f"{key}.json").write_text(cache_notes, encoding="utf-8")
        part.replace(folder / f"{key}.npy")
    finally:
        part.unlink(missing_ok=True)
    return _kept(folder, key, shape)


def _together(whole: np.ndarray, reasons: list[str]) -> int:
    """Move the rows that were read to the front; how many they are."""
    read = [row for row, reason in enumerate(reasons) if not reason]
    for place, row in enumerate(read):
        if place != row:
            whole[:, place] = whole[:, row]
    return len(read)


def _progressing(found: Iterator[Said], count: int, progress: Progress) -> Iterator[Said]:
    """What is found, one for each step of the progress."""
    for _ in progress(range(count)):
        yield next(found)


def _by_processes(
    part: Path, files: Sequence[tuple[Path, ...]], size: int, crop: Crop
) -> Iterator[Said]:
    """Each row as it is done, by a process for each core.

    Raises:
        PlantEduError: where a process ends before its rows are done.
    """
    count = max(1, min(PROCESSES, os.cpu_count() or 1))
    said: SimpleQueue[Said | None] = SimpleQueue()
    rows = [[k, [str(file) for file in one]] for k, one in enumerate(files)]
    words = {"file": str(part), "size": size, "crop": crop}
    crew = [_process(words | {"rows": rows[k::count]}, said) for k in range(count)]
    try:
        ended = 0
        while ended < count:
            one = said.get()
            if one is None:
                ended += 1
            else:
                yield one
        codes = [process.wait() for process in crew]
        if any(codes):
            raise PlantEduError("A process that decodes pictures has ended before it was done.")
    finally:
        for process in crew:
            process.kill()
            process.wait()


def _process(asked: dict[str, Any], said: SimpleQueue) -> subprocess.Popen[str]:
    """A process that decodes some rows, and a thread that hears it."""
    made = subprocess.Popen(
        [sys.executable, "-m", "plantedu.own.decode_rows"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=source(),
    )

    def hear() -> None:
        assert made.stdin is not None
        assert made.stdout is not None
        with suppress(OSError), made.stdin as stdin:  # one that has died is heard below
            json.dump(asked, stdin)
        with made.stdout as stdout:
            for line in stdout:
                said.put(tuple(json.loads(line)))
        said.put(None)

    threading.Thread(target=hear, daemon=True).start()
    return made


def _make_room(folder: Path, wanted: int) -> None:
    """Drop the sets that were not opened for longest, until what is wanted fits."""
    sets = sorted(folder.glob("*.npy"), key=lambda file: file.stat().st_mtime)
    total = sum(file.stat().st_size for file in sets) + wanted
    for file in sets:
        if total <= MOST:
            return
        total -= file.stat().st_size
        file.with_suffix(".json").unlink(missing_ok=True)
        file.unlink(missing_ok=True)
