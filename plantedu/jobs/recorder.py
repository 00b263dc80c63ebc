"""The observer that writes a training into the store: metrics, events, checkpoints.

It looks and does not touch. The one thing it does to the run is to stop it when the store says so.
"""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

from plantedu.jobs.metric_writer import RowWriter
from plantedu.store.run import Event, Metric, Run
from plantedu.store.store import Store
from plantedu.store.thinning import thin
from plantedu.training.checkpoints import checkpoint_path, save_checkpoint
from plantedu.training.fit import Measure, Observer, Record, State, StopRun


class Wishes(Protocol):
    """Who knows whether the run should stop: a heart, or a terminal."""

    @property
    def wish(self) -> str: ...


class Recorder(Observer):
    """Records one run; goes on from the working time that the run has recorded before."""

    def __init__(
        self,
        store: Store,
        run_id: str,
        *,
        writer: RowWriter,
        wishes: Wishes,
        checkpoint_every: int,
    ) -> None:
        """Record run `run_id` through `writer`, stopping at a step when `wishes` has a wish."""
        self.store, self.writer, self.wishes = store, writer, wishes
        self.folder: Path = store.folder(run_id)
        self.checkpoint_every = checkpoint_every
        self.saved = -1  # step of the latest checkpoint
        self._run_id = run_id
        self._before, self._started = store.seconds(run_id), time.monotonic()

    @property
    def seconds(self) -> float:
        """Working time of this run until now; it does not jump with the clock of the wall."""
        return self._before + time.monotonic() - self._started

    def on_start(self, state: State) -> None:
        """Say how far the run goes."""
        self.saved = state.step if state.step else -1
        self.store.set_step(self._run_id, state.step, state.steps)

    def on_step(self, state: State, record: Record) -> None:
        """Take the step's numbers; write a checkpoint when one is due; stop when asked to.

        Raises:
            StopRun: on cancel or pause, and when the run belongs to another worker by now.
            PlantEduError: if rows or a checkpoint cannot be written.
        """
        seconds = self.seconds
        rows = [metric(record.step, *named, seconds) for named in record.values.items()]
        self.writer.add(rows, state.step)  # numbers of an earlier step may come late
        wish = self.wishes.wish
        due = record.step > 0 and record.step % self.checkpoint_every == 0
        if wish in ("", "pause") and (due or wish == "pause"):
            self.checkpoint(state)
        if wish and record.step < state.steps:  # after the last step there is nothing to stop
            raise StopRun(wish)

    def on_event(self, step: int, name: str, detail: str) -> None:
        """Mark what the recipe changed."""
        self.writer.add_event(Event(step, name, detail, self.store.clock(), self.seconds))

    def on_end(self, state: State) -> None:
        """Write the final checkpoint of a run that came to its end."""
        if state.step == state.steps:
            self.checkpoint(state)

    def checkpoint(self, state: State) -> None:
        """Write a checkpoint after the metrics up to it, so that a resumed run misses none."""
        if self.saved == state.step:
            return
        self.writer.drain()
        path = checkpoint_path(self.folder, state.step)
        save_checkpoint(path, *state.snapshot())
        self.saved = state.step
        self.on_event(state.step, "checkpoint", path.name)
        thin(self.store, self._run_id)


class WorkLike(Protocol):
    """A run in somebody's hands."""

    @property
    def store(self) -> Store: ...
    @property
    def run(self) -> Run: ...
    @property
    def wishes(self) -> Wishes: ...


@contextmanager
def recording(
    work: WorkLike, kept: tuple[Any, Mapping[str, Any]] | None, *, checkpoint_every: int
) -> Iterator[Recorder]:
    """A recorder that goes on after the step of the checkpoint `kept`, or begins anew."""
    store, run_id = work.store, work.run.id
    store.rewind(run_id, int(kept[1]["step"]) if kept else -1)
    with RowWriter(store, run_id) as writer:
        yield Recorder(
            store, run_id, writer=writer, wishes=work.wishes, checkpoint_every=checkpoint_every
        )


def metric(step: int, name: str, measure: Measure, seconds: float) -> Metric:
    """A row from a value, or from a value with its band."""
    value, low, high = measure if isinstance(measure, tuple) else (measure, None, None)
    return Metric(step, name, value, low, high, seconds)
