"""Replays: recorded runs written through the store again, at any speed, without compute.

A request is {"recording": name, "speed": 4.0}, or "instant" as the speed. One process without
torch serves all replays at once, so thirty attendees cost one small process.
"""

import contextlib
import shutil
import time
from bisect import bisect_right
from collections.abc import Generator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from plantedu.errors import PlantEduError, require
from plantedu.jobs.heartbeat import Heart
from plantedu.store.database import UNWRITABLE
from plantedu.store.recording import STRIP, Recording, read_recording, recording
from plantedu.store.run import Event, Metric, Run
from plantedu.store.store import Store

EVERY = 0.25  # seconds between two batches of a replay
INSTANT = "instant"
FASTEST = 10_000.0


def speed_of(request: Mapping[str, Any]) -> float:
    """How much faster than recorded a request wants its replay; infinite for "instant".

    Raises:
        PlantEduError: for anything else than a number above 0 or "instant".
    """
    speed = request.get("speed", 1.0)
    if speed == INSTANT:
        return float("inf")
    given = isinstance(speed, int | float) and not isinstance(speed, bool)
    require(
        given and 0 < speed <= FASTEST,
        f"A replay's speed is a number up to {FASTEST:g}, or {INSTANT!r}; got {speed!r}.",
    )
    return float(speed)


class Replay:
    """One recorded run on its way through the store."""

    def __init__(self, store: Store, run: Run) -> None:
        """Go on after what the run has of the recording already.

        Raises:
            PlantEduError: for an unknown recording or speed, or a damaged recording.
        """
        self.store, self.run = store, run
        self.speed = speed_of(run.request)
        self.recording = recording(str(run.request.get("recording")))
        self.rows, self.events = parsed(self.recording)
        self._row_times = [row.seconds or 0.0 for row in self.rows]
        self._event_times = [event.seconds or 0.0 for event in self.events]
        self._before, self._started = store.seconds(run.id), time.monotonic()
        self._row = bisect_right(self._row_times, self._before) if run.step else 0
        self._event = bisect_right(self._event_times, self._before) if run.step else 0
        if (strip := self.recording.folder / STRIP).exists():
            with contextlib.suppress(OSError):  # a full disk costs the picture, not the replay
                shutil.copyfile(strip, store.folder(run.id) / STRIP)
        store.set_step(run.id, run.step, self.recording.steps)

    def due(self) -> tuple[list[Metric], list[Event]]:
        """What has to be written by now."""
        due = self._before + (time.monotonic() - self._started) * self.speed
        if self.speed == float("inf"):
            due = float("inf")
        row, event = bisect_right(self._row_times, due), bisect_right(self._event_times, due)
        return self.rows[self._row : row], self.events[self._event : event]

    def moved(self, rows: Sequence[Metric], events: Sequence[Event]) -> bool:
        """What was due has been written; whether the recording is at its end."""
        self._row, self._event = self._row + len(rows), self._event + len(events)
        return self._row == len(self.rows) and self._event == len(self.events)


def parsed(found: Recording) -> tuple[list[Metric], list[Event]]:
    """All rows and events of a recording, read once for all who replay it.

    Raises:
        PlantEduError: if it is damaged, or not there.
    """
    names = ("metrics.csv.gz", "events.json")
    paths = [path for name in names if (path := found.folder / name).exists()]
    return _parsed(found.folder, found.sha256, tuple(path.stat().st_mtime_ns for path in paths))


@lru_cache(maxsize=4)
def _parsed(folder: Path, sha256: str, changed: tuple[int, ...]) -> tuple[list, list]:
    found = read_recording(folder)
    return found.metrics(), found.events()


def replays(store: Store, heart: Heart) -> Generator[bool, None, None]:
    """Endless turns of the replay lane: all replays at once, and the heart beats for them all."""
    active: dict[str, Replay] = {}
    pending: list[Run] = []
    looked_at = 0.0
    try:
        while True:
            with contextlib.suppress(*UNWRITABLE):  # nothing was lost: the next turn tries again
                begin(store, heart, active, pending)
            if active and time.monotonic() - looked_at >= EVERY:
                looked_at = time.monotonic()
                with contextlib.suppress(*UNWRITABLE):  # what was not written is due next time
                    turn(store, heart.worker, active)
            heart.others = frozenset([*active, *(run.id for run in pending)])
            yield bool(heart.others)
    finally:  # this worker leaves: another one goes on with them
        heart.others = frozenset()
        for run_id in [*active, *(run.id for run in pending)]:
            with contextlib.suppress(PlantEduError):
                store.given_back(run_id, "its worker left", worker=heart.worker)


def begin(store: Store, heart: Heart, active: dict[str, Replay], pending: list[Run]) -> None:
    """Lease replays that wait, for a moment: those that go on already are not kept waiting."""
    until = time.monotonic() + EVERY
    while time.monotonic() < until:
        if not pending:
            run = store.lease("replay", heart.worker)
            if run is None:
                return
            pending.append(run)
            heart.others |= {run.id}
        run = pending[0]
        try:
            active[run.id] = Replay(store, run)
        except UNWRITABLE:
            raise  # it is in our hands, and begun at the next turn
        except PlantEduError as error:
            store.fail(run.id, str(error), worker=heart.worker)
        pending.pop(0)


def turn(store: Store, worker: str, active: dict[str, Replay]) -> None:
    """Move all replays on, and stop those that somebody wishes to stop."""
    wishes = store.heartbeats(list(active), worker)
    due = {run_id: active[run_id].due() for run_id, wish in wishes.items() if wish == "go"}
    store.log_many({run_id: found for run_id, found in due.items() if any(found)})
    ended = [run_id for run_id, found in due.items() if active[run_id].moved(*found)]
    for run_id in ended:
        store.finish(run_id, active[run_id].recording.result or {}, worker=worker)
        del active[run_id]
    for run_id, wish in wishes.items():
        if wish not in ("go", "lost"):
            store.stopped(run_id, wish, worker=worker)
        if wish != "go":
            del active[run_id]
