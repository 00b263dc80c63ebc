"""A worker's heart: a thread that says "I live" and listens for cancel and pause.

A step, a first rendering or an import may take seconds; the heart beats beside them. Who does not
notice a cancel by itself is interrupted, and who does not react to that either is `stuck`.
"""

import _thread
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Protocol

from plantedu.errors import PlantEduError
from plantedu.jobs.lanes import beat_lane
from plantedu.store.store import Store

EVERY = 0.4  # seconds between beats
INTERRUPT_AFTER = 0.5  # seconds that a job has to notice a cancel by itself
STUCK_AFTER = 1.0
REAP_EVERY = 1.0


class Calm:
    """Says whether the wall clock has run evenly lately: after a jump, everybody looks silent."""

    def __init__(self, *, settle: float = 5.0) -> None:
        self.settle, self._offset, self._since = settle, time.time() - time.monotonic(), -1e9

    def __call__(self) -> bool:
        """False from a jump of more than a second until `settle` seconds after it."""
        offset = time.time() - time.monotonic()
        if abs(offset - self._offset) > 1.0:
            self._offset, self._since = offset, time.monotonic()
        return time.monotonic() - self._since > self.settle


class Hears(Protocol):
    """Who does a run hears by this what is wished of it.

    Attributes:
        worker: In whose name the run is done.
        wish: "", "cancel", "pause" or "lost".
    """

    worker: str
    wish: str

    def hold(self, run_id: str) -> None:
        """A run begins."""

    def release(self) -> None:
        """The run has ended."""


class Heart:
    """Beats for one worker and for the runs in its hands.

    The heart of a lane also takes runs back from workers that have fallen silent, on any lane and
    while its own worker computes, so that no run hangs for want of somebody who looks.

    Attributes:
        others: Runs that the worker does beside, whose wishes it asks for itself.
        wish: "", "cancel", "pause", or "lost" when the run belongs to somebody else by now.
        leave: Whether the worker should go: newer code waits, its lane or its store is gone.
    """

    def __init__(
        self,
        store: Store,
        worker: str,
        *,
        lane: str = "",
        stuck: Callable[[str], None] | None = None,
    ) -> None:
        """Take the lane's pulse too where `lane` is given.

        Args:
            stuck: Called with the run's id when a cancelled job goes on for `STUCK_AFTER`
                seconds; without it jobs are never interrupted.
        """
        self.store, self.worker, self.lane, self.stuck = store, worker, lane, stuck
        self.wish, self.leave, self.run_id = "", False, ""
        self.others: frozenset[str] = frozenset()
        self._calm, self._reaped = Calm(), time.monotonic()
        self.asked = ""  # a wish from this process itself, such as Ctrl-C
        self._cancelled = 0.0
        self._interrupted = False
        self._hands, self._end = threading.Lock(), threading.Event()
        self._thread = threading.Thread(target=self._beat, name="heart", daemon=True)

    def __enter__(self) -> "Heart":
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._end.set()
        self._thread.join(timeout=10)

    def hold(self, run_id: str) -> None:
        """Beat for this run from now on."""
        with self._hands:
            self.run_id, self.wish, self._cancelled, self._interrupted = run_id, "", 0.0, False

    def release(self) -> None:
        """Beat for no run; after this, nobody is interrupted."""
        try:
            with self._hands:
                self.run_id = ""
            if self._interrupted:
                time.sleep(0.01)  # an interrupt that is on its way arrives here
        except KeyboardInterrupt:
            self.run_id = ""

    def _beat(self) -> None:
        while not self._end.wait(EVERY):
            try:
                self._ask()
            except PlantEduError:
                continue  # busy or full: the next beat tries again
            with self._hands:
                if self.run_id and self.wish == "cancel":
                    self._press()

    def _ask(self) -> None:
        if not self.store.path.exists():
            self.leave, self.wish = True, "lost"
            return
        if self.lane and beat_lane(self.store, self.lane, self.worker) != "stay":
            self.leave = True
        if self.others:
            self.store.heartbeats(sorted(self.others), self.worker)
        self._ask_wish()
        if self.lane and self._calm() and time.monotonic() - self._reaped > REAP_EVERY:
            self._reaped = time.monotonic()
            self.store.reap()

    def _ask_wish(self) -> None:
        run_id = self.run_id
        if run_id:
            wish = self.store.heartbeat(run_id, self.worker)
            with self._hands:
                if self.run_id == run_id:
                    self.wish = self.asked if wish == "go" else wish

    def _press(self) -> None:
        """Make a job stop that has not noticed its cancel."""
        self._cancelled = self._cancelled or time.monotonic()
        waited = time.monotonic() - self._cancelled
        if self.stuck is None or waited < INTERRUPT_AFTER:
            return
        if not self._interrupted:
            self._interrupted = True
            _thread.interrupt_main()
        elif waited > STUCK_AFTER:
            self.stuck(self.run_id)
