"""The disk: what is held, what goes first, and what never goes by itself."""

import os
import time

import pytest

from plantedu.errors import PlantEduError
from plantedu.runs.checkpoints import checkpoint_path
from plantedu.runs.keeping import DAYS, OPENED, bound, delete, held, opened, tidy
from plantedu.runs.thinning import checkpoints_in

NOW = time.time()
HOUR, DAY = 3600.0, 86_400.0


def put(home, name, size, age):
    path = home / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x" * size)
    os.utime(path, (NOW - age, NOW - age))
    return path


@pytest.fixture
def home(store):
    return store.path.parent


def ended(store, clock, *, days, state="done", **more):
    """A run with four checkpoints of 1,000 bytes and a picture of 100, that ended days ago."""
    run_id = store.submit("train", {}, lane="training", worker="w", fresh=True, **more)
    for step in (10, 20, 30, 40):
        path = checkpoint_path(store.folder(run_id), step)
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"x" * 1000)
    (store.folder(run_id) / "crops.png").write_bytes(b"x" * 100)
    if state == "done":
        store.finish(run_id, {"kept": 1}, worker="w")
    with store.database.write() as link:
        link.execute("UPDATE runs SET ended = ? WHERE id = ?", (clock() - days * DAY, run_id))
    return run_id


def test_what_is_held_is_told_by_kind(store, home, monkeypatch):
    put(home, "bank/field-64/chunk-0.npz", 3000, 0)
    put(home, "samples/a.npz", 200, 0)
    found = held(home)
    assert found.kinds["bank"] == 3000
    assert found.kinds["samples"] == 200
    assert found.kinds["database"] > 0
    assert "runs" not in found.kinds
    assert found.total == sum(found.kinds.values())
    monkeypatch.setenv("PLANTEDU_DISK_GB", "1.5")
    assert held(home).bound == 1_500_000_000
    assert "of 1.5 GB" in str(held(home))


@pytest.mark.parametrize("said", ["much", "-1", "nan"])
def test_a_bound_that_is_no_number_is_refused(monkeypatch, said):
    monkeypatch.setenv("PLANTEDU_DISK_GB", said)
    with pytest.raises(PlantEduError, match="PLANTEDU_DISK_GB is a number of gigabytes"):
        bound()


def test_parts_that_nobody_writes_go_whatever_the_bound(store, home):
    old = put(home, "bank/field-64/.chunk-0-77.part", 100, 2 * HOUR)
    deep = put(home, "runs/0000000a/checkpoints/.step-1.part", 100, 2 * HOUR)
    young = put(home, "bank/field-64/.chunk-1-78.part", 100, 60)
    assert tidy(store, now=NOW, most=0) == 200
    assert [path.exists() for path in (old, deep, young)] == [False, False, True]


def test_what_was_used_longest_ago_goes_first_and_only_as_much_as_is_needed(store, home):
    ages = {"bank/a.npz": 5 * HOUR, "samples/b.npz": 9 * HOUR, "features/c.npz": 2 * HOUR}
    for name, age in ages.items():
        put(home, name, 1000, age)
    fresh = put(home, "bank/fresh.npz", 1000, 60)
    database = held(home).kinds["database"]
    assert tidy(store, now=NOW, most=database + 3500) == 1000
    assert not (home / "samples/b.npz").exists()
    assert tidy(store, now=NOW, most=database + 3500) == 0
    assert tidy(store, now=NOW, most=database) == 2000
    assert fresh.exists()  # somebody may be at it
    assert tidy(store, now=NOW, most=0) == 0  # no bound


def test_files_of_old_runs_go_after_all_that_can_be_made_again(store, home, clock):
    cache = put(home, "bank/a.npz", 1000, 5 * HOUR)
    old, older = (ended(store, clock, days=DAYS + k) for k in (1, 2))
    young = ended(store, clock, days=1)
    parent = ended(store, clock, days=DAYS + 9)
    child = store.submit("train", {"n": 1}, lane="training", parent=parent)
    live = ended(store, clock, days=DAYS + 9, state="running")
    total = held(home).total
    assert tidy(store, now=NOW, most=total - 500) == 1000
    assert not cache.exists()
    before = {run: set(checkpoints_in(store.folder(run))) for run in (young, parent, live)}
    assert tidy(store, now=NOW, most=held(home).total - 2500) == 3000
    assert set(checkpoints_in(store.folder(older))) == {40}
    assert set(checkpoints_in(store.folder(old))) == {10, 20, 30, 40}
    tidy(store, now=NOW, most=1)
    assert not list(store.folder(old).rglob("*.*"))
    assert store.run(old).result == {"kept": 1}
    assert [e.name for e in store.events(old)].count("cleaned") == 2
    assert before == {run: set(checkpoints_in(store.folder(run))) for run in before}
    assert store.run(child).state == "queued"


def test_use_counts_and_not_the_end(store, home, clock):
    """A learner who looks at a run of a month ago every day keeps it; it went for its age."""
    young, looked_at, lately = (ended(store, clock, days=DAYS + k) for k in (1, 30, 20))
    opened(store, looked_at)
    opened(store, lately)
    os.utime(store.folder(lately) / OPENED, (NOW - 9 * DAY, NOW - 9 * DAY))
    os.utime(store.folder(looked_at) / OPENED, (NOW - DAY, NOW - DAY))
    tidy(store, now=NOW, most=held(home).total - 2500)
    assert set(checkpoints_in(store.folder(young))) == {40}  # never opened: before the other
    assert len(checkpoints_in(store.folder(lately))) == 4
    tidy(store, now=NOW, most=1)
    assert not checkpoints_in(store.folder(lately))
    assert len(checkpoints_in(store.folder(looked_at))) == 4


def test_what_is_opened_where_nothing_can_be_noted(store, clock):
    run_id = store.submit("train", {}, lane="training", worker="w", fresh=True)
    opened(store, run_id)
    assert not (store.path.parent / "runs" / run_id / OPENED).exists()


def test_a_run_is_deleted_with_all_that_belongs_to_it(store, clock):
    run_id = ended(store, clock, days=0, learner="ann")
    other = ended(store, clock, days=0, learner="bob")
    store.event(run_id, 1, "noted")
    assert delete(store, run_id) == 4100
    with pytest.raises(PlantEduError, match="There is no run"):
        store.run(run_id)
    with store.database.read() as link:
        for table in ("events", "shares", "metrics"):
            assert link.execute(f"SELECT count(*) FROM {table} WHERE run = 1").fetchone()[0] == 0
    assert store.run(other).result == {"kept": 1}
    assert len(store.runs(learner="bob")) == 1


def test_what_is_alive_or_begun_from_is_not_deleted(store, clock):
    run_id = ended(store, clock, days=0, state="running")
    with pytest.raises(PlantEduError, match="is running; cancel it first"):
        delete(store, run_id)
    store.finish(run_id, {}, worker="w")
    child = store.submit("train", {"n": 1}, lane="training", parent=run_id)
    with pytest.raises(PlantEduError, match=f"Run {child} begins from run {run_id}"):
        delete(store, run_id)
    store.cancel(child)
    delete(store, run_id)
