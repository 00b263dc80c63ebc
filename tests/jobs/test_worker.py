"""Real worker processes of the analysis lane, which need no torch and start in a moment."""

import threading
import time

import pytest

from plantedu.errors import DiskFullError, PlantEduError
from plantedu.jobs.heartbeat import Calm, Heart
from plantedu.jobs.lanes import claim_lane, lane_worker
from plantedu.jobs.worker import do, sentence
from plantedu.store.leases import LOST_AFTER


def ping(store, steps=1000, seconds=0.02, **words):
    request = {"steps": steps, "seconds": seconds}
    return store.submit("ping", request, lane="analysis", fresh=True, **words)


def free(store):
    """As if the time after which a silent worker loses its lane had passed."""
    with store.database.write() as link:
        link.execute("UPDATE workers SET heartbeat = 0")


def test_a_killed_worker_is_replaced_and_its_run_goes_on(store, clock, start_worker, until):
    run_id = ping(store, steps=100)
    first = start_worker("analysis")
    until(lambda: store.run(run_id).step >= 10)
    first.kill()
    first.wait()
    kept = store.metrics(run_id)["ping"]
    assert kept.steps.tolist() == list(range(1, len(kept) + 1))
    assert store.reap() == []  # nobody is taken for lost too early
    free(store)
    assert store.reap(clock() + LOST_AFTER + 1) == [run_id]
    start_worker("analysis")
    until(lambda: store.run(run_id).state == "done")
    assert store.metrics(run_id)["ping"].steps.tolist() == list(range(1, 101))
    assert [e.name for e in store.events(run_id)] == ["start", "worker lost"]
    assert store.run(run_id).attempts == 1


def test_of_two_workers_one_gets_the_lane_and_each_run_is_done_once(store, start_worker, until):
    runs = [ping(store, steps=3, seconds=0.0) for _ in range(5)]
    started = [start_worker("analysis") for _ in range(3)]
    until(lambda: all(store.run(run_id).state == "done" for run_id in runs))
    until(lambda: sum(process.poll() is None for process in started) == 1)
    assert {process.poll() for process in started} == {0, None}
    assert len({store.run(run_id).worker for run_id in runs}) == 1
    names = [[event.name for event in store.events(run_id)] for run_id in runs]
    assert names == [["start"]] * 5


def test_cancel_and_pause_take_less_than_two_seconds(store, start_worker, until):
    start_worker("analysis")
    for ask, state in ((store.cancel, "cancelled"), (store.pause, "paused")):
        run_id = ping(store)
        until(lambda run_id=run_id: store.run(run_id).step > 0)
        ask(run_id)
        assert until(lambda run_id=run_id, s=state: store.run(run_id).state == s) < 2.0
    store.resume(run_id)
    before = store.run(run_id).step
    until(lambda: store.run(run_id).step > before + 3)
    store.cancel(run_id)


def test_a_job_that_hears_nothing_is_cancelled_all_the_same(store, start_worker, until):
    """A long computation outside Python ends with its process; the worker takes another one."""
    first = start_worker("analysis")
    run_id = ping(store, seconds=600)
    until(lambda: store.run(run_id).state == "running")
    store.cancel(run_id)
    assert until(lambda: store.run(run_id).state == "cancelled") < 2.5
    other = ping(store, steps=1)
    until(lambda: store.run(other).state == "done")
    assert first.poll() is None


def test_a_worker_that_is_told_to_end_frees_its_lane(store, start_worker, until):
    process = start_worker("analysis")
    until(lambda: lane_worker(store, "analysis"))
    process.terminate()
    assert process.wait(timeout=10) == 0
    assert lane_worker(store, "analysis") is None


@pytest.fixture
def heart(store):
    claim_lane(store, "analysis", "w", 1)
    with Heart(store, "w", lane="analysis", stuck=lambda _: None) as beating:
        yield beating


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (PlantEduError("No such folder."), "No such folder."),
        (DiskFullError("The disk is full."), "The disk is full."),
        (RuntimeError("bad\n   shape"), "RuntimeError: bad shape. The whole trace is in error.txt"),
        (MemoryError(), "not enough memory"),
        (RuntimeError("CUDA out of memory. Tried"), "not enough memory"),
        (RuntimeError("DefaultCPUAllocator: can't allocate memory: you"), "not enough memory"),
    ],
)
def test_an_error_fails_the_run_with_a_sentence(store, heart, error, said, capsys):
    def job(_):
        raise error

    run_id = ping(store, worker="w")
    do(store, store.run(run_id), heart, job)
    run = store.run(run_id)
    assert run.state == "failed"
    assert said in run.error
    assert sentence(error) == run.error
    assert "raise error" in (store.folder(run_id) / "error.txt").read_text()
    foreseen = isinstance(error, PlantEduError)  # a terminal shows its sentence, and no trace first
    assert ("Traceback" in capsys.readouterr().err) is not foreseen


def test_on_a_shared_host_an_unforeseen_error_shows_no_insides(monkeypatch):
    monkeypatch.setenv("PLANTEDU_HOSTED", "1")
    said = sentence(RuntimeError("no leaf in /srv/runs/secret"))
    assert "secret" not in said
    assert "RuntimeError" not in said
    assert sentence(PlantEduError("No such folder.")) == "No such folder."


def test_a_run_of_an_unknown_kind_fails_and_the_worker_goes_on(store, heart):
    run_id = store.submit("divine", {}, lane="analysis", worker="w")
    do(store, store.run(run_id), heart)
    assert "No worker here can do 'divine'" in store.run(run_id).error
    other = ping(store, steps=2, seconds=0.0, worker="w")
    do(store, store.run(other), heart)
    assert store.run(other).result == {"steps": 2}


def test_a_job_that_computes_without_looking_up_is_interrupted(store, heart):
    def deaf(_):
        began = time.monotonic()
        while time.monotonic() - began < 20:
            sum(range(1000))

    run_id = ping(store, worker="w")
    threading.Timer(0.3, store.cancel, [run_id]).start()
    began = time.monotonic()
    do(store, store.run(run_id), heart, deaf)
    assert time.monotonic() - began < 2.3
    assert store.run(run_id).state == "cancelled"
    other = ping(store, steps=2, seconds=0.0, worker="w")
    do(store, store.run(other), heart)  # the same process goes on
    assert store.run(other).state == "done"


def test_ctrl_c_pauses_and_ends_the_worker(store, heart):
    def job(_):
        raise KeyboardInterrupt

    run_id = ping(store, worker="w")
    with pytest.raises(KeyboardInterrupt):
        do(store, store.run(run_id), heart, job)
    assert store.run(run_id).state == "paused"


def test_the_result_of_a_lost_run_is_not_written(store, heart, clock):
    run_id = ping(store, worker="w")

    def slow(_):
        heart.release()  # as if this process had slept
        store.reap(clock() + LOST_AFTER + 1)
        store.lease("analysis", "other")
        return {"steps": 1}

    do(store, store.run(run_id), heart, slow)
    assert (store.run(run_id).state, store.run(run_id).worker) == ("running", "other")


def test_a_jump_of_the_clock_is_noticed(monkeypatch):
    calm = Calm(settle=0.2)
    assert calm()
    ahead = time.time() + 3600
    monkeypatch.setattr("plantedu.jobs.heartbeat.time.time", lambda: ahead)
    assert not calm()
    time.sleep(0.3)
    monkeypatch.setattr("plantedu.jobs.heartbeat.time.time", lambda: ahead + 0.3)
    assert calm()
