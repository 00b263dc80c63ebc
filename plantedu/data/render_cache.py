"""A bank of rendered pairs on disk, so that a training run renders each plant once.

Chunk c holds plants 64 c to 64 c + 63 of a world, whatever number of pairs is asked for, in one
uncompressed file under <folder>/<world>-<hash>-<size>/. Any process may fill any chunk that is
missing: it is written under another name and renamed, so nobody reads half a file. A chunk that
does not read back (its checksum is wrong) is rendered again.

`python -m plantedu.data.render_cache --folder DIR --pairs 4096` renders ahead, at low priority.
"""

import argparse
import contextlib
import os
import sys
import threading
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from uuid import uuid4

import numpy as np
from jaxtyping import UInt8
from numpy.typing import ArrayLike

from plantedu.data.renderer.pairs import render
from plantedu.data.renderer.worlds import World, draw_factors, plant_indices, world, world_hash
from plantedu.errors import FULL, DiskFullError, PlantEduError, require
from plantedu.whole_files import read_arrays

CHUNK = 64  # pairs in a file


class Bank:
    """The first `pairs` plants of a world, rendered when they are first wanted.

    Args:
        world: How plants are drawn.
        pairs: How many there are.
        size: Pixels on each side.
        folder: Where banks lie; None keeps this one in memory alone.

    Raises:
        PlantEduError: for fewer than one pair.
    """

    def __init__(self, world: World, *, pairs: int, size: int = 64, folder: Path | None) -> None:
        require(pairs >= 1, f"A bank holds at least one pair; got {pairs!r}.")
        self.world, self.pairs, self.size = world, pairs, size
        self.folder = None if folder is None else bank_folder(world, size, folder)
        room = (chunks(pairs) * CHUNK, 3, size, size)
        self._x1, self._x2 = np.empty(room, dtype=np.uint8), np.empty(room, dtype=np.uint8)
        self._held = np.zeros(chunks(pairs), dtype=bool)

    def __len__(self) -> int:
        return self.pairs

    @cached_property
    def factors(self) -> dict[str, np.ndarray]:
        """Columns of draws of every pair; nothing is rendered for them."""
        return draw_factors(self.world, np.arange(self.pairs))

    def take(
        self, indices: ArrayLike
    ) -> tuple[UInt8[np.ndarray, "pair 3 size size"], UInt8[np.ndarray, "pair 3 size size"]]:
        """x1 and x2 of the pairs at `indices`; renders the chunks that nobody has rendered yet.

        A chunk is rendered whole: indices that lie close together cost least the first time.

        Raises:
            PlantEduError: for an index outside the bank, or a folder that cannot be written.
            DiskFullError: where the disk has no room for a new chunk.
        """
        rows = plant_indices(indices)
        last = int(rows.max(initial=0))
        require(last < self.pairs, f"The bank holds pairs 0 to {self.pairs - 1}; got {last}.")
        for chunk in np.unique(rows // CHUNK).tolist():
            if not self._held[chunk]:
                self._hold(chunk)
        return self._x1[rows], self._x2[rows]

    def ready(self) -> int:
        """How many pairs are rendered: on disk, or in memory where the bank has no folder."""
        if self.folder is None:
            there = np.flatnonzero(self._held).tolist()
        else:
            there = [c for c in range(chunks(self.pairs)) if _file(self.folder, c).exists()]
        return sum(min(CHUNK, self.pairs - CHUNK * c) for c in there)

    def _hold(self, chunk: int) -> None:
        """Bring one chunk into memory, from disk or from the renderer."""
        rows = slice(chunk * CHUNK, (chunk + 1) * CHUNK)
        self._x1[rows], self._x2[rows] = _chunk(self.world, self.size, self.folder, chunk)
        self._held[chunk] = True


def bank_folder(world: World, size: int, folder: Path) -> Path:
    """Where the chunks of a world at a size lie under `folder`."""
    return Path(folder) / f"{world.name}-{world_hash(world)}-{size}"


def chunks(pairs: int) -> int:
    """How many chunks hold `pairs` pairs."""
    return -(-pairs // CHUNK)


def fill(world: World, *, pairs: int, size: int, folder: Path, start: int = 0) -> Iterator[int]:
    """Render what is missing on disk, from pair `start` on and then from the beginning.

    Args:
        world, pairs, size, folder: As for `Bank`.
        start: Pair whose chunk comes first; those before it come last.

    Yields:
        The number of pairs that are now seen to, after each chunk.
    """
    home, total, done = bank_folder(world, size, folder), chunks(pairs), 0
    for step in range(total):
        chunk = (start // CHUNK + step) % total
        if not _file(home, chunk).exists():
            _chunk(world, size, home, chunk)
        done += min(CHUNK, pairs - CHUNK * chunk)
        yield done


def _chunk(
    world: World, size: int, folder: Path | None, chunk: int
) -> tuple[np.ndarray, np.ndarray]:
    """x1 and x2 of a chunk: read where they can be read, rendered and written where not."""
    if folder is not None and (kept := _read(_file(folder, chunk), size)):
        return kept
    pairs = render(world, np.arange(chunk * CHUNK, (chunk + 1) * CHUNK), size=size)
    if folder is not None:
        _write(_file(folder, chunk), pairs.x1, pairs.x2)
    return pairs.x1, pairs.x2


def _file(folder: Path, chunk: int) -> Path:
    return folder / f"chunk-{chunk:05d}.npz"


def _read(file: Path, size: int) -> tuple[np.ndarray, np.ndarray] | None:
    """The arrays of a file; None where it is missing, damaged or of another shape."""
    kept = read_arrays(file, ("x1", "x2"))
    if kept is None:
        return None
    x1, x2 = kept["x1"], kept["x2"]
    right = all(x.shape == (CHUNK, 3, size, size) and x.dtype == np.uint8 for x in (x1, x2))
    return (x1, x2) if right else None


def _write(file: Path, x1: np.ndarray, x2: np.ndarray) -> None:
    """Write under another name, then rename: a reader sees all of it or nothing."""
    part = file.with_name(f".{file.stem}-{uuid4().hex}.part")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with part.open("wb") as stream:
            np.savez(stream, x1=x1, x2=x2)
        os.replace(part, file)
    except OSError as error:
        with contextlib.suppress(OSError):
            part.unlink()
        if isinstance(error, PermissionError) and file.exists():
            return  # another process wrote it and, on Windows, somebody is reading it
        raise _sentence(error, file, x1.nbytes + x2.nbytes) from error


def _sentence(error: OSError, file: Path, needed: int) -> PlantEduError:
    """What to tell a person whose disk did not take a chunk."""
    if error.errno in FULL:
        return DiskFullError(
            f"The disk is full: {file.name} needs {needed / 1e6:.0f} MB in {file.parent}. "
            "Rendered pairs before it are kept; free some space and start again."
        )
    return PlantEduError(f"Cannot write rendered pairs to {file.parent}: {error.strerror}.")


def main() -> None:
    """Render ahead from a terminal or a second process."""
    parser = argparse.ArgumentParser(
        prog="python -m plantedu.data.render_cache", description=fill.__doc__
    )
    parser.add_argument("--world", default="field")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--pairs", type=int, required=True)
    parser.add_argument("--size", type=int, default=64)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--start", type=int, default=0)
    parser.add_argument("--leashed", action="store_true", help="end when standard input closes")
    knobs = vars(parser.parse_args())
    if knobs.pop("leashed"):
        threading.Thread(target=_end_with_parent, daemon=True).start()
    if hasattr(os, "nice"):
        os.nice(10)
    try:
        chosen = world(knobs.pop("world"), knobs.pop("seed"))
        for done in fill(chosen, **knobs):
            print(f"\r{done} of {knobs['pairs']} pairs", end="", flush=True)
        print()
    except PlantEduError as error:
        raise SystemExit(f"\n{error}") from None


def _end_with_parent() -> None:
    """Leave at once when standard input closes: whoever started this is gone."""
    sys.stdin.buffer.read()
    os._exit(0)  # chunks are renamed when whole, so nothing half-written counts


if __name__ == "__main__":
    main()
