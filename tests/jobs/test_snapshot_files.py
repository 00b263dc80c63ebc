"""Files follow a store to another disk while others write and delete them."""

import os

import pytest

from plantedu.jobs import snapshot_files
from plantedu.jobs.snapshot_files import forget, mirror


@pytest.fixture
def here(tmp_path):
    folder = tmp_path / "here"
    (folder / "0000000a" / "checkpoints").mkdir(parents=True)
    (folder / "0000000a" / "x1.png").write_bytes(b"one")
    (folder / "0000000a" / "x2.png").write_bytes(b"two")
    return folder


def checkpoints(folder, run, *steps):
    there = folder / run / "checkpoints"
    there.mkdir(parents=True, exist_ok=True)
    for step in steps:
        (there / f"step-{step:06d}.safetensors").write_bytes(b"%d" % step)
    return there


def test_what_vanishes_in_between_costs_nothing(here, tmp_path, monkeypatch):
    copy = snapshot_files.shutil.copy2

    def late(path, other):
        if path.name == "x1.png":
            path.unlink()
        return copy(path, other)

    monkeypatch.setattr(snapshot_files.shutil, "copy2", late)
    found = mirror(here, tmp_path / "there")
    assert (found.files, found.failed) == (1, [])
    assert (tmp_path / "there" / "0000000a" / "x2.png").read_bytes() == b"two"


def test_half_written_files_are_not_looked_at(here, tmp_path):
    for name in (".x3.png-77.part", "x4.png.part"):
        (here / "0000000a" / name).write_bytes(b"half")
    assert mirror(here, tmp_path / "there").files == 2
    assert mirror(here, tmp_path / "there").files == 0


def test_one_file_that_cannot_be_copied_keeps_no_other_back(here, tmp_path):
    (tmp_path / "there" / "0000000a" / "x1.png").mkdir(parents=True)
    (tmp_path / "there" / "0000000a" / "x1.png" / "in the way").write_text("")
    found = mirror(here, tmp_path / "there")
    assert found.files == 1
    assert len(found.failed) == 1
    assert found.failed[0].startswith("0000000a/x1.png: ")


def test_another_content_within_the_same_second_is_copied(here, tmp_path):
    path = here / "0000000a" / "x1.png"
    os.utime(path, ns=(10**18, 10**18 + 1))
    mirror(here, tmp_path / "there")
    path.write_bytes(b"ONE")
    os.utime(path, ns=(10**18, 10**18 + 2))
    assert mirror(here, tmp_path / "there").files == 1
    assert (tmp_path / "there" / "0000000a" / "x1.png").read_bytes() == b"ONE"


def test_links_are_not_followed(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "secret").write_text("not of the store")
    (tmp_path / "a" / "link").symlink_to(tmp_path / "secret")
    assert mirror(tmp_path / "a", tmp_path / "b").files == 0


def test_copies_go_when_no_generation_needs_them(here, tmp_path):
    there = tmp_path / "there"
    for run in ("0000000a", "0000000b", "0000000c"):
        checkpoints(there, run, 10, 20, 30)
    checkpoints(here, "0000000a", 10, 30)
    assert forget(here, there, lambda: {"0000000c"}) == 4
    assert sorted(path.name for path in there.iterdir()) == ["0000000a", "0000000c"]
    kept = sorted(path.name for path in (there / "0000000a" / "checkpoints").iterdir())
    assert kept == ["step-000010.safetensors", "step-000030.safetensors"]


def test_a_run_whose_files_were_lost_here_keeps_its_copies(here, tmp_path):
    checkpoints(tmp_path / "there", "0000000a", 10, 20)
    assert forget(here, tmp_path / "there", set) == 0
