"""Replays: recorded runs written through the store again, at any speed, without compute.

A request is {"recording": name, "speed": 4.0}, or "instant" as the speed. One process without
torch serves all replays at once, so thirty attendees cost one small process.
"""

import contextlib
import shutil
import time
from bisect import bisect_right
from collections.abc import Generator, Mapping
from typing import Any

from plantedu.errors import PlantEduError, require
from plantedu.runs.database import DatabaseBusyError
from plantedu.runs.heart import Heart
from plantedu.runs.recording import STRIP, recording
from plantedu.runs.reserve import persist
from plantedu.runs.run import Run
from plantedu.runs.store import Store

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
        self.rows, self.events = self.recording.metrics(), self.recording.events()
        self._row_times = [row.seconds or 0.0 for row in self.rows]
        self._event_times = [event.seconds or 0.0 for event in self.events]
        self._before, self._started = store.seconds(run.id), time.monotonic()
        self._row = bisect_right(self._row_times, self._before) if run.step else 0
        self._event = bisect_right(self._event_times, self._before) if run.step else 0
        if (strip := self.recording.folder / STRIP).exists():
            shutil.copyfile(strip, store.folder(run.id) / STRIP)
        store.set_step(run.id, run.step, self.recording.steps)

    def advance(self) -> bool:
        """Write what is due by now; whether the recording is at its end."""
        due = self._before + (time.monotonic() - self._started) * self.speed
        if self.speed == float("inf"):
            due = float("inf")
        row = bisect_right(self._row_times, due)
        event = bisect_right(self._event_times, due)
        if row > self._row or event > self._event:
            rows, events = self.rows[self._row : row], self.events[self._event : event]
            step = max((r.step for r in rows), default=None)
            self.store.log(self.run.id, rows, step=step, events=events)
            self._row, self._event = row, event
        return row == len(self.rows) and event == len(self.events)


def replays(store: Store, heart: Heart) -> Generator[bool, None, None]:
    """Endless turns of the replay lane: all replays at once."""
    active: dict[str, Replay] = {}
    looked_at = 0.0
    while True:
        with contextlib.suppress(DatabaseBusyError):  # nothing was lost: the next turn tries again
            begin(store, heart.worker, active)
        if time.monotonic() - looked_at >= EVERY:
            looked_at = time.monotonic()
            for run_id in list(active):
                turn(store, heart.worker, active, run_id)
        yield bool(active)


def begin(store: Store, worker: str, active: dict[str, Replay]) -> None:
    """Lease every replay that waits."""
    while (run := store.lease("replay", worker)) is not None:
        try:
            active[run.id] = Replay(store, run)
        except PlantEduError as error:
            store.fail(run.id, str(error), worker=worker)


def turn(store: Store, worker: str, active: dict[str, Replay], run_id: str) -> None:
    """Move one replay on, or stop it when somebody wishes that."""
    replay = active[run_id]
    try:
        wish = store.heartbeat(run_id, worker)
        if wish == "go" and not replay.advance():
            return
        if wish == "go":
            store.finish(run_id, replay.recording.result or {}, worker=worker)
        elif wish != "lost":
            store.stopped(run_id, wish, worker=worker)
    except DatabaseBusyError:
        return  # what was not written is written at the next turn
    except PlantEduError as error:
        message = str(error)
        persist(lambda: store.fail(run_id, message, worker=worker), store.path.parent)
    del active[run_id]
