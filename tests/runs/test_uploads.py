"""Learners' files: kept until read, each its learner's alone, bounded, swept away."""

import os

import pytest

from plantedu.errors import DiskFullError, PlantEduError
from plantedu.runs import uploads as module
from plantedu.runs.store import Store
from plantedu.runs.uploads import GONE, Uploads, name_of, wanted

ME, YOU = "learner-number-one", "learner-number-two"


@pytest.fixture
def uploads(tmp_path):
    return Uploads(tmp_path)


def test_what_was_kept_is_read_and_dropped(uploads):
    name = uploads.keep(b"a leaf", learner=ME)
    assert uploads.read(name, learner=ME) == b"a leaf"
    assert uploads.keep(b"a leaf", learner=ME) == name
    uploads.drop(name, learner=ME)
    with pytest.raises(PlantEduError, match="not here any more"):
        uploads.read(name, learner=ME)
    uploads.drop(name, learner=ME)


def test_another_learner_can_neither_read_nor_drop_nor_guess_it(uploads):
    name = uploads.keep(b"a leaf", learner=ME)
    with pytest.raises(PlantEduError, match="not here any more"):
        uploads.read(name, learner=YOU)
    uploads.drop(name, learner=YOU)
    assert uploads.read(name, learner=ME) == b"a leaf"
    assert name_of(b"a leaf", YOU) != name
    assert uploads.keep(b"a leaf", learner=YOU) != name


def test_a_file_that_was_put_there_under_anothers_name_is_refused(uploads):
    mine = uploads.keep(b"mine", learner=ME)
    yours = uploads.keep(b"yours", learner=YOU)
    path, other = uploads._path(mine, ME), uploads._path(yours, YOU)
    other.with_name(mine).write_bytes(path.read_bytes())
    with pytest.raises(PlantEduError, match="not here any more"):
        uploads.read(mine, learner=YOU)


@pytest.mark.parametrize("name", ["", "../plantedu.sqlite", "a" * 31, "A" * 32, "0" * 33, "/etc"])
def test_a_name_is_no_path(uploads, tmp_path, name):
    (tmp_path / "plantedu.sqlite").write_bytes(b"secret")
    with pytest.raises(PlantEduError) as said:
        uploads.read(name, learner=ME)
    assert str(said.value) == GONE
    uploads.drop(name, learner=ME)
    assert (tmp_path / "plantedu.sqlite").is_file()


def test_too_large_too_many_and_too_full_are_sentences(uploads, monkeypatch):
    monkeypatch.setattr(module, "MAX_BYTES", 100)
    with pytest.raises(PlantEduError, match=r"at most 0 MB are taken"):
        uploads.keep(bytes(101), learner=ME)
    monkeypatch.setattr(module, "MOST", 2)
    for data in (b"1", b"2"):
        uploads.keep(data, learner=ME)
    with pytest.raises(PlantEduError, match="2 of your files wait"):
        uploads.keep(b"3", learner=ME)
    monkeypatch.setattr(module, "ALTOGETHER", 10)
    uploads.keep(bytes(8), learner=YOU)
    with pytest.raises(PlantEduError, match="as many uploaded files as it can"):
        uploads.keep(b"9", learner=YOU)


def test_a_full_disk_is_a_sentence(uploads, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.write_bytes", full)
    with pytest.raises(DiskFullError, match="No space left"):
        uploads.keep(b"a leaf", learner=ME)
    monkeypatch.undo()
    assert list(uploads.folder.glob("*/*")) == []


def test_files_that_no_live_run_wants_are_swept_away_after_a_minute(uploads, tmp_path):
    store = Store(tmp_path / "plantedu.sqlite")
    names = [uploads.keep(data, learner=ME) for data in (b"waits", b"over", b"young")]
    waits, over = (
        store.submit("generate", {"x1": name}, lane="analysis", learner=ME) for name in names[:2]
    )
    store.cancel(over)
    assert wanted(store) == {names[0]}
    for name in names[:2]:
        os.utime(uploads._path(name, ME), (0, 0))
    uploads.keep(b"next", learner=YOU, needed=wanted(store))
    left = {path.name for path in uploads.folder.glob("*/*")}
    assert left == {names[0], names[2], name_of(b"next", YOU)}
    store.cancel(waits)
    assert wanted(store) == set()


def test_nobody_keeps_nothing(uploads):
    with pytest.raises(PlantEduError, match="needs a learner"):
        uploads.keep(b"a leaf", learner="")
