"""How long a waiting run waits, against sums done by hand."""

import pytest


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
