import math

import pytest
import torch

from plantedu.errors import DiskFullError
from plantedu.jobs.metric_writer import RowWriter
from plantedu.jobs.recorder import Recorder
from plantedu.training.checkpoints import load_checkpoint, newest_checkpoint
from plantedu.training.fit import Observer, Record, State, fit


class Wishes:
    wish = ""


class WishAt(Observer):
    """Wishes something at a step."""

    def __init__(self, wishes, step, wish):
        self.wishes, self.step, self.wish = wishes, step, wish

    def on_step(self, state, record):
        if record.step == self.step:
            self.wishes.wish = self.wish


class Parabola(torch.nn.Module):
    """w^2, to be made small."""

    def __init__(self):
        super().__init__()
        self.w = torch.nn.Parameter(torch.ones(3))

    def loss(self, batch):
        total = (self.w * batch).square().sum()
        events = [("queue on", "here")] if batch == 5 else []
        return type(
            "Loss", (), {"total": total, "parts": {"entropy": total.detach()}, "events": events}
        )


@pytest.fixture
def run_id(store):
    return store.submit("train", {}, lane="training", worker="w")


@pytest.fixture
def record(store, run_id):
    """Fits a parabola for 10 steps under a recorder; how it ended."""

    def run(*, wishes=None, before=(), every=4, resume=None):
        objective = Parabola()
        state = State(objective, torch.optim.AdamW(objective.parameters()), steps=10)
        if resume:
            state.restore(*resume)
        wishes = wishes or Wishes()
        with RowWriter(store, run_id) as writer:
            recorder = Recorder(store, run_id, writer=writer, wishes=wishes, checkpoint_every=every)
            return fit(
                state,
                lambda step: float(step + 1),
                learning_rate=lambda _: 0.1,
                observers=[*before, recorder],
            )

    return run


def checkpoints(store, run_id):
    return sorted(path.name for path in (store.folder(run_id) / "checkpoints").glob("*"))


def test_a_run_is_recorded_with_its_events_and_checkpoints(store, run_id, record):
    assert record() == "done"
    found = store.metrics(run_id)
    assert found["loss"].steps.tolist() == list(range(1, 11))
    assert found["learning_rate"].values.tolist() == [0.1] * 10
    assert (found["loss"].seconds[1:] >= found["loss"].seconds[:-1]).all()
    run = store.run(run_id)
    assert (run.step, run.steps) == (10, 10)
    assert [(e.step, e.name) for e in store.events(run_id)] == [
        (0, "start"),
        (4, "checkpoint"),
        (5, "queue on"),
        (8, "checkpoint"),
        (10, "checkpoint"),
    ]
    assert checkpoints(store, run_id) == [f"step-{n:06d}.safetensors" for n in (4, 8, 10)]


def test_a_pause_leaves_a_checkpoint_from_which_the_run_ends_in_the_same_bits(
    store, run_id, record
):
    assert record() == "done"
    whole = newest_checkpoint(store.folder(run_id))
    wishes = Wishes()
    assert record(wishes=wishes, before=[WishAt(wishes, 6, "pause")]) == "pause"
    kept = load_checkpoint(store.folder(run_id) / "checkpoints" / "step-000006.safetensors")
    store.rewind(run_id, 6)
    seconds = store.seconds(run_id)
    assert record(resume=kept) == "done"
    again = newest_checkpoint(store.folder(run_id))
    assert whole[1] == again[1]
    assert all(torch.equal(whole[0][name], again[0][name]) for name in whole[0])
    assert store.metrics(run_id)["loss"].steps.tolist() == list(range(1, 11))
    assert store.metrics(run_id)["loss"].seconds[6] >= seconds


def test_a_cancel_stops_at_the_next_step(store, run_id, record):
    wishes = Wishes()
    assert record(wishes=wishes, before=[WishAt(wishes, 3, "cancel")]) == "cancel"
    assert store.metrics(run_id)["loss"].steps.tolist() == [1, 2, 3]
    assert checkpoints(store, run_id) == []


def test_a_run_that_is_somebody_elses_stops_without_a_checkpoint(store, run_id, record):
    wishes = Wishes()
    assert record(wishes=wishes, before=[WishAt(wishes, 4, "lost")]) == "lost"
    assert checkpoints(store, run_id) == []


def test_a_wish_at_the_last_step_comes_too_late(record):
    wishes = Wishes()
    assert record(wishes=wishes, before=[WishAt(wishes, 10, "pause")]) == "done"


class Stored(Observer):
    """Looks whether the metrics of a checkpoint were there before it."""

    def __init__(self, store, run_id):
        self.store, self.run_id, self.seen = store, run_id, {}

    def on_step(self, state, record):
        kept = checkpoints(self.store, self.run_id)
        series = self.store.metrics(self.run_id).get("loss")
        self.seen[record.step] = (kept, 0 if series is None else int(series.steps[-1]))


def test_no_checkpoint_is_ahead_of_its_metrics(store, run_id, record):
    watcher = Stored(store, run_id)
    record(before=[watcher], every=2)
    for kept, stored in watcher.seen.values():
        assert not kept or stored >= int(kept[-1][5:11])


def test_bands_and_no_numbers_are_kept(store, run_id):
    objective = Parabola()
    state = State(objective, torch.optim.AdamW(objective.parameters()), steps=2)
    with RowWriter(store, run_id) as writer:
        recorder = Recorder(store, run_id, writer=writer, wishes=Wishes(), checkpoint_every=9)
        recorder.on_step(state, Record(0, {"probe": (0.5, 0.4, 0.6), "loss": math.nan}))
    found = store.metrics(run_id)
    assert (found["probe"].lows[0], found["probe"].highs[0]) == (0.4, 0.6)
    assert math.isnan(found["loss"].values[0])


def test_a_full_disk_stops_the_run_and_keeps_what_was_recorded(store, run_id, record, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(DiskFullError, match=r"step-000004\.safetensors needs"):
        record()
    assert store.metrics(run_id)["loss"].steps.tolist() == [1, 2, 3, 4]
    assert checkpoints(store, run_id) == []
