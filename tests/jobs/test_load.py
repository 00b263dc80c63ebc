"""What a host sees of its machine."""

import os
import sys

import pytest

from plantedu.jobs.lanes import claim_lane
from plantedu.jobs.load import held, load


def test_an_idle_machine(store):
    found = load(store)
    assert [lane.name for lane in found.lanes] == ["training", "analysis", "replay"]
    assert all((one.worker, one.waiting, one.oldest) == (0, 0, 0.0) for one in found.lanes)
    assert found.free > 0
    assert found.used > 0
    assert "none" in str(found)


def test_a_busy_lane(store, clock):
    claim_lane(store, "analysis", "w", os.getpid())
    ids = [
        store.submit("kept", {"n": n}, lane="analysis", learner=f"l{n % 2}", fresh=True)
        for n in range(4)
    ]
    store.lease("analysis", "w")
    store.finish(ids[0], {}, worker="w")
    store.lease("analysis", "w")
    store.fail(store.runs(state="running")[0].id, "it broke", worker="w")
    store.lease("analysis", "w")
    clock.ahead = 3.0
    claim_lane(store, "analysis", "w", os.getpid())
    lane = load(store).lanes[1]
    assert (lane.worker, lane.waiting, lane.running) == (os.getpid(), 1, 1)
    assert (lane.done, lane.failed, lane.learners) == (1, 1, 2)
    assert lane.oldest == pytest.approx(3.0, abs=0.5)
    assert str(os.getpid()) in str(load(store))
    clock.ahead = 4000.0  # the worker is silent, and what ended is long ago
    lane = load(store).lanes[1]
    assert (lane.worker, lane.done, lane.failed) == (0, 0, 0)


@pytest.mark.skipif(sys.platform != "linux", reason="read from /proc")
def test_memory_of_a_process():
    assert held(os.getpid()) > 10e6
    assert held(2**22 + 1) == held(0) == 0
