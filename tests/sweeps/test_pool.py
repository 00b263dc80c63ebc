import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace

import pytest

from plantedu.errors import PlantEduError
from plantedu.store import leases
from plantedu.sweeps import pool
from plantedu.sweeps.grid import Grid, rows_of
from plantedu.sweeps.pool import OTHER_CODE, Pool, Rows, claim, in_lineage, run_of, settled
from plantedu.sweeps.ray_engine import on_ray
from plantedu.sweeps.request import Sweep


@pytest.fixture
def rows(tiny):
    """Two rows of some seconds."""
    base = tiny.as_json() | {"checkpoint_every": 5, "probe_every": 200}
    del base["steps"]
    return rows_of(Grid(base=base, grid={"steps": [120, 110]}, name="kill"))


SWEEP = """
import sys
import time
from plantedu.store.store import Store
from plantedu.sweeps.grid import GridRow
from plantedu.sweeps.pool import Pool, Rows
rows = [GridRow(**words) for words in __import__("json").load(sys.stdin)]
Pool(Rows(Store(), rows), at_once=1, threads=1).run(lambda: None)
"""


@pytest.fixture
def started():
    """Starts a sweep in a process of its own, which does not outlive the test."""
    processes = []

    def start(rows):
        words = [sys.executable, "-c", SWEEP]
        processes.append(subprocess.Popen(words, stdin=subprocess.PIPE, text=True))
        json.dump([row.as_json() for row in rows], processes[-1].stdin)
        processes[-1].stdin.close()
        return processes[-1]

    yield start
    for process in processes:
        process.kill()
        process.wait()


@pytest.mark.slow
def test_a_sweep_that_was_killed_goes_on_where_it_was(store, rows, until, started, monkeypatch):
    """kill -9 for the sweep and its child: done stays done, the rest goes on from a checkpoint."""
    first, second = rows
    process = started(rows)
    until(lambda: (run := run_of(store, second)) and run.step >= 12, seconds=60)
    child = int(run_of(store, second).worker.split("-")[1])
    assert child == process.pid  # workers of a sweep carry its process id
    pids = children(process.pid)
    for pid in (process.pid, *pids):
        os.kill(pid, signal.SIGKILL)
    process.wait()
    before, killed = run_of(store, first), run_of(store, second)
    assert (before.state, killed.state) == ("done", "running")
    reached = max(
        int(path.stem[5:]) for path in (store.folder(killed.id) / "checkpoints").glob("step-*")
    )
    assert 10 <= reached < 110

    monkeypatch.setattr(leases, "LOST_AFTER", 1.0)
    assert Pool(Rows(store, rows), at_once=1, threads=1).run(lambda: None)
    assert run_of(store, first) == before
    after = run_of(store, second)
    assert (after.id, after.state, after.step) == (killed.id, "done", 110)
    assert store.metrics(after.id)["loss"].steps.tolist() == list(range(1, 111))
    kept = store.metrics(after.id)["loss"].seconds
    assert kept[reached - 1] < kept[reached]  # the steps before the checkpoint were not done again
    assert after.result["seconds"] > kept[reached - 1]
    assert "worker lost" in [event.name for event in store.events(after.id)]


def children(pid):
    """Process ids of a process's children."""
    words = ["ps", "-o", "pid=", "--ppid", str(pid)]
    output = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    return [int(word) for word in output.split()]


def test_what_is_settled(store, rows):
    row = rows[0]
    assert not settled(run_of(store, row), retry=False)
    run = claim(store, row, "w")
    assert (run.state, run.worker, run.name) == ("running", "w", "kill: steps=120")
    assert claim(store, row, "v").worker == "w"  # somebody else has it
    assert not settled(run_of(store, row), retry=False)
    store.fail(run.id, "The loss is nan.", worker="w")
    assert settled(run_of(store, row), retry=False)
    assert not settled(run_of(store, row), retry=True)
    assert claim(store, row, "v").id == run.id  # tried again from its last checkpoint
    store.finish(run.id, {}, worker="v")
    assert settled(run_of(store, row), retry=True)
    assert claim(store, row, "u").state == "done"


