"""Durations hold when the wall's clock is set, in one process and between two."""

import subprocess
import sys

import pytest

from plantedu.jobs.lanes import claim_lane, lane_worker
from plantedu.store import clock, leases, limits
from plantedu.store.clock import StoreClock
from plantedu.store.run import Metric
from plantedu.store.store import Store

HOUR = 3600.0


class World:
    """A machine's clocks, which a test can move; a `set` moves the wall's alone."""

    def __init__(self, monkeypatch):
        self.time, self.up, self.boot = 1.7e9, 500.0, "boot-1"
        monkeypatch.setattr(clock, "wall", lambda: self.time)
        monkeypatch.setattr(clock, "since_boot", lambda: self.up)
        monkeypatch.setattr(clock, "boot", lambda: self.boot)

    def passes(self, seconds):
        self.time += seconds
        self.up += seconds

    def is_set(self, by):
        self.time += by

    def restarts(self, *, boot="boot-2"):
        self.up, self.boot = 3.0, boot


@pytest.fixture
def world(monkeypatch):
    return World(monkeypatch)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "a.sqlite"


SET = pytest.mark.parametrize("by", [-HOUR, HOUR, -30 * 86_400.0])


@SET
def test_what_a_run_took_is_what_it_took(world, path, by):
    page = Store(path)
    run_id = page.submit("kept", {}, lane="analysis", learner="ann", worker="w")
    world.passes(10)
    world.is_set(by)
    worker = Store(path)  # another process, begun after the clock was set
    worker.log(run_id, [Metric(1, "loss", 0.5)])
    worker.event(run_id, 1, "noted")
    world.passes(5)
    worker.finish(run_id, {}, worker="w")
    run = page.run(run_id)
    assert run.ended - run.started == pytest.approx(15)
    assert worker.metrics(run_id)["loss"].seconds.tolist() == pytest.approx([10])
    assert page.events(run_id)[-1].seconds == pytest.approx(10)


@SET
def test_nobody_is_lost_or_thought_alive_because_of_it(world, path, by):
    store = Store(path)
    run_id = store.submit("kept", {}, lane="analysis", worker="w")
    claim_lane(store, "analysis", "w", 1)
    world.is_set(by)
    other = Store(path)
    assert other.reap() == []
    assert lane_worker(other, "analysis")
    world.passes(leases.LOST_AFTER + 1)
    assert lane_worker(other, "analysis") is None
    assert other.reap() == [run_id]


@SET
def test_limits_do_not_stretch_or_shrink(world, path, by, monkeypatch):
    monkeypatch.setenv("PLANTEDU_HOSTED", "1")
    store = Store(path)
    for n in range(limits.HOSTED.a_minute):
        run_id = store.submit("kept", {"n": n}, lane="analysis", learner="ann")
        store.cancel(run_id, learner="ann")
    world.is_set(by)
    other = Store(path)
    with pytest.raises(ValueError, match="within a minute"):
        other.submit("kept", {"n": -1}, lane="analysis", learner="ann")
    world.passes(61)
    other.submit("kept", {"n": -1}, lane="analysis", learner="ann")


def test_after_a_restart_it_goes_on(world, path):
    before = Store(path)
    before.submit("kept", {}, lane="analysis")
    world.passes(HOUR)
    world.restarts()
    assert StoreClock(Store(path).database)() == pytest.approx(world.time)


def test_after_a_restart_with_a_clock_that_lags_it_does_not_go_back(world, path):
    store = Store(path)
    last = store.clock()
    store.submit("kept", {}, lane="analysis")
    world.is_set(-HOUR)
    world.restarts()
    assert Store(path).clock() >= last
    world.restarts(boot="boot-3")  # what was written under a clock of years ahead is no measure
    world.is_set(-400 * 86_400.0)
    assert Store(path).clock() == pytest.approx(world.time)


def test_where_boots_are_not_told_each_process_has_its_own(world, path):
    world.boot = ""
    one = Store(path).clock
    world.is_set(-HOUR)
    other = Store(path).clock
    assert one() - other() == pytest.approx(HOUR)  # said at the head of the module
    world.passes(10)
    assert other() == pytest.approx(world.time)


def test_two_processes_read_one_clock(tmp_path):
    path = tmp_path / "a.sqlite"
    code = "import sys; from plantedu.store.store import Store; from pathlib import Path;"
    code += "print(Store(Path(sys.argv[1])).clock())"
    mine = Store(path).clock
    before = mine()
    said = subprocess.run(
        [sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True
    )
    assert before < float(said.stdout) < mine()
