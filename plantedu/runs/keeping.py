"""How much of the disk runs and everything rendered may hold, and what goes when it is more.

`PLANTEDU_DISK_GB` is the bound, `BOUND_GB` without it; 0 is none. Whatever can be made again goes
first, what was not used for longest before the rest: banks of rendered pairs, samples, features,
exams. Then files of runs that ended `DAYS` days ago, that nobody has opened since then and that no
other run goes on from, what was opened longest ago first: all but their last checkpoint, then that
one and their pictures. To open is to look at a run on a page or by `runs show`, to export it, and
to take a checkpoint of it (`opened`). Rows, numbers and results of a run stay
until somebody deletes it. Half-written files that nobody has touched for an hour always go.
"""

import contextlib
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from plantedu.errors import PlantEduError, require
from plantedu.runs.run import find
from plantedu.runs.store import Store
from plantedu.runs.thinning import checkpoints_in

BOUND_GB = 20.0
GB = 1e9
CACHES = ("bank", "samples", "features", "told", "report-card", "demo")
KINDS = (*CACHES, "runs", "uploads", "recordings", "logs", "database")
YOUNG = 3600.0  # seconds that a file is thought to be in use
DAYS = 7.0
OPENED = ".opened"  # a file of a run: when it was opened last
LIVE = ("queued", "running", "paused")


@dataclass(frozen=True)
class Held:
    """What is held in the home of plantedu.

    Attributes:
        kinds: Bytes of each kind, those with none left out.
        bound: Bytes that may be held; 0 for no bound.
    """

    kinds: dict[str, int]
    bound: int

    @property
    def total(self) -> int:
        """Bytes of all kinds."""
        return sum(self.kinds.values())

    def __str__(self) -> str:
        parts = ", ".join(f"{kind} {size / 1e6:.1f}" for kind, size in self.kinds.items())
        most = f" of {self.bound / GB:g} GB" if self.bound else ""
        return f"held: {self.total / GB:.2f} GB{most} (MB: {parts or 'nothing'})"


def bound() -> int:
    """Bytes that may be held, by the environment; 0 for no bound.

    Raises:
        PlantEduError: for a setting that is no number of gigabytes.
    """
    said = os.environ.get("PLANTEDU_DISK_GB", "").strip() or str(BOUND_GB)
    try:
        size = float(said)
    except ValueError:
        size = -1.0
    require(0 <= size < 1e9, f"PLANTEDU_DISK_GB is a number of gigabytes, 0 or more; got {said!r}.")
    return round(size * GB)


def held(home: Path) -> Held:
    """What the folder of a store holds, by kind."""
    home = Path(home)
    kinds = {kind: sum(size for _, size, _ in files(home / kind)) for kind in KINDS[:-1]}
    kinds["database"] = sum(path.stat().st_size for path in home.glob("plantedu.sqlite*"))
    return Held({kind: size for kind, size in kinds.items() if size}, bound())


def files(folder: Path) -> Iterator[tuple[Path, int, float]]:
    """Files below a folder with their bytes and when they were last written or used."""
    for place, _, names in os.walk(folder):
        for name in names:
            path = Path(place, name)
            with contextlib.suppress(OSError):
                known = path.lstat()
                yield path, known.st_size, known.st_mtime


def tidy(store: Store, *, now: float, most: int | None = None) -> int:
    """Delete what need not be held; bytes that were freed.

    Args:
        store: Whose home.
        now: What time it is by the wall's clock, as files have it.
        most: Bytes that may be held; `bound()` by default.
    """
    home, most = store.path.parent, bound() if most is None else most
    freed = _parts(home, now)
    over = held(home).total - most if most else 0
    if over > 0:
        gone = _caches(home, now, over)
        freed, over = freed + gone, over - gone
    if over > 0:
        freed += _old_runs(store, now, over)
    return freed


def _parts(home: Path, now: float) -> int:
    """Half-written files that a process left when it was killed."""
    kinds = [*files(home)]
    left = [
        (path, size)
        for path, size, used in kinds
        if path.name.endswith(".part") and abs(now - used) > YOUNG
    ]
    return sum(_delete(path, size) for path, size in left)


