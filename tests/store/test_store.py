import math

import numpy as np
import pytest

from plantedu.errors import PlantEduError
from plantedu.store.run import Event, Metric
from plantedu.store.store import Store


@pytest.fixture
def run_id(store):
    return store.submit("train", {"steps": 3}, lane="training", name="first", worker="w")


def test_a_run_holds_what_made_it(store, run_id):
    run = store.run(run_id)
    assert (run.kind, run.lane, run.state, run.name) == ("train", "training", "running", "first")
    assert run.request == {"steps": 3}
    assert run.packages["torch"]
    assert "+" in run.code_version
    assert run.created <= run.started
    assert run.result is None
    assert [event.name for event in store.events(run_id)] == ["start"]


def test_what_was_written_is_read_by_another_process_as_it_was(store, run_id):
    rows = [Metric(step, "loss", 1 / (step + 1), seconds=step * 0.5) for step in range(5)]
    rows += [Metric(4, "probe/disease/both", 0.9, 0.8, 0.95, seconds=2.0)]
    store.log(run_id, rows, step=4, events=[Event(4, "queue on", "512", 0.0, 2.0)])
    other = Store(store.path)
    found = other.metrics(run_id)
    assert found["loss"].steps.tolist() == [0, 1, 2, 3, 4]
    assert found["loss"].values.tolist() == [1 / (step + 1) for step in range(5)]
    assert np.isnan(found["loss"].lows).all()
    assert found["probe/disease/both"].highs.tolist() == [0.95]
    assert found["loss"].seconds.tolist() == [0, 0.5, 1, 1.5, 2]
    assert other.run(run_id).step == 4
    assert other.events(run_id)[-1] == Event(4, "queue on", "512", 0.0, 2.0)
    assert other.metric_names(run_id) == ["loss", "probe/disease/both"]
    assert other.seconds(run_id) == 2.0
    other.close()


def test_only_what_is_new_is_read(store, run_id):
    store.log(run_id, [Metric(step, name, step) for step in range(4) for name in ("a", "b")])
    found = store.metrics(run_id, ["a", "absent"], after_step=1)
    assert {name: series.steps.tolist() for name, series in found.items()} == {"a": [2, 3]}
    assert store.metrics(run_id, after_step=3) == {}


def test_no_number_and_infinity_come_back(store, run_id):
    store.log(run_id, [Metric(0, "loss", math.nan), Metric(1, "loss", math.inf)])
    values = store.metrics(run_id)["loss"].values
    assert math.isnan(values[0])
    assert values[1] == math.inf


def test_without_seconds_the_wall_clock_counts_from_the_start(store, run_id, clock):
    clock.ahead = 7.0
    store.log(run_id, [Metric(0, "loss", 1.0)])
    assert store.metrics(run_id)["loss"].seconds[0] == pytest.approx(7.0, abs=1.0)


def test_going_back_forgets_what_comes_after_but_not_what_befell_the_run(store, run_id):
    store.log(run_id, [Metric(step, "loss", step) for step in range(6)], step=5)
    for step, name in ((2, "checkpoint"), (4, "queue on"), (5, "worker lost")):
        store.event(run_id, step, name)
    store.rewind(run_id, 3)
    assert store.metrics(run_id)["loss"].steps.tolist() == [0, 1, 2, 3]
    assert [e.name for e in store.events(run_id)] == ["start", "checkpoint", "worker lost"]
    assert store.run(run_id).step == 3
    store.rewind(run_id, -1)
    assert store.metrics(run_id) == {}
    assert [e.name for e in store.events(run_id)] == ["start", "worker lost"]


def test_the_end_of_a_run_is_final(store, run_id):
    result = {
        "last": {"loss": math.nan, "probe": (0.9, 0.8, math.inf)},
        "steps": np.int64(3).item(),
    }
    assert store.finish(run_id, result, worker="w")
    assert not store.fail(run_id, "too late")
    run = store.run(run_id)
    assert run.state == "done"
    assert run.over
    assert run.ended >= run.started
    assert run.result == {"last": {"loss": None, "probe": [0.9, 0.8, None]}, "steps": 3}


def test_only_its_worker_ends_a_run(store, run_id):
    assert not store.finish(run_id, {}, worker="somebody else")
    assert store.run(run_id).state == "running"
    assert store.fail(run_id, "The disk is full.", worker="w")
    assert store.run(run_id).error == "The disk is full."


def test_runs_are_listed_newest_first_and_by_what_they_are(store, run_id):
    second = store.submit("replay", {"recording": "a"}, lane="replay", learner="ann")
    assert [run.id for run in store.runs()] == [second, run_id]
    assert [run.id for run in store.runs(limit=1)] == [second]
    assert [run.id for run in store.runs(kind="train")] == [run_id]
    assert [run.id for run in store.runs(state="queued")] == [second]
    assert [run.id for run in store.runs(learner="ann")] == [second]
    assert store.runs(learner="bob") == []


def test_each_run_has_a_folder_and_no_name_leaves_it(store, run_id):
    assert store.folder(run_id) == store.path.parent / "runs" / run_id
    assert store.folder(run_id).is_dir()
    for name in ("../../etc", "", "ABCDEF12", "/etc/pass", "1234567", run_id + "\n"):
        with pytest.raises(PlantEduError, match="is no run id"):
            store.folder(name)


@pytest.mark.parametrize(
    "ask",
    [
        lambda s: s.run("00000000"),
        lambda s: s.metrics("00000000"),
        lambda s: s.events("'; DROP TABLE runs; --"),
        lambda s: s.cancel("00000000"),
        lambda s: s.log("00000000", []),
    ],
)
def test_a_run_that_does_not_exist_is_said(store, ask):
    with pytest.raises(PlantEduError, match="There is no run"):
        ask(store)


def test_wrong_words_are_refused(store, run_id):
    with pytest.raises(PlantEduError, match="There is no state 'dead'; states are queued"):
        store.runs(state="dead")
    with pytest.raises(PlantEduError, match="There is no lane 'fast'"):
        store.submit("train", {}, lane="fast")
    with pytest.raises(PlantEduError, match="stops by cancel or pause"):
        store.stopped(run_id, "boredom")
