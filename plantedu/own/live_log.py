"""Where a loop's numbers go while it runs: nowhere, into the notebook's cell, or into the store.

The store is what the page Live training reads. A run of somebody's own loop is in it as any other,
of the kind "loop"; a thread says every two seconds that its process lives.

Lesson: 04_family.
"""

import json
import os
import secrets
import threading
import time
from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any, Protocol

from plantedu.charts.chart import Drawing
from plantedu.errors import PlantEduError, require
from plantedu.store.run import LOOP, Event, Metric
from plantedu.store.store import Store

BEAT, FLUSH, DRAW = 2.0, 1.0, 3.0  # seconds
SHOWS = ("notebook", "app")


class Log(Protocol):
    """What a sink may look at."""

    step_count: int

    def chart(self, *, dark: bool = False) -> Drawing:
        """The chart of now."""
        ...


class Sink:
    """Nobody looks.

    Attributes:
        stop_asked: Whether somebody who looks asked the loop to stop.
    """

    stop_asked = False

    def begin(self, name: str, request: Mapping[str, Any]) -> None:
        """The loop begins."""

    def log(self, log: Log, rows: Sequence[Metric]) -> None:
        """Numbers of a step."""

    def event(self, event: Event) -> None:
        """Something happened."""

    def end(self, log: Log, last: Mapping[str, float], error: str) -> None:
        """The loop is over, with its last numbers, or because of an error."""


class NotebookSink(Sink):
    """The chart in the cell, drawn again every three seconds and at the end."""

    def __init__(self) -> None:
        """Look for IPython.

        Raises:
            PlantEduError: where there is none.
        """
        try:
            self.show = import_module("IPython.display").display
        except ImportError as error:
            raise PlantEduError("show='notebook' needs IPython; show='app' does not.") from error
        self.handle: Any = None
        self.drawn = 0.0

    def log(self, log: Log, rows: Sequence[Metric]) -> None:
        if rows and time.monotonic() - self.drawn >= DRAW:
            self._draw(log)

    def end(self, log: Log, last: Mapping[str, float], error: str) -> None:
        if last:
            self._draw(log)

    def _draw(self, log: Log) -> None:
        self.drawn = time.monotonic()
        chart = log.chart()
        bundle = {
            "application/vnd.vegalite.v5+json": json.loads(chart.vega_lite()),
            "text/plain": chart.alt,
        }
        if self.handle is None:
            self.handle = self.show(bundle, raw=True, display_id=True)
        else:
            self.handle.update(bundle, raw=True)


class StoreSink(Sink):
    """A run in the store, of the kind "loop"."""

    def __init__(self) -> None:
        self.store, self.run, self.worker = (
            Store(),
            "",
            f"loop-{os.getpid()}-{secrets.token_hex(3)}",
        )
        self.rows: list[Metric] = []
        self.events: list[Event] = []
        self.written, self.said = 0.0, "go"
        self._over = threading.Event()

    def begin(self, name: str, request: Mapping[str, Any]) -> None:
        self.run = self.store.submit(
            LOOP, request, lane="training", name=name, fresh=True, worker=self.worker
        )
        self._over.clear()
        threading.Thread(target=self._live, daemon=True).start()

    def log(self, log: Log, rows: Sequence[Metric]) -> None:
        self.rows += rows
        if time.monotonic() - self.written >= FLUSH:
            self._write(log.step_count)

    def event(self, event: Event) -> None:
        self.events.append(event)

    def end(self, log: Log, last: Mapping[str, float], error: str) -> None:
        if not self.run:
            return
        self._write(log.step_count)
        self._over.set()
        if error:
            self.store.fail(self.run, f"The loop ended by {error}", worker=self.worker)
        elif self.said in ("cancel", "pause"):
            self.store.stopped(self.run, "cancel", worker=self.worker)
        else:
            self.store.finish(self.run, last, worker=self.worker)
        self.store.close()

    def _write(self, step: int) -> None:
        self.written = time.monotonic()
        self.store.log(self.run, self.rows, step=step, events=self.events)
        self.rows, self.events = [], []

    def _live(self) -> None:
        store = Store(self.store.path)
        while not self._over.wait(BEAT):
            self.said = store.heartbeat(self.run, self.worker)
            self.stop_asked = self.stop_asked or self.said != "go"
        store.close()


def sink_of(show: str | None) -> Sink:
    """Where numbers go, by the word for it.

    Raises:
        PlantEduError: for another word, or a notebook without IPython.
    """
    require(show is None or show in SHOWS, f"show is one of {', '.join(SHOWS)}, or None.")
    if show is None:
        return Sink()
    return NotebookSink() if show == "notebook" else StoreSink()
