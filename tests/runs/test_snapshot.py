"""A snapshot is whole, or it is the one before."""

import sqlite3
import threading

import pytest

from plantedu.errors import PlantEduError
from plantedu.runs.run import Metric
from plantedu.runs.snapshot import mirror, restore, snapshot
from plantedu.runs.store import FILE, Store


def rows(path):
    with sqlite3.connect(path) as link:
        return link.execute("SELECT * FROM runs").fetchall(), link.execute(
            "SELECT * FROM metrics"
        ).fetchall()


@pytest.fixture
def filled(store):
    run_id = store.submit("kept", {}, lane="analysis", learner="ann")
    store.log(run_id, [Metric("loss", step, 1.0 / (step + 1)) for step in range(50)])
    (store.folder(run_id) / "x1.png").write_bytes(b"a picture")
    return run_id


def test_there_and_back(store, filled, tmp_path):
    made = snapshot(store.path.parent, tmp_path / "disk")
    assert (made.files, made.bytes) == (1, 9)
    assert made.database == (tmp_path / "disk" / FILE).stat().st_size
    assert restore(tmp_path / "new", tmp_path / "disk")
    assert rows(tmp_path / "new" / FILE) == rows(store.path)
    again = Store(tmp_path / "new" / FILE)
    assert (again.folder(filled) / "x1.png").read_bytes() == b"a picture"
    again.log(filled, [Metric("loss", 50, 0.1)])
    again.close()


def test_only_what_changed_is_copied_again(store, filled, tmp_path):
    snapshot(store.path.parent, tmp_path / "disk")
    assert snapshot(store.path.parent, tmp_path / "disk").files == 0
    (store.folder(filled) / "x1.png").write_bytes(b"another picture")
    assert snapshot(store.path.parent, tmp_path / "disk").files == 1


def test_a_store_that_is_there_is_never_replaced(store, filled, tmp_path):
    snapshot(store.path.parent, tmp_path / "disk")
    before = rows(store.path)
    store.submit("kept", {"n": 1}, lane="analysis")
    assert not restore(store.path.parent, tmp_path / "disk")
    assert len(rows(store.path)[0]) == len(before[0]) + 1
    assert not restore(tmp_path / "new", tmp_path / "nowhere")


def test_a_snapshot_while_others_write_is_one_moment(store, filled, tmp_path):
    end = threading.Event()

    def write():
        step = 100
        while not end.is_set():
            store.log(filled, [Metric(name, step, float(step)) for name in ("a", "b")])
            step += 1

    thread = threading.Thread(target=write)
    thread.start()
    try:
        for _ in range(5):
            snapshot(store.path.parent, tmp_path / "disk")
            with sqlite3.connect(tmp_path / "disk" / FILE) as link:
                a, b = (
                    link.execute("SELECT count(*) FROM metrics WHERE name = ?", (n,)).fetchone()
                    for n in ("a", "b")
                )
            assert a == b  # they were written in one transaction
    finally:
        end.set()
        thread.join()


def test_what_cannot_be_written_leaves_the_old_one(store, filled, tmp_path):
    snapshot(store.path.parent, tmp_path / "disk")
    before = (tmp_path / "disk" / FILE).read_bytes()
    with pytest.raises(PlantEduError, match="no store"):
        snapshot(tmp_path / "empty", tmp_path / "disk")
    (tmp_path / "file").write_text("")
    with pytest.raises(PlantEduError, match="No snapshot could be written"):
        snapshot(store.path.parent, tmp_path / "file")
    assert (tmp_path / "disk" / FILE).read_bytes() == before


def test_a_damaged_snapshot_is_refused(store, filled, tmp_path):
    snapshot(store.path.parent, tmp_path / "disk")
    kept = tmp_path / "disk" / FILE
    kept.write_bytes(kept.read_bytes()[:4096] + b"\xff" * 8000)
    with pytest.raises(PlantEduError, match="cannot be brought back"):
        restore(tmp_path / "new", tmp_path / "disk")
    assert not (tmp_path / "new" / FILE).exists()


def test_links_are_not_followed(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "secret").write_text("not of the store")
    (tmp_path / "a" / "link").symlink_to(tmp_path / "secret")
    assert mirror(tmp_path / "a", tmp_path / "b") == (0, 0)
