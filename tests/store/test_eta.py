"""How long a waiting run waits, against sums done by hand."""

import pytest

from plantedu.store.limits import limits
from plantedu.store.run import Metric


@pytest.fixture
def seconds(store, clock):
    """Does a run of a kind that takes so many seconds."""

    def did(kind, took, number):
        run_id = store.submit(kind, {"n": number}, lane="analysis")
        store.lease("analysis", "w")
        clock.ahead += took
        store.finish(run_id, {}, worker="w")

    return did


def test_nothing_is_said_before_a_run_of_the_kind_has_ended(store):
    store.submit("slow", {"n": 0}, lane="analysis")
    assert store.seconds_left(store.submit("slow", {"n": 1}, lane="analysis")) is None


def test_medians_of_those_before_and_the_rest_of_the_one_at_work(store, clock, seconds):
    for number, took in enumerate((10.0, 30.0, 20.0)):
        seconds("slow", took, number)
    seconds("quick", 4.0, 3)
    working = store.submit("slow", {"n": 10}, lane="analysis", learner="a")
    store.lease("analysis", "w")
    clock.ahead += 5
    quick = store.submit("quick", {"n": 11}, lane="analysis", learner="b")
    last = store.submit("slow", {"n": 12}, lane="analysis", learner="c")
    assert store.seconds_left(quick) == pytest.approx(15, abs=0.2)
    assert store.seconds_left(last) == pytest.approx(19, abs=0.2)
    assert store.ahead(last) == 1
    clock.ahead += 100  # longer than usual: it may end at any moment
    assert store.seconds_left(quick) == 0
    assert store.run(working).state == "running"


def test_a_run_that_does_not_wait_has_nobody_before_it(store):
    run_id = store.submit("slow", {}, lane="analysis")
    store.cancel(run_id)
    assert store.ahead(run_id) == 0


def test_what_is_left_of_a_training_is_told_by_its_steps(store, clock):
    """None of its kind has ended yet; its own pace says when it does."""
    ahead = store.submit("train", {"n": 0}, lane="training", learner="a", worker="w")
    store.set_step(ahead, 0, 200)
    mine = store.submit("train", {"n": 1}, lane="training", learner="b")
    assert store.seconds_left(mine) is None
    clock.ahead += 30
    store.set_step(ahead, 60, 200)
    store.log(ahead, [Metric(60, "steps_per_second", 2.0)], step=60)
    assert store.seconds_left(mine) == pytest.approx(70)


def test_a_training_gives_way_to_who_waits_where_many_share(store, clock, monkeypatch):
    monkeypatch.setenv("PLANTEDU_HOSTED", "1")
    ahead = store.submit("train", {"n": 0}, lane="training", learner="a", worker="w")
    store.set_step(ahead, 10, 100_000)
    store.log(ahead, [Metric(10, "steps_per_second", 1.0)], step=10)
    mine = store.submit("train", {"n": 1}, lane="training", learner="b")
    last = store.submit("train", {"n": 2}, lane="training", learner="c")
    clock.ahead += 60
    assert store.seconds_left(mine) == pytest.approx(limits().turn - 60, abs=0.5)
    assert store.seconds_left(last) == pytest.approx(2 * limits().turn - 60, abs=0.5)


def test_two_at_work_share_the_line(store, clock, seconds):
    seconds("slow", 20.0, 0)
    for number in (1, 2):
        store.submit("slow", {"n": number}, lane="analysis", learner=f"l{number}")
        store.lease("analysis", "w")
        clock.ahead += 5
    waits = [
        store.submit("slow", {"n": number}, lane="analysis", learner=f"l{number}")
        for number in (3, 4, 5)
    ]
    found = [store.seconds_left(one) for one in waits]
    assert found == pytest.approx([10, 15, 30], abs=0.5)