def _caches(home: Path, now: float, over: int) -> int:
    """Files that can be made again, what was used longest ago first."""
    found = [one for kind in CACHES for one in files(home / kind) if abs(now - one[2]) > YOUNG]
    freed = 0
    for path, size, _ in sorted(found, key=lambda one: one[2]):
        if freed >= over:
            break
        freed += _delete(path, size)
    return freed


def opened(store: Store, run_id: str) -> None:
    """Note that somebody looks at a run, for `tidy`; what cannot be written is not missed."""
    folder = store.path.parent / "runs" / run_id
    with contextlib.suppress(OSError):
        if folder.is_dir():
            (folder / OPENED).touch(mode=0o600)


def _last_opened(store: Store, run_id: str) -> float:
    """When a run was opened last, by the wall's clock; 0 where nobody has."""
    try:
        return (store.path.parent / "runs" / run_id / OPENED).stat().st_mtime
    except OSError:
        return 0.0


def _old_runs(store: Store, now: float, over: int) -> int:
    """Files of runs that nobody uses: first all but the last checkpoint of each, then all."""
    ended = store.clock() - DAYS * 86_400
    with store.database.read() as link:
        old = link.execute(
            "SELECT id FROM runs WHERE state IN ('done', 'failed', 'cancelled') AND ended < ? AND "
            "id NOT IN (SELECT parent FROM runs WHERE parent IS NOT NULL) ORDER BY ended",
            (ended,),
        ).fetchall()
    used = {run_id: _last_opened(store, run_id) for (run_id,) in old}
    unused = [run_id for (run_id,) in old if now - used[run_id] > DAYS * 86_400]
    freed = 0
    for last in (False, True):
        for run_id in sorted(unused, key=used.__getitem__):
            if freed >= over:
                return freed
            freed += _strip(store, run_id, last=last)
    return freed


def _strip(store: Store, run_id: str, *, last: bool) -> int:
    """Delete checkpoints of an old run but the last, or all of its files; its events say so."""
    folder = store.path.parent / "runs" / run_id
    there = checkpoints_in(folder)
    chosen = [there[step] for step in sorted(there)[:-1]] if not last else None
    sizes = {path: size for path, size, _ in files(folder) if chosen is None or path in chosen}
    freed = sum(_delete(path, size) for path, size in sizes.items())
    if freed:
        what = "its files" if last else "its checkpoints but the last"
        with contextlib.suppress(PlantEduError):
            store.event(run_id, store.run(run_id).step, "cleaned", f"{what}: the disk was needed")
    return freed


def _delete(path: Path, size: int) -> int:
    try:
        path.unlink()
    except OSError:
        return 0
    return size


def delete(store: Store, run_id: str) -> int:
    """Forget a run: its row, numbers, events, shares and files; bytes of the files.

    Raises:
        PlantEduError: if there is no such run, it is not over, or another one that is not over
            was started from it.
    """
    folder = store.path.parent / "runs" / store.run(run_id).id
    with store.database.write() as link:
        number, run = find(link, run_id)
        require(
            run.over,
            f"Run {run_id} is {run.state}; cancel it first: python -m plantedu runs cancel "
            f"{run_id}",
        )
        marks = ", ".join("?" * len(LIVE))
        child = link.execute(
            f"SELECT id FROM runs WHERE parent = ? AND state IN ({marks})", (run_id, *LIVE)
        ).fetchone()
        require(child is None, f"Run {child and child['id']} begins from run {run_id}; it waits.")
        for table, column in (("metrics", "run"), ("events", "run"), ("shares", "run")):
            link.execute(f"DELETE FROM {table} WHERE {column} = ?", (number,))
        link.execute("DELETE FROM runs WHERE number = ?", (number,))
    size = sum(size for _, size, _ in files(folder))
    shutil.rmtree(folder, ignore_errors=True)
    return size
