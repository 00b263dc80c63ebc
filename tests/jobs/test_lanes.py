import time

from plantedu.jobs import lanes
from plantedu.jobs.lanes import beat_lane, claim_lane, free_lane, lane_worker, want_worker


def test_a_lane_has_one_worker_until_it_is_free_or_silent(store, clock):
    assert claim_lane(store, "training", "a", 1)
    assert claim_lane(store, "analysis", "b", 2)
    assert not claim_lane(store, "training", "b", 2)
    assert lane_worker(store, "training")["worker"] == "a"
    free_lane(store, "training", "b")  # not b's to free
    assert not claim_lane(store, "training", "b", 2)
    free_lane(store, "training", "a")
    assert claim_lane(store, "training", "b", 2)
    clock.ahead = lanes.FREE_AFTER + 1
    assert lane_worker(store, "training") is None
    assert claim_lane(store, "training", "c", 3)
    assert beat_lane(store, "training", "b") == "lost"
    assert beat_lane(store, "training", "c") == "stay"


def test_a_heartbeat_keeps_the_lane(store, clock):
    claim_lane(store, "training", "a", 1)
    for _ in range(3):
        clock.ahead += lanes.FREE_AFTER - 1
        assert beat_lane(store, "training", "a") == "stay"
    assert not claim_lane(store, "training", "b", 2)


def test_a_worker_is_wanted_once(store, clock):
    assert want_worker(store, "training")
    assert not want_worker(store, "training")  # one is on its way
    assert want_worker(store, "replay")
    clock.ahead = lanes.START_TAKES + 1
    assert want_worker(store, "training")  # it never came
    claim_lane(store, "training", "a", 1)
    assert not want_worker(store, "training")
    clock.ahead += lanes.FREE_AFTER + 1
    assert want_worker(store, "training")  # it died


def test_a_worker_with_older_code_is_asked_to_leave(store, monkeypatch):
    claim_lane(store, "training", "a", 1)
    monkeypatch.setattr(lanes, "code_version", lambda: "newer")
    assert not want_worker(store, "training")  # it began later than this process
    monkeypatch.setattr(lanes, "BORN", time.monotonic() + 60)
    assert want_worker(store, "training")
    assert beat_lane(store, "training", "a") == "leave"
    assert not want_worker(store, "training")
