"""A snapshot is whole or not there, none replaces another, and any of them starts the course."""

import shutil
import sqlite3
import threading
from contextlib import closing

import pytest

from plantedu.course.blocks import Prediction
from plantedu.course.predictions import Predictions, new_token
from plantedu.errors import PlantEduError
from plantedu.jobs import snapshot as snapshots
from plantedu.jobs.snapshot import backup, restore, snapshot
from plantedu.jobs.snapshot_generations import generations
from plantedu.store.run import Metric
from plantedu.store.store import FILE, Store

ASKED = Prediction("id", "Which?", (("a", "A"), ("b", "B")), {}, "s")


def rows(path):
    with closing(sqlite3.connect(path)) as link:
        return [link.execute(f"SELECT * FROM {t}").fetchall() for t in ("runs", "metrics")]


def newest(disk):
    return generations(disk)[0].path


def content(disk):
    return {one.path.name: one.path.read_bytes() for one in generations(disk)}


@pytest.fixture
def disk(tmp_path):
    return tmp_path / "disk"


@pytest.fixture
def filled(store):
    run_id = store.submit("kept", {}, lane="analysis", learner="ann")
    store.log(run_id, [Metric(step, "loss", 1.0 / (step + 1)) for step in range(50)])
    (store.folder(run_id) / "x1.png").write_bytes(b"a picture")
    return run_id


def test_there_and_back(store, filled, tmp_path, disk):
    made = snapshot(store.path.parent, disk)
    assert (made.files, made.bytes, made.warnings) == (1, 9, ())
    assert made.database == newest(disk).stat().st_size
    assert made.name in restore(tmp_path / "new", disk)
    assert rows(tmp_path / "new" / FILE) == rows(store.path)
    again = Store(tmp_path / "new" / FILE)
    assert (again.folder(filled) / "x1.png").read_bytes() == b"a picture"
    again.log(filled, [Metric(50, "loss", 0.1)])
    again.close()


def test_each_snapshot_is_a_generation_of_its_own(store, filled, tmp_path, disk):
    first = snapshot(store.path.parent, disk, now=1e9)
    before = content(disk)
    assert snapshot(store.path.parent, disk, now=1e9 + 60).name == first.name  # nothing changed
    store.submit("kept", {"n": 1}, lane="analysis")
    second = snapshot(store.path.parent, disk, now=1e9 + 120)
    assert content(disk).items() > before.items()
    assert second.name in restore(tmp_path / "new", disk)
    assert len(rows(tmp_path / "new" / FILE)[0]) == 2
    assert first.name in restore(tmp_path / "older", disk, name=first.name)
    assert len(rows(tmp_path / "older" / FILE)[0]) == 1


def test_an_older_generation_starts_the_course(store, filled, tmp_path, disk):
    """Answers can be locked, and a run goes on from a checkpoint of that moment, not a later."""
    home, token = store.path.parent, new_token()
    Predictions(store.path).commit(token, "01_pairs", ASKED, "a", 0.7)
    run_id = store.submit("train", {}, lane="training", worker="w")
    steps = store.folder(run_id) / "checkpoints"
    steps.mkdir()
    (steps / "step-000010.safetensors").write_bytes(b"ten")
    store.set_step(run_id, 12, 100)
    first = snapshot(home, disk, now=1e9)
    store.set_step(run_id, 60, 100)
    (steps / "step-000050.safetensors").write_bytes(b"fifty")
    snapshot(home, disk, now=1e9 + 60)
    restore(tmp_path / "new", disk, name=first.name)
    again = Store(tmp_path / "new" / FILE)
    there = sorted(path.name for path in (again.folder(run_id) / "checkpoints").iterdir())
    assert there == ["step-000010.safetensors"]
    assert again.reap(now=again.clock() + 60) == [run_id]
    assert again.lease("training", "w2").id == run_id
    book = Predictions(again.path)
    assert book.of(token, "01_pairs")["id"].choice == "a"
    assert book.commit(new_token(), "01_pairs", ASKED, "b", 0.5).choice == "b"
    again.close()