def test_a_row_that_starts_from_a_run_knows_its_parent(store, rows):
    parent = claim(store, rows[0], "w")
    folder = store.folder(parent.id) / "checkpoints"
    folder.mkdir()
    (folder / "step-000005.safetensors").write_bytes(b"")
    store.finish(parent.id, {}, worker="w")
    asked = replace(rows[1], request=rows[1].request | {"start": f"run:{parent.id[:6]}@last"})
    row = in_lineage(store, asked)
    assert row.request["start"] == f"run:{parent.id}@5"
    assert claim(store, row, "w").parent == parent.id
    assert in_lineage(store, rows[1]) is rows[1]
    with pytest.raises(PlantEduError, match="No run begins with"):
        in_lineage(store, replace(asked, request=asked.request | {"start": "run:ffff@last"}))
    with pytest.raises(PlantEduError, match="use --engine local"):
        on_ray(Sweep(store.path), store, [(row, 1.0)])


def test_a_row_whose_worker_was_lost_too_often_is_not_settled(store, rows, clock):
    row = rows[0]
    claim(store, row, "w")
    for _ in range(3):
        clock.ahead += 60
        store.reap()
        if run_of(store, row).state == "queued":
            store.lease("training", "w")
    assert run_of(store, row).state == "failed"
    assert not settled(run_of(store, row), retry=False)


def test_rows_in_other_hands_are_waited_for(store, rows, monkeypatch):
    run = claim(store, rows[0], "page")
    waiting = Rows(store, rows)
    assert waiting.take() == rows[1]
    looks = []

    def sleep(seconds):
        looks.append(seconds)
        store.finish(run.id, {}, worker="page")

    monkeypatch.setattr(pool.time, "sleep", sleep)
    assert waiting.take() == rows[0]  # done by now; asking for it again finds that out
    assert looks
    waiting.give_back(rows[0], again=False)
    assert waiting.take() is None


class Dying:
    """A child whose process dies over every row."""

    made = 0

    def __init__(self, folder, threads):
        Dying.made += 1
        self.worker = f"w{Dying.made}"

    def do(self, row):
        claim(Dying.store, row, self.worker)
        return ""

    def end(self):
        pass


def test_a_row_that_kills_its_process_three_times_fails_and_the_sweep_ends(
    store, rows, monkeypatch
):
    Dying.store, Dying.made = store, 0
    monkeypatch.setattr(pool, "Child", Dying)
    Pool(Rows(store, rows[:1]), at_once=1, threads=1).run(lambda: None)
    run = run_of(store, rows[0])
    assert (Dying.made, run.state) == (3, "failed")
    assert "died 3 times while doing this row" in run.error


def test_a_child_pauses_its_row_when_its_input_ends(store, rows, monkeypatch, capsys):
    monkeypatch.setattr("plantedu.jobs.heartbeat.EVERY", 0.01)
    before = signal.getsignal(signal.SIGINT)

    class Listened:
        """Hears the row, then the end of the input when the row has begun."""

        def __iter__(self):
            yield json.dumps({"row": rows[0].as_json(), "key": rows[0].key}) + "\n"
            while (run := run_of(store, rows[0])) is None or (run.step < 3 and not run.over):
                time.sleep(0.01)

    monkeypatch.setattr(sys, "stdin", Listened())
    try:
        assert pool.main(["w"]) == 0
    finally:
        signal.signal(signal.SIGINT, before)
    run = run_of(store, rows[0])
    assert run.state == "paused"
    assert 3 <= run.step < 120
    assert capsys.readouterr().out.splitlines() == ["paused"]


def test_rows_are_not_mixed_from_two_versions_of_the_code(store, rows, monkeypatch):
    words = {"row": rows[0].as_json(), "key": "another"}
    assert pool.answer(store, None, words) == OTHER_CODE
    assert store.runs() == []

    class Newer(Dying):
        def do(self, row):
            return OTHER_CODE

    monkeypatch.setattr(pool, "Child", Newer)
    with pytest.raises(PlantEduError, match="code of plantedu has changed"):
        Pool(Rows(store, rows), at_once=2, threads=1).run(lambda: None)
