"""The server knows how the last snapshot ended, though another process writes it."""

import pytest

from plantedu.__main__ import main
from plantedu.jobs.load import load
from plantedu.jobs.snapshot_note import FILE, last_snapshot, note_snapshot


def test_a_failure_keeps_when_one_succeeded(tmp_path):
    assert last_snapshot(tmp_path) is None
    note_snapshot(tmp_path, ok=True, now=1000.0)
    note_snapshot(tmp_path, ok=False, error="the disk is full", now=1060.0)
    found = last_snapshot(tmp_path)
    assert (found.ok, found.age(1090.0)) == (False, 90.0)
    assert "FAILED: the disk is full" in str(found)


def test_one_that_never_succeeded_says_so(tmp_path):
    note_snapshot(tmp_path, ok=False, error="no mount")
    assert "never" in str(last_snapshot(tmp_path))


@pytest.mark.parametrize("text", ["", "{", '{"other": 1}', "[]"])
def test_a_damaged_note_is_none(tmp_path, text):
    (tmp_path / FILE).write_text(text)
    assert last_snapshot(tmp_path) is None


def test_the_command_leaves_the_note(store, tmp_path):
    assert main(["host", "snapshot", str(tmp_path / "kept")]) == 0
    assert load(store).snapshot.ok
    (tmp_path / "file").touch()
    main(["host", "snapshot", str(tmp_path / "file")])
    found = load(store).snapshot
    assert not found.ok
    assert found.succeeded > 0
    assert "No snapshot" in found.error
