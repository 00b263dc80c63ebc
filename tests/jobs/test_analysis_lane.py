"""Real analyses in children of a worker: bounded in time and memory, each by itself."""

import os
import signal
import time

import pytest

from plantedu.jobs import analysis_lane
from plantedu.jobs.analysis_lane import crew
from plantedu.jobs.heartbeat import Heart
from plantedu.jobs.lanes import claim_lane
from plantedu.jobs.load import children, load


def ping(store, steps=1000, seconds=0.02, **more):
    request = {"steps": steps, "seconds": seconds, **more}
    return store.submit("ping", request, lane="analysis", fresh=True)


@pytest.fixture
def heart(store):
    claim_lane(store, "analysis", "w", os.getpid())
    with Heart(store, "w", lane="analysis") as beating:
        yield beating


@pytest.fixture
def crew_pids():
    """Process ids of the children of this test alone: an earlier test may have left a worker."""
    before = set(children(os.getpid()))
    return lambda: [pid for pid in children(os.getpid()) if pid not in before]


@pytest.fixture
def hands(store, heart, until):
    """Turns of the lane until something is true."""
    turns = crew(store, heart)

    def work(true, **words):
        return until(lambda: (next(turns), true())[1], **words)

    work.close = turns.close
    yield work
    turns.close()


def state(store, run_id):
    return store.run(run_id).state


def test_one_child_does_one_run_after_the_other(store, crew_pids, hands):
    runs = [ping(store, steps=3, seconds=0.0) for _ in range(3)]
    hands(lambda: all(state(store, run) == "done" for run in runs))
    assert [[event.name for event in store.events(run)] for run in runs] == [["start"]] * 3
    assert len(crew_pids()) == 1
    hands.close()
    assert crew_pids() == []


def test_the_first_child_is_there_before_a_run(store, crew_pids, hands, monkeypatch):
    monkeypatch.setenv("PLANTEDU_AHEAD", "1")
    hands(lambda: len(crew_pids()) == 1)
    (waiting,) = crew_pids()
    run = ping(store, steps=1, seconds=0.0)
    hands(lambda: state(store, run) == "done")
    assert crew_pids() == [waiting], "it does the first run"


def test_what_takes_too_long_is_ended_and_says_so(store, hands, monkeypatch):
    """A computation that never looks up: nothing in its own process could stop it."""
    monkeypatch.setenv("PLANTEDU_ANALYSIS_SECONDS", "3")
    run, other = ping(store, seconds=600), ping(store, steps=1)
    assert hands(lambda: state(store, run) == "failed") < 6
    assert "longer than the 3 seconds that an analysis may take" in store.run(run).error
    hands(lambda: state(store, other) == "done")


def test_what_asks_for_too_much_memory_fails_with_a_sentence(store, hands, monkeypatch):
    monkeypatch.setenv("PLANTEDU_ANALYSIS_MB", "300")
    run, other = ping(store, bytes=400_000_000), ping(store, steps=1)
    hands(lambda: state(store, run) == "failed")
    assert "memory" in store.run(run).error
    hands(lambda: state(store, other) == "done")
    assert store.run(other).attempts == 0


def test_where_the_system_holds_nobody_back_the_worker_does(store, hands, monkeypatch):
    monkeypatch.setenv("PLANTEDU_ANALYSIS_MB", "50")
    monkeypatch.setattr("plantedu.jobs.analysis_lane.held", lambda pid: 100_000_000)
    run = ping(store)
    hands(lambda: state(store, run) == "failed")
    assert "more memory than one analysis may hold" in store.run(run).error


def test_a_child_that_dies_fails_its_run_at_once(store, crew_pids, hands):
    run, other = ping(store), ping(store, steps=1)
    hands(lambda: store.run(run).step > 0)
    os.kill(crew_pids()[0], signal.SIGKILL)
    assert hands(lambda: state(store, run) == "failed") < 2
    assert "memory was short" in store.run(run).error
    hands(lambda: state(store, other) == "done")


