import sys
import time
from pathlib import Path

import pytest

from plantedu.errors import PlantEduError
from plantedu.jobs.heartbeat import Heart
from plantedu.jobs.replay import Replay, replays, speed_of, turn
from plantedu.store.database import UNWRITABLE
from plantedu.store.recording import Recording, export_run
from plantedu.store.run import Event, Metric


@pytest.fixture
def recorded(store, plantedu_home):
    """A run of 40 steps in 20 s, recorded as `short`."""
    run_id = store.submit("train", {"steps": 40}, lane="training", worker="w")
    store.set_step(run_id, 0, 40)
    names = ("loss", "probe/disease/both")
    rows = [Metric(n, name, 1 / (n + 1), 0.0, 1.0, n / 2) for n in range(41) for name in names]
    events = [Event(n, "checkpoint", str(n), 1.0, n / 2) for n in (10, 20)]
    store.log(run_id, rows, step=40, events=events)
    store.finish(run_id, {"last": {"loss": 1 / 41}}, worker="w")
    export_run(store, run_id, plantedu_home / "recordings" / "short")
    return run_id


def submit(store, speed, **words):
    request = {"recording": "short", "speed": speed}
    return store.submit("replay", request, lane="replay", fresh=True, **words)


def same(store, one, other):
    mine, theirs = store.metrics(one), store.metrics(other)
    assert mine.keys() == theirs.keys()
    for name, series in mine.items():
        for column in ("steps", "values", "lows", "highs", "seconds"):
            found = getattr(theirs[name], column).tolist()
            assert getattr(series, column).tolist() == found
    events = [
        [(e.step, e.name, e.detail, e.seconds) for e in store.events(r)] for r in (one, other)
    ]
    assert events[0] == events[1]
    assert store.run(one).result == store.run(other).result
    assert (store.run(one).step, store.run(one).steps) == (40, 40)


def test_a_worker_without_torch_replays_many_at_once(store, recorded, start_worker, until):
    process = start_worker("replay")
    slow, instant = submit(store, 10.0), submit(store, "instant")
    until(lambda: store.run(instant).state == "done")
    same(store, recorded, instant)
    until(lambda: 0 < store.run(slow).step < 40)  # seen on its way
    assert store.run(slow).state == "running"
    third = submit(store, 8)
    until(lambda: store.run(third).step > 2)
    store.cancel(third)
    assert until(lambda: store.run(third).state == "cancelled") < 2.0
    until(lambda: store.run(slow).state == "done")
    same(store, recorded, slow)
    if sys.platform == "linux":
        assert "libtorch" not in Path(f"/proc/{process.pid}/maps").read_text()


def test_a_paused_replay_goes_on_where_it_was(store, recorded, start_worker, until):
    start_worker("replay")
    run_id = submit(store, 20.0)
    until(lambda: store.run(run_id).step >= 10)
    store.pause(run_id)
    until(lambda: store.run(run_id).state == "paused")
    step = store.run(run_id).step
    assert step < 40
    assert int(store.metrics(run_id)["loss"].steps[-1]) == step
    store.resume(run_id)
    until(lambda: store.run(run_id).state == "done")
    assert store.metrics(run_id)["loss"].steps.tolist() == list(range(41))
    events = [(e.step, e.name) for e in store.events(run_id) if e.name == "checkpoint"]
    assert events == [(10, "checkpoint"), (20, "checkpoint")]


@pytest.mark.usefixtures("recorded")
def test_what_is_due_is_written_in_order(store, monkeypatch):
    now = [100.0]
    monkeypatch.setattr("plantedu.jobs.replay.time.monotonic", lambda: now[0])
    run_id = submit(store, 4.0, worker="w")
    replay = Replay(store, store.run(run_id))
    active = {run_id: replay}
    turn(store, "w", active)
    assert store.metrics(run_id)["loss"].steps.tolist() == [0]
    now[0] = 101.0  # a second later: four recorded seconds, eight steps
    turn(store, "w", active)
    assert store.metrics(run_id)["loss"].steps.tolist() == list(range(9))
    assert store.run(run_id).step == 8
    assert [e.name for e in store.events(run_id)] == ["start"]
    now[0] = 104.9
    turn(store, "w", active)
    assert active
    now[0] = 105.0
    turn(store, "w", active)
    assert not active
    assert store.run(run_id).state == "done"


@pytest.mark.parametrize("speed", [0, -1, "fast", True, None, float("inf"), 1e9, [4]])
def test_strange_speeds_are_refused(speed):
    with pytest.raises(PlantEduError, match="A replay's speed is a number"):
        speed_of({"speed": speed})


def test_a_strange_request_fails_its_run_only(store, recorded, start_worker, until):
    wrong = store.submit("replay", {"recording": "../../etc"}, lane="replay")
    slow = store.submit("replay", {"recording": "short", "speed": "slow"}, lane="replay")
    right = submit(store, "instant")
    start_worker("replay")
    until(lambda: store.run(right).state == "done")
    assert "There is no recording '../../etc'" in store.run(wrong).error
    assert "A replay's speed" in store.run(slow).error
    same(store, recorded, right)


def test_sixty_at_once_lose_no_worker_and_fail_nothing(store, recorded, start_worker, until):
    runs = [submit(store, 10.0) for _ in range(60)]
    start_worker("replay")
    until(lambda: all(store.run(run_id).state == "done" for run_id in runs), seconds=60)
    names = {event.name for run_id in runs for event in store.events(run_id)}
    assert names == {"start", "checkpoint"}
    same(store, recorded, runs[-1])


def test_a_recording_is_read_once_for_all(store, recorded, monkeypatch):
    read = []
    metrics = Recording.metrics
    monkeypatch.setattr(Recording, "metrics", lambda self: read.append(1) or metrics(self))
    runs = [submit(store, 4.0, worker="w") for _ in range(5)]
    made = [Replay(store, store.run(run_id)) for run_id in runs]
    assert len(read) == 1
    assert made[0].rows is made[4].rows


@pytest.mark.parametrize("error", UNWRITABLE)
def test_what_cannot_be_written_now_is_written_later(store, recorded, monkeypatch, error):
    """A full disk or a held database delays replays; it fails none and loses none of them."""
    runs = [submit(store, "instant") for _ in range(3)]
    heart = Heart(store, "w", lane="replay")
    work, writes = replays(store, heart), store.database.write
    for blocked in (True, False) * 8:

        def write(*, blocked=blocked, **words):
            if blocked:
                raise error("not now")
            return writes(**words)

        monkeypatch.setattr(store.database, "write", write)
        monkeypatch.setattr("plantedu.jobs.replay.EVERY", 0.02)
        next(work)
        time.sleep(0.03)
    assert [store.run(run_id).state for run_id in runs] == ["done"] * 3
    for run_id in runs:
        same(store, recorded, run_id)


def test_a_worker_that_leaves_gives_its_replays_back(store, recorded):
    run_id = submit(store, 1.0)
    work = replays(store, Heart(store, "w", lane="replay"))
    next(work)
    assert store.run(run_id).state == "running"
    work.close()
    run = store.run(run_id)
    assert (run.state, run.attempts) == ("queued", 0)
    assert [e.name for e in store.events(run_id)][-1] == "given back"