def test_only_what_changed_is_copied_again(store, filled, disk):
    snapshot(store.path.parent, disk)
    assert snapshot(store.path.parent, disk).files == 0
    (store.folder(filled) / "x1.png").write_bytes(b"another picture")
    assert snapshot(store.path.parent, disk).files == 1


def test_a_sound_store_that_is_there_is_never_replaced(store, filled, tmp_path, disk):
    made = snapshot(store.path.parent, disk)
    store.submit("kept", {"n": 1}, lane="analysis")
    before = rows(store.path)
    assert restore(store.path.parent, disk) == ""
    with pytest.raises(PlantEduError, match="move it away"):
        restore(store.path.parent, disk, name=made.name)
    assert rows(store.path) == before
    assert restore(tmp_path / "new", tmp_path / "nowhere") == ""


def test_a_snapshot_while_others_write_is_one_moment(store, filled, disk):
    end = threading.Event()

    def write():
        step = 100
        while not end.is_set():
            store.log(filled, [Metric(step, name, float(step)) for name in ("a", "b")])
            step += 1

    thread = threading.Thread(target=write)
    thread.start()
    try:
        for _ in range(5):
            snapshot(store.path.parent, disk)
            with closing(sqlite3.connect(newest(disk))) as link:
                a, b = (
                    link.execute("SELECT count(*) FROM metrics WHERE name = ?", (n,)).fetchone()
                    for n in ("a", "b")
                )
            assert a == b  # they were written in one transaction
    finally:
        end.set()
        thread.join()


def damaged(path):
    path.write_bytes(path.read_bytes()[:4096] + b"\xff" * 8000)


def emptied(path):
    path.write_bytes(b"")


def scribbled(path):
    path.write_bytes(b"garbage " * 4096)


def another(path):
    path.unlink()
    with sqlite3.connect(path) as link:
        link.execute("CREATE TABLE other (x)")


BROKEN = pytest.mark.parametrize("breaks", [damaged, emptied, scribbled, another])


@BROKEN
def test_a_live_store_that_is_broken_replaces_nothing(store, filled, tmp_path, disk, breaks):
    snapshot(store.path.parent, disk)
    before = content(disk)
    store.close()
    (tmp_path / "live").mkdir()
    shutil.copy(store.path, tmp_path / "live" / FILE)
    breaks(tmp_path / "live" / FILE)
    with pytest.raises(PlantEduError, match="every earlier snapshot is kept"):
        snapshot(tmp_path / "live", disk)
    assert content(disk) == before
    assert not list((disk / "generations").glob(".*"))


@BROKEN
def test_a_live_store_that_is_broken_is_moved_aside_at_the_start(store, filled, disk, breaks):
    home = store.path.parent
    snapshot(home, disk)
    before = rows(store.path)
    store.close()
    breaks(store.path)
    assert "was damaged; it is plantedu.sqlite.damaged-" in restore(home, disk)
    assert rows(store.path) == before
    assert list(home.glob("plantedu.sqlite.damaged-??????"))


@BROKEN
def test_the_generation_before_a_broken_one_is_brought_back(store, filled, tmp_path, disk, breaks):
    first = snapshot(store.path.parent, disk, now=1e9)
    store.submit("kept", {"n": 1}, lane="analysis")
    second = snapshot(store.path.parent, disk, now=1e9 + 60)
    breaks(newest(disk))
    said = restore(tmp_path / "new", disk)
    assert f"restored {first.name}" in said
    assert f"{second.name} cannot be used" in said
    assert len(rows(tmp_path / "new" / FILE)[0]) == 1


def test_a_store_of_a_newer_plantedu_is_left_alone(store, filled, disk):
    snapshot(store.path.parent, disk)
    store.close()
    with sqlite3.connect(store.path) as link:
        link.execute("PRAGMA user_version=99")
    assert restore(store.path.parent, disk) == ""


