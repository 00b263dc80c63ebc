import shutil
import time

import pytest

from plantedu.jobs.heartbeat import Heart
from plantedu.jobs.lanes import claim_lane, lane_worker


@pytest.fixture
def run_id(store):
    return store.submit("ping", {}, lane="analysis", worker="w")


def test_it_says_that_worker_and_run_live(store, run_id, clock, until):
    claim_lane(store, "analysis", "w", 1)
    with Heart(store, "w", lane="analysis") as heart:
        heart.hold(run_id)
        for _ in range(3):
            clock.ahead += 5.0
            until(lambda: store.run(run_id).heartbeat > clock() - 4)
            until(lambda: lane_worker(store, "analysis")["heartbeat"] > clock() - 4)
        assert store.reap() == []
        heart.release()
        before = store.run(run_id).heartbeat
        time.sleep(0.6)
        assert store.run(run_id).heartbeat == before


@pytest.mark.parametrize("wish", ["cancel", "pause"])
def test_it_hears_wishes_in_time(store, run_id, until, wish):
    with Heart(store, "w") as heart:
        heart.hold(run_id)
        getattr(store, wish)(run_id)
        assert until(lambda: heart.wish == wish) < 1.0
        heart.hold(run_id)
        assert heart.wish == ""


def test_it_hears_that_the_run_or_the_lane_or_the_store_is_gone(store, run_id, clock, until):
    with Heart(store, "w", lane="analysis") as heart:
        until(lambda: heart.leave)  # it never had the lane
    with Heart(store, "w") as heart:
        heart.hold(run_id)
        clock.ahead = 60
        store.cancel(run_id)
        until(lambda: heart.wish == "cancel")
    with Heart(store, "w") as heart:
        heart.hold("00000000")
        until(lambda: heart.wish == "lost")
        assert not heart.leave
        shutil.rmtree(store.path.parent)
        until(lambda: heart.leave)


def test_a_wish_of_this_process_counts_too(store, run_id, until):
    with Heart(store, "w") as heart:
        heart.hold(run_id)
        heart.asked = "pause"
        until(lambda: heart.wish == "pause")


def test_a_busy_database_does_not_stop_it(store, run_id, held_for, until):
    store.database.patience = 0.1
    store.close()
    with Heart(store, "w") as heart:
        heart.hold(run_id)
        held_for(store.path, 1.5)
        time.sleep(1.0)
        assert heart._thread.is_alive()
        before = store.run(run_id).heartbeat
        until(lambda: store.run(run_id).heartbeat > before)


def test_it_beats_for_all_runs_in_the_workers_hands(store, clock, until):
    """Sixty replays are one worker's: while it reads a recording, none of them falls silent."""
    claim_lane(store, "replay", "w", 1)
    runs = [
        store.submit("replay", {"n": n}, lane="replay", worker="w", fresh=True) for n in range(60)
    ]
    with Heart(store, "w", lane="replay") as heart:
        heart.others = frozenset(runs)
        clock.ahead += 9.0
        until(lambda: all(store.run(one).heartbeat > clock() - 4 for one in runs))
        clock.ahead += 9.0
        until(lambda: all(store.run(one).heartbeat > clock() - 4 for one in runs))
    assert all(store.run(one).state == "running" for one in runs)


def test_it_takes_runs_back_from_others_while_its_own_worker_computes(store, run_id, clock, until):
    claim_lane(store, "training", "busy", 1)
    mine = store.submit("train", {}, lane="training", worker="busy")
    with Heart(store, "busy", lane="training") as heart:
        heart.hold(mine)
        heart.store.heartbeat(mine, "busy")
        clock.ahead += 11.0
        until(lambda: store.run(run_id).state == "queued", seconds=5)
        assert store.run(mine).state == "running"


def compute(seconds):
    began = time.monotonic()
    while time.monotonic() - began < seconds:
        sum(range(1000))


def test_who_does_not_notice_a_cancel_is_interrupted(store, run_id):
    with Heart(store, "w", stuck=lambda _: None) as heart:
        heart.hold(run_id)
        store.cancel(run_id)
        began = time.monotonic()
        with pytest.raises(KeyboardInterrupt):
            compute(10)
        assert time.monotonic() - began < 2
        heart.release()


def test_who_does_not_let_go_is_stuck(store, run_id):
    stuck = []
    with Heart(store, "w", stuck=stuck.append) as heart:
        heart.hold(run_id)
        store.cancel(run_id)
        began = time.monotonic()
        while not stuck and time.monotonic() - began < 10:
            try:
                time.sleep(0.05)
            except KeyboardInterrupt:
                continue  # a job that swallows everything
        assert stuck[0] == run_id
        assert time.monotonic() - began < 2
        heart.release()


def test_without_a_way_out_nobody_is_interrupted(store, run_id, until):
    with Heart(store, "w") as heart:
        heart.hold(run_id)
        store.cancel(run_id)
        until(lambda: heart.wish == "cancel")
        time.sleep(1.2)
