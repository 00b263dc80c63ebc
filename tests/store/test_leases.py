import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from plantedu.store import leases
from plantedu.store.leases import LOST_AFTER, MOST_ATTEMPTS, MOST_LOSSES
from plantedu.store.store import Store


def submit(store, seed=0, **words):
    return store.submit("train", {"seed": seed}, lane="training", **words)


def test_a_waiting_run_is_given_to_exactly_one_of_many_workers(store):
    run_ids = {submit(store, seed) for seed in range(6)}

    def work(name):
        mine, taken = Store(store.path, patience=30), []
        while (run := mine.lease("training", name)) is not None:
            taken.append(run.id)
        mine.close()
        return taken

    with ThreadPoolExecutor(8) as pool:
        taken = [
            run_id for found in pool.map(work, [f"w{n}" for n in range(8)]) for run_id in found
        ]
    assert sorted(taken) == sorted(run_ids)


def test_lanes_do_not_wait_for_each_other(store):
    submit(store)
    assert store.lease("analysis", "w") is None
    assert store.lease("training", "w").state == "running"
    assert store.lease("training", "w") is None


def test_learners_take_turns(store):
    ann = [submit(store, seed, learner="ann") for seed in range(3)]
    bob = submit(store, 7, learner="bob")
    assert [store.ahead(run_id) for run_id in (*ann, bob)] == [0, 2, 3, 1]
    order = [store.lease("training", "w").id for _ in range(4)]
    assert order == [ann[0], bob, ann[1], ann[2]]
    assert store.ahead(ann[0]) == 0


def test_the_lost_are_tried_again_and_the_third_time_at_one_place_fail(store, clock):
    run_id = submit(store)
    for attempt in range(1, MOST_ATTEMPTS + 1):
        store.lease("training", f"w{attempt}")
        store.set_step(run_id, 30, 100)
        assert store.reap() == []
        clock.ahead += LOST_AFTER + 1
        assert store.reap() == [run_id]
        assert store.run(run_id).attempts == attempt
        assert store.run(run_id).state == ("queued" if attempt < MOST_ATTEMPTS else "failed")
    said = "The worker of this run was lost 3 times without getting further, last at step 30"
    assert said in store.run(run_id).error
    lost = [event for event in store.events(run_id) if event.name == "worker lost"]
    assert [event.step for event in lost] == [30, 30, 30]


def test_a_run_that_gets_further_each_time_goes_on(store, clock):
    """As under workers that somebody else kills: it is not the run that kills them."""
    run_id = submit(store)
    for loss in range(1, MOST_LOSSES + 1):
        store.lease("training", f"w{loss}")
        store.set_step(run_id, 10 * loss, 100)
        clock.ahead += LOST_AFTER + 1
        store.reap()
        assert store.run(run_id).state == ("queued" if loss < MOST_LOSSES else "failed")
    assert f"lost {MOST_LOSSES} times, last at step 100" in store.run(run_id).error


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_a_failed_run_says_what_became_of_its_workers(store, clock):
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    run_id = submit(store)
    for pid in (gone.pid, os.getpid(), gone.pid):
        store.lease("training", f"training-{pid}-abc")
        clock.ahead += LOST_AFTER + 1
        store.reap()
    said = "(2 times its process ended, 1 times its process was silent), last at step 0"
    assert said in store.run(run_id).error
    details = [e.detail for e in store.events(run_id) if e.name == "worker lost"]
    assert details == [leases.ENDED, leases.SILENT, leases.ENDED]


@pytest.mark.parametrize(
    ("wish", "state"), [("", "queued"), ("cancel", "cancelled"), ("pause", "paused")]
)
def test_a_run_that_is_given_back_counts_no_loss(store, wish, state):
    run_id = submit(store, worker="w")
    if wish:
        getattr(store, wish)(run_id)
    assert not store.given_back(run_id, "left", worker="another")
    assert store.given_back(run_id, "left", worker="w")
    run = store.run(run_id)
    assert (run.state, run.attempts, run.wish) == (state, 0, "")
    assert store.events(run_id)[-1].name == "given back"


@pytest.mark.parametrize(("wish", "state"), [("cancel", "cancelled"), ("pause", "paused")])
def test_a_lost_run_that_should_stop_stops(store, clock, wish, state):
    run_id = submit(store, worker="w")
    getattr(store, wish)(run_id)
    store.reap(clock() + LOST_AFTER + 1)
    assert store.run(run_id).state == state


@pytest.mark.parametrize("jump", [3600.0, -3600.0])
def test_a_worker_takes_its_run_back_after_a_jump_of_the_clock(store, clock, jump):
    run_id = submit(store, worker="w")
    clock.ahead = jump
    assert store.reap() == [run_id]
    assert store.run(run_id).state == "queued"
    assert store.heartbeat(run_id, "w") == "go"
    run = store.run(run_id)
    assert (run.state, run.attempts) == ("running", 0)
    assert store.reap() == []
    assert [e.name for e in store.events(run_id)] == ["start", "worker lost", "worker back"]


def test_a_worker_does_not_take_back_what_another_one_has(store, clock):
    run_id = submit(store, worker="old")
    clock.ahead = 60
    store.reap()
    assert store.lease("training", "new").id == run_id
    assert store.heartbeat(run_id, "old") == "lost"
    assert not store.finish(run_id, {}, worker="old")
    assert store.heartbeat(run_id, "new") == "go"


def test_a_worker_hears_that_its_run_was_cancelled_or_is_gone(store, clock):
    run_id = submit(store, worker="w")
    clock.ahead = 60
    store.cancel(run_id)
    assert store.heartbeat(run_id, "w") == "cancel"
    assert store.heartbeat("00000000", "w") == "lost"
