"""Writes a run's rows in a thread, so that training never waits for the database.

Rows are kept until they are committed: a database that another process holds delays them and
loses none. A full disk stops the training at its next step.
"""

import threading
import time
from types import TracebackType

from plantedu.errors import PlantEduError
from plantedu.store.database import DatabaseBusyError
from plantedu.store.run import Event, Metric
from plantedu.store.store import Store

EVERY = 0.25  # seconds between batches: whoever looks finds what is just new
GIVE_UP_AFTER = 120.0  # seconds that a run waits for a busy database before it fails


class RowWriter:
    """Takes rows at once and commits them in batches; the first batch goes out immediately."""

    def __init__(self, store: Store, run_id: str) -> None:
        self.store, self.run_id = store, run_id
        self.error: PlantEduError | None = None
        self._rows: list[Metric] = []
        self._events: list[Event] = []
        self._step = 0
        self._first = True
        self._change = threading.Condition()
        self._wake, self._end = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._work, name="rows", daemon=True)

    def __enter__(self) -> "RowWriter":
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Commit what is left; if the body failed, its own error is the one to tell."""
        try:
            self.drain()
        except PlantEduError:
            if error is None:
                raise
        finally:
            self._end.set()
            self._wake.set()
            self._thread.join(timeout=10)

    def add(self, rows: list[Metric], step: int) -> None:
        """Take the metrics of a step.

        Raises:
            DiskFullError, PlantEduError: if an earlier batch could not be written for good.
        """
        if self.error is not None:
            raise self.error
        with self._change:
            self._rows += rows
            self._step = step
        if self._first:
            self._first = False
            self._wake.set()

    def add_event(self, event: Event) -> None:
        """Take an event; it is committed with the next batch."""
        with self._change:
            self._events.append(event)

    def drain(self) -> None:
        """Wait until all rows are committed; a checkpoint must not be ahead of its metrics.

        Raises:
            DatabaseBusyError: if another process holds the database for `GIVE_UP_AFTER` seconds.
            DiskFullError: if the disk is full.
        """
        self._wake.set()
        with self._change:
            self._change.wait_for(lambda: self._empty() or self.error, timeout=GIVE_UP_AFTER)
            if self.error is not None:
                raise self.error
            if not self._empty():
                raise DatabaseBusyError(
                    f"Another process has held {self.store.path.name} for {GIVE_UP_AFTER:.0f} s; "
                    "close it, then resume this run."
                )

    def _empty(self) -> bool:
        return not self._rows and not self._events

    def _work(self) -> None:
        while not self._end.is_set() and self.error is None:
            self._wake.wait(EVERY)
            self._wake.clear()
            try:
                self._commit()
            except DatabaseBusyError:
                time.sleep(EVERY)
                self._wake.set()
            except PlantEduError as error:
                with self._change:
                    self.error = error
                    self._change.notify_all()

    def _commit(self) -> None:
        """Write what is here now; it is dropped only after it was committed."""
        with self._change:
            rows, events, step = list(self._rows), list(self._events), self._step
        if rows or events:
            self.store.log(self.run_id, rows, step=step, events=events)
        with self._change:
            del self._rows[: len(rows)], self._events[: len(events)]
            self._change.notify_all()
