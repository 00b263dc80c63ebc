"""What a shared host allows, and that a laptop allows what it did."""

import pytest

from plantedu.errors import PlantEduError
from plantedu.store import leases
from plantedu.store.limits import ALONE, HOSTED, in_words, limits


@pytest.fixture
def hosted(monkeypatch):
    monkeypatch.setenv("PLANTEDU_HOSTED", "1")


def submit(store, number, learner="ann", lane="training"):
    return store.submit("train", {"seed": number}, lane=lane, learner=learner)


@pytest.mark.parametrize(("given", "wanted"), [("", ALONE), ("0", ALONE), ("1", HOSTED)])
def test_the_environment_decides(monkeypatch, given, wanted):
    monkeypatch.setenv("PLANTEDU_HOSTED", given)
    assert limits() == wanted


def test_limits_are_said_openly():
    lines = in_words(HOSTED)
    for number in (HOSTED.waiting, HOSTED.a_minute, round(HOSTED.turn / 60)):
        assert str(number) in lines
    assert "key" in lines
    assert "key" not in in_words(ALONE)
    assert "minute" not in in_words(ALONE)


def test_a_learner_may_have_two_runs_waiting_in_each_lane(store, hosted):
    submit(store, 0)
    submit(store, 1)
    with pytest.raises(PlantEduError, match="2 may wait at once"):
        submit(store, 2)
    submit(store, 2, lane="analysis")
    submit(store, 2, learner="bob")
    assert submit(store, 2) == store.runs(learner="bob")[0].id  # a share costs nobody anything


def test_who_asks_too_fast_waits_a_minute(store, clock, hosted):
    for number in range(HOSTED.a_minute):
        store.finish(submit(store, number), {})
    with pytest.raises(PlantEduError, match="within a minute"):
        submit(store, 99)
    submit(store, 99, learner="bob")
    clock.ahead = 61.0
    submit(store, 100)


def test_a_full_line_takes_nobody(store, hosted):
    for number in range(HOSTED.line):
        submit(store, number, learner=f"learner {number // 2}")
    with pytest.raises(PlantEduError, match="120 runs wait already"):
        submit(store, 999, learner="late")
    store.submit("train", {"seed": 999}, lane="training")  # a terminal is the host's own


def test_nobody_touches_the_run_of_another(store, hosted):
    run_id = submit(store, 0)
    for touch in (store.cancel, store.pause, store.resume):
        with pytest.raises(PlantEduError, match="belongs to another"):
            touch(run_id, learner="eve")
    assert store.run(run_id).state == "queued"
    assert store.pause(run_id, learner="ann").state == "paused"
    assert store.resume(run_id, learner="ann").state == "queued"
    assert store.cancel(run_id, learner="ann").state == "cancelled"


def test_a_shared_run_is_not_kept_back_by_one_of_its_learners(store, hosted):
    run_id = submit(store, 0)
    submit(store, 0, learner="bob")
    with pytest.raises(PlantEduError, match="1 other learners watch"):
        store.pause(run_id, learner="ann")
    assert store.has_share(run_id, "bob")
    assert not store.has_share(run_id, "eve")


def test_alone_anybody_at_the_machine_may(store):
    run_id = submit(store, 0)
    assert store.pause(run_id, learner="eve").state == "paused"
    assert store.resume(run_id, learner="eve").state == "queued"


@pytest.fixture
def over(store, clock, hosted):
    """A training whose turn is over while somebody waits behind it."""
    run_id = submit(store, 0)
    store.lease("training", "w")
    clock.ahead = HOSTED.turn + 1
    return run_id


def test_a_training_goes_on_while_nobody_waits(store, over):
    assert store.heartbeat(over, "w") == "go"
    submit(store, 1)  # its own learner's next one is no reason
    assert store.heartbeat(over, "w") == "go"


def test_a_training_gives_way_and_waits_for_its_next_turn(store, clock, over):
    other = submit(store, 1, learner="bob")
    assert store.heartbeat(over, "w") == "pause"
    assert store.heartbeat(over, "w") == "pause"  # asked once, said again
    store.stopped(over, "pause", worker="w")
    assert store.run(over).state == "queued"
    assert [e.name for e in store.events(over)] == ["start", "gave way"]
    assert store.lease("training", "w").id == other
    store.finish(other, {}, worker="w")
    assert store.lease("training", "w").id == over
    submit(store, 2, learner="cem")
    assert store.heartbeat(over, "w") == "go"  # a new turn
    clock.ahead += HOSTED.turn + 1
    assert store.heartbeat(over, "w") == "pause"


def test_what_cannot_go_on_from_a_checkpoint_keeps_its_turn(store, clock, hosted):
    run_id = store.submit("find_lr", {}, lane="training", learner="ann")
    store.lease("training", "w")
    clock.ahead = HOSTED.turn + 1
    submit(store, 1, learner="bob")
    assert store.heartbeat(run_id, "w") == "go"


def test_a_worker_lost_while_it_gives_way_loses_nothing(store, clock, over):
    submit(store, 1, learner="bob")
    store.heartbeat(over, "w")
    clock.ahead += leases.LOST_AFTER + 1
    assert store.reap() == [over]
    assert store.run(over).state == "queued"


def test_a_learners_own_pause_is_a_pause(store, over):
    submit(store, 1, learner="bob")
    store.heartbeat(over, "w")
    assert store.pause(over, learner="ann").wish == "pause"
    store.stopped(over, "pause", worker="w")
    assert store.run(over).state == "paused"
