import pytest

from plantedu.errors import PlantEduError
from plantedu.store.limits import ALONE


def submit(store, request=None, **words):
    return store.submit(
        "train", {"seed": 0} if request is None else request, lane="training", **words
    )


def test_identical_requests_share_one_run(store):
    first = submit(store, {"a": 1, "b": 2}, learner="ann")
    assert submit(store, {"b": 2, "a": 1}, learner="bob") == first
    assert [run.id for run in store.runs(learner="bob")] == [first]
    assert submit(store, {"a": 1, "b": 3}) != first
    assert submit(store, {"a": 1, "b": 2}, data_hash="other data") != first
    assert submit(store, {"a": 1, "b": 2}, fresh=True) != first


def test_a_request_with_former_names_is_the_same(store):
    same = ({"untold": 0.2, "seed": 1}, {"seed": 1, "unconditional": 0.2})
    first, second = (store.submit("denoise", one, lane="training") for one in same)
    assert first == second
    assert store.run(first).request == same[1]


@pytest.mark.parametrize("state", ["queued", "running", "paused", "done", "failed", "cancelled"])
def test_what_ended_badly_is_not_shared(store, state):
    first = submit(store)
    if state in ("running", "done", "failed"):
        store.lease("training", "w")
    end = {"paused": store.pause, "cancelled": store.cancel}.get(state, lambda _: None)
    end(first)
    if state == "done":
        store.finish(first, {})
    if state == "failed":
        store.fail(first, "it broke")
    assert store.run(first).state == state
    assert (submit(store) == first) == (state not in ("failed", "cancelled"))


def test_one_of_many_who_cancels_only_leaves(store):
    run_id = submit(store, learner="ann")
    submit(store, learner="bob")
    assert store.cancel(run_id, learner="ann").state == "queued"
    assert store.runs(learner="ann") == []
    assert store.cancel(run_id, learner="bob").state == "cancelled"
    assert [run.id for run in store.runs(learner="bob")] == [run_id]  # it is still there to see


def test_a_stranger_who_cancels_changes_nothing_for_who_shares_it(store):
    run_id = submit(store, learner="ann")
    assert store.cancel(run_id, learner="eve").state == "queued"


def test_a_running_run_is_asked_to_stop(store):
    run_id = submit(store, worker="w")
    assert store.heartbeat(run_id, "w") == "go"
    assert store.cancel(run_id).wish == "cancel"
    assert store.run(run_id).state == "running"
    assert store.heartbeat(run_id, "w") == "cancel"
    assert store.pause(run_id).wish == "cancel"  # a pause does not undo a cancel
    store.stopped(run_id, "cancel", worker="w")
    assert store.run(run_id).state == "cancelled"
    assert store.cancel(run_id).state == "cancelled"


def test_a_run_of_a_dead_worker_is_cancelled_at_once(store, clock):
    run_id = submit(store, worker="w")
    clock.ahead = 60
    assert store.cancel(run_id).state == "cancelled"


def test_pause_and_resume(store):
    run_id = submit(store, worker="w")
    store.set_step(run_id, 40, 100)
    store.pause(run_id)
    assert store.heartbeat(run_id, "w") == "pause"
    store.stopped(run_id, "pause", worker="w")
    run = store.run(run_id)
    assert (run.state, run.wish, run.ended) == ("paused", "", None)
    assert store.resume(run_id).state == "queued"
    assert store.lease("training", "v").id == run_id
    names = [(event.step, event.name) for event in store.events(run_id)]
    assert names == [(0, "start"), (40, "paused"), (40, "resumed")]


def test_a_wish_to_pause_can_be_taken_back(store):
    run_id = submit(store, worker="w")
    store.pause(run_id)
    store.resume(run_id)
    assert store.heartbeat(run_id, "w") == "go"


def test_a_failed_run_goes_on_with_a_clean_slate(store):
    run_id = submit(store, worker="w")
    store.fail(run_id, "The disk is full.")
    run = store.resume(run_id, worker="v")
    assert (run.state, run.worker, run.error, run.attempts) == ("running", "v", "", 0)


def test_what_cannot_go_on_is_refused(store):
    done = submit(store, worker="w")
    store.finish(done, {})
    with pytest.raises(PlantEduError, match="is done; there is nothing to resume"):
        store.resume(done)
    with pytest.raises(PlantEduError, match="is done; only a live run can be paused"):
        store.pause(done)
    old = submit(store, {"seed": 1})
    store.cancel(old)
    twin = submit(store, {"seed": 1})
    with pytest.raises(PlantEduError, match=f"at work as run {twin}"):
        store.resume(old)


def test_nobody_fills_the_queue_alone(store):
    for seed in range(ALONE.waiting):
        submit(store, {"seed": seed}, learner="ann")
    with pytest.raises(PlantEduError, match="You have 5 runs waiting"):
        submit(store, {"seed": 99}, learner="ann")
    assert submit(store, {"seed": 0}, learner="ann")  # to look at what is there costs nothing
    assert submit(store, {"seed": 99}, learner="bob")
