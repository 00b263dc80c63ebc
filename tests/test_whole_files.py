"""Files whole or not at all; a damaged memo of arrays is none, one that is read is in use."""

import errno
import os

import numpy as np
import pytest

from plantedu.errors import DiskFullError, PlantEduError
from plantedu.whole_files import keep_arrays, read_arrays, why_unreadable, write_arrays, write_whole


def test_a_memo_reads_back_and_counts_as_used(tmp_path):
    path = tmp_path / "new" / "a.npz"
    write_arrays(path, {"h": np.arange(3), "seconds": 0.5})
    os.utime(path, (0, 0))
    found = read_arrays(path, ("h", "seconds"))
    assert (found["h"].tolist(), float(found["seconds"])) == ([0, 1, 2], 0.5)
    assert path.stat().st_mtime > 0
    assert [one.name for one in path.parent.iterdir()] == ["a.npz"]


def test_what_is_missing_damaged_or_of_another_form_is_none(tmp_path):
    path = tmp_path / "a.npz"
    assert read_arrays(path, ("h",)) is None
    write_arrays(path, {"h": np.arange(300)})
    assert read_arrays(path, ("z",)) is None
    path.write_bytes(path.read_bytes()[:900])
    assert read_arrays(path, ("h",)) is None


def test_a_file_that_cannot_be_written_leaves_nothing(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    with pytest.raises(PlantEduError, match="cannot be written"):
        write_whole(tmp_path / "file" / "a", b"x")

    def full(*_):
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(DiskFullError, match="The disk is full"):
        write_whole(tmp_path / "a", b"x")
    assert [one.name for one in tmp_path.iterdir()] == ["file"]


def test_a_memo_without_room_is_a_sentence_and_no_end(tmp_path, monkeypatch, capsys):
    path = tmp_path / "samples" / "one.npz"
    keep_arrays(path, {"a": [1.0]})
    assert read_arrays(path, ("a",))["a"].tolist() == [1.0]

    def full(*_):
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(os, "replace", full)
    keep_arrays(path, {"a": [2.0]})
    assert "samples are not kept, for the disk is full" in capsys.readouterr().err
    assert read_arrays(path, ("a",))["a"].tolist() == [1.0], "what was there stays"


def test_another_file_is_not_said_to_hold_pickled_data(tmp_path):
    """numpy takes any file for pickled objects, and advises to load them."""
    (tmp_path / "text.npz").write_text("x1,x2")
    with pytest.raises(ValueError, match="pickle") as found:
        np.load(tmp_path / "text.npz", allow_pickle=False)
    said = why_unreadable(found.value)
    assert "no file of arrays" in said
    assert "pickle" not in said
