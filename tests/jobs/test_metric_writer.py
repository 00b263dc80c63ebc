import time

import pytest

from plantedu.errors import DiskFullError, PlantEduError
from plantedu.jobs.metric_writer import RowWriter
from plantedu.store.database import DatabaseBusyError
from plantedu.store.run import Event, Metric
from plantedu.store.store import Store


@pytest.fixture
def run_id(store):
    return store.submit("train", {}, lane="training", worker="w")


def steps(store, run_id):
    found = store.metrics(run_id)
    return found["loss"].steps.tolist() if found else []


def test_the_first_row_does_not_wait_for_a_batch(store, run_id, until, monkeypatch):
    monkeypatch.setattr("plantedu.jobs.metric_writer.EVERY", 5.0)
    with RowWriter(store, run_id) as writer:
        time.sleep(0.1)
        writer.add([Metric(0, "loss", 1.0)], 0)
        assert until(lambda: steps(store, run_id) == [0]) < 2.0


def test_later_rows_go_out_several_times_a_second_and_all_at_the_end(store, run_id, until):
    with RowWriter(store, run_id) as writer:
        for step in (0, 1):
            writer.add([Metric(step, "loss", 1.0)], step)
            assert until(lambda step=step: step in steps(store, run_id)) < 1.0
        writer.add([Metric(2, "loss", 1.0)], 2)
        writer.add_event(Event(2, "queue on", "", 0.0))
    assert steps(store, run_id) == [0, 1, 2]
    assert store.run(run_id).step == 2
    assert store.events(run_id)[-1].name == "queue on"


def test_training_does_not_wait_for_a_held_database_and_loses_nothing(store, run_id, held_for):
    impatient = Store(store.path, patience=0.1)
    with RowWriter(impatient, run_id) as writer:
        held_for(store.path, 1.5)
        began = time.monotonic()
        for step in range(50):
            writer.add([Metric(step, "loss", 1.0)], step)
        assert time.monotonic() - began < 0.5
        writer.drain()
        assert time.monotonic() - began > 0.9
        assert steps(store, run_id) == list(range(50))
    impatient.close()


def test_what_comes_during_a_commit_waits_for_the_next(store, run_id, monkeypatch):
    log = store.log

    def slow(*words, **more):
        time.sleep(0.2)
        log(*words, **more)

    monkeypatch.setattr(store, "log", slow)
    with RowWriter(store, run_id) as writer:
        for step in range(12):
            writer.add([Metric(step, "loss", 1.0)], step)
            time.sleep(0.05)
    assert steps(store, run_id) == list(range(12))


def test_a_database_that_stays_held_is_told_in_the_end(store, run_id, monkeypatch):
    monkeypatch.setattr("plantedu.jobs.metric_writer.GIVE_UP_AFTER", 0.5)

    def busy(*_, **__):
        raise DatabaseBusyError("busy")

    monkeypatch.setattr(store, "log", busy)
    writer = RowWriter(store, run_id)
    with pytest.raises(DatabaseBusyError, match="close it, then resume"), writer:
        writer.add([Metric(0, "loss", 1.0)], 0)


def test_a_full_disk_is_told_at_the_next_step_and_what_was_written_stays(store, run_id, until):
    def full(*_, **__):
        raise DiskFullError("The disk is full.")

    writer = RowWriter(store, run_id)
    with pytest.raises(DiskFullError), writer:  # noqa: PT012
        writer.add([Metric(0, "loss", 1.0)], 0)
        writer.drain()
        store.log = full
        writer.add([Metric(1, "loss", 1.0)], 1)
        until(lambda: writer.error)
        writer.add([Metric(2, "loss", 1.0)], 2)
    assert steps(store, run_id) == [0]


def test_what_was_recorded_before_a_failure_is_kept_and_the_failure_is_told(store, run_id):
    with pytest.raises(PlantEduError, match="The loss is nan"), RowWriter(store, run_id) as writer:  # noqa: PT012
        writer.add([Metric(0, "loss", 1.0)], 0)
        writer.add([Metric(1, "loss", 1.0)], 1)
        raise PlantEduError("The loss is nan.")
    assert steps(store, run_id) == [0, 1]