def test_a_mount_that_comes_late_keeps_the_longer_history(store, filled, tmp_path, disk):
    """The course started without the disk, so with an empty store: a younger one."""
    for n in range(5):
        store.submit("kept", {"n": n}, lane="analysis")
    long = snapshot(store.path.parent, disk, now=1e9)
    young = Store(tmp_path / "young" / FILE)
    young.submit("kept", {"n": 1}, lane="analysis")
    for minute in range(1, 30):
        young.submit("kept", {"n": 1}, lane="analysis", fresh=minute == 9)
        young.event(young.runs()[0].id, minute, "noted")
        made = snapshot(tmp_path / "young", disk, now=1e9 + 60 * minute)
        assert "a longer history: 6 rows, this one has" in made.warnings[0]
    young.close()
    assert long.name in content(disk)
    assert made.name in content(disk)
    assert long.name in restore(tmp_path / "new", disk)
    assert len(rows(tmp_path / "new" / FILE)[0]) == 6


def test_a_snapshot_of_old_is_brought_back_too(store, filled, tmp_path, disk):
    disk.mkdir()
    backup(store.path, disk / FILE)
    assert restore(tmp_path / "new", disk)
    assert rows(tmp_path / "new" / FILE) == rows(store.path)
    snapshot(store.path.parent, disk)
    assert (disk / FILE).exists()


def test_every_file_that_a_row_names_is_there(store, filled, disk, monkeypatch):
    """A run that ends while files are copied: the rows are of the moment before."""
    copy = snapshots.mirror

    def late(source, target):
        found = copy(source, target)
        run_id = store.submit("kept", {"n": 1}, lane="analysis")
        (store.folder(run_id) / "x1.png").write_bytes(b"too late")
        return found

    monkeypatch.setattr(snapshots, "mirror", late)
    snapshot(store.path.parent, disk)
    with closing(sqlite3.connect(newest(disk))) as link:
        known = {run for (run,) in link.execute("SELECT id FROM runs")}
    assert known == {path.name for path in (disk / "runs").iterdir()}


def test_files_that_cannot_be_copied_are_said_and_the_rows_are_kept(store, filled, disk):
    (disk / "runs" / filled / "x1.png" / "in the way").mkdir(parents=True)
    made = snapshot(store.path.parent, disk)
    assert made.warnings[0].startswith(f"1 files were not copied; the first: {filled}/x1.png")
    assert rows(newest(disk)) == rows(store.path)


def test_what_cannot_be_written_leaves_the_old_ones(store, filled, tmp_path, disk):
    snapshot(store.path.parent, disk)
    before = content(disk)
    with pytest.raises(PlantEduError, match="no store"):
        snapshot(tmp_path / "empty", disk)
    (tmp_path / "file").write_text("")
    with pytest.raises(PlantEduError, match="could be written"):
        snapshot(store.path.parent, tmp_path / "file")
    assert content(disk) == before


def test_where_no_generation_is_sound_nothing_is_brought_back(store, filled, tmp_path, disk):
    snapshot(store.path.parent, disk)
    damaged(newest(disk))
    with pytest.raises(PlantEduError, match="cannot be brought back"):
        restore(tmp_path / "new", disk)
    assert not (tmp_path / "new" / FILE).exists()


def test_old_generations_go_and_files_of_forgotten_runs_with_them(store, filled, disk):
    snapshot(store.path.parent, disk, now=1e9)
    with store.database.write() as link:
        link.execute("DELETE FROM runs")
        link.execute("DELETE FROM metrics")
    shutil.rmtree(store.path.parent / "runs" / filled)
    for n in range(3):
        store.submit("kept", {"n": n}, lane="analysis")
    for day in range(1, 40):
        store.event(store.runs()[0].id, day, "noted")
        snapshot(store.path.parent, disk, now=1e9 + 86_400 * day)
    assert len(generations(disk)) <= 5 + 24 + 14
    assert not (disk / "runs" / filled).exists()


def test_a_generation_is_for_its_owner_alone(store, filled, tmp_path, disk):
    snapshot(store.path.parent, disk)
    assert newest(disk).stat().st_mode & 0o077 == 0
    restore(tmp_path / "new", disk)
    assert (tmp_path / "new" / FILE).stat().st_mode & 0o077 == 0
