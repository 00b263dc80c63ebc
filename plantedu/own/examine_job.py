"""`examine` for a page: a worker's run, on the leaves that ship with lesson 12.

Sections are kept as they come. Who cancels and asks again goes on where it stood.

Lesson: 12_own.
"""

import json
import shutil
from pathlib import Path
from typing import Any

from plantedu.own.examination.page_settings import LEAVES, Settings
from plantedu.own.examine import examine
from plantedu.own.images import images
from plantedu.own.model import model
from plantedu.serialization import revived
from plantedu.store.run import PHASE
from plantedu.store.work import Work

MOST = 100  # examinations whose sections are kept


def job(work: Work) -> dict[str, Any]:
    """Examine what a request names, a section after the other.

    Raises:
        PlantEduError: for a request that names a file or a module, or what cannot be examined.
        StoppedError: when the run is cancelled; sections that are done stay.
    """
    asked = revived(Settings, Settings().as_json() | dict(work.run.request))
    me = model(asked.encoder)

    def progress(said: str) -> None:
        work.check()
        work.store.event(work.run.id, 0, PHASE, said)

    def step(done: int, of: int) -> None:
        work.store.set_step(work.run.id, done, of)

    keep = work.store.path.parent / "examined"
    found = examine(
        me,
        images(f"npz:{LEAVES}", size=me.side),
        quick=asked.quick,
        seed=asked.seed,
        progress=progress,
        step=step,
        keep=keep,
    )
    _tidied(keep)
    return json.loads(json.dumps(found.as_json(), default=str))


def _tidied(folder: Path) -> None:
    """Drop the sections of the oldest examinations: a server examines for many."""
    kept = sorted(folder.iterdir(), key=lambda one: one.stat().st_mtime)
    for old in kept[:-MOST]:
        shutil.rmtree(old, ignore_errors=True)