def test_cancel_reaches_who_listens_and_who_does_not(store, hands):
    for seconds in (0.02, 600.0):
        run = ping(store, seconds=seconds)
        hands(lambda run=run: state(store, run) == "running")
        store.cancel(run)
        assert hands(lambda run=run: state(store, run) == "cancelled") < 2.5
        assert store.run(run).error == ""


def test_a_pause_keeps_where_it_was(store, hands):
    run = ping(store)
    hands(lambda: store.run(run).step > 2)
    store.pause(run)
    hands(lambda: state(store, run) == "paused")
    store.resume(run)
    before = store.run(run).step
    hands(lambda: store.run(run).step > before + 2)


def test_a_run_that_has_just_ended_is_not_taken_for_lost(store, heart, until):
    """Between its end in the store and the child's own word, a heartbeat finds it gone."""
    hand = analysis_lane.Hand(store, "w", "analysis")
    run = ping(store, steps=1)
    assert hand.turn()
    until(lambda: state(store, run) == "done")
    until(hand._ended.is_set)
    hand._ended.clear()  # as if the child had not said so yet
    hand._beat = float("-inf")
    hand.turn()
    assert hand.process.poll() is None
    hand._ended.set()
    hand.turn()
    assert hand.run is None
    assert state(store, run) == "done"
    hand.close()


def test_who_leaves_lets_its_run_end(store, heart, hands):
    run = ping(store, steps=30, seconds=0.02)
    hands(lambda: store.run(run).step > 2)
    heart.leave = True  # newer code waits
    hands.close()
    assert state(store, run) == "done"


def test_who_must_go_ends_its_children(store, crew_pids, hands):
    run = ping(store, seconds=600)
    hands(lambda: state(store, run) == "running")
    began = time.monotonic()
    hands.close()
    assert time.monotonic() - began < 2
    assert crew_pids() == []
    assert state(store, run) == "running"  # whoever looks after silent workers takes it back


def test_two_at_once_where_there_are_cores(store, heart, until, monkeypatch):
    monkeypatch.setattr("plantedu.jobs.analysis_lane.crew_size", lambda: 2)
    turns = crew(store, heart)
    slow, quick = ping(store, seconds=600), ping(store, steps=2)
    try:
        until(lambda: (next(turns), state(store, quick) == "done")[1])
        assert state(store, slow) == "running"
        store.cancel(slow)
        until(lambda: (next(turns), state(store, slow) == "cancelled")[1])
    finally:
        turns.close()


def test_a_child_goes_with_its_worker(store, start_worker, until):
    """A worker that is killed leaves no child behind that writes on."""
    worker = start_worker("analysis")
    run = ping(store)
    until(lambda: store.run(run).step > 0)
    (child,) = children(worker.pid)
    lane = next(one for one in load(store).lanes if one.name == "analysis")
    assert lane.memory > 0
    worker.kill()
    worker.wait()
    until(lambda: not _lives(child), seconds=3)


def _lives(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    with open(f"/proc/{pid}/stat") as file:
        return file.read().rpartition(")")[2].split()[0] != "Z"


def test_the_heart_beats_for_every_hand(store, monkeypatch):
    """One hand whose end cannot be written for long keeps no other run from being beaten for."""
    monkeypatch.setattr(analysis_lane, "crew_size", lambda: 2)
    monkeypatch.setattr(analysis_lane.Hand, "_begin", lambda self, run: setattr(self, "run", run))
    monkeypatch.setattr(analysis_lane.Hand, "_look_after", lambda self, run: None)
    monkeypatch.setattr(analysis_lane.Hand, "close", lambda self, **_: None)
    runs = {
        store.submit("ping", {"steps": 1, "seconds": 0.0, "n": n}, lane="analysis")
        for n in range(2)
    }
    heart = Heart(store, "w", lane="analysis")
    work = analysis_lane.crew(store, heart)
    next(work)
    assert heart.others == runs
    work.close()
    assert heart.others == frozenset()
