"""The bank: what it gives is what is rendered, whoever rendered it and whatever broke."""

import errno
import subprocess
import sys

import numpy as np
import pytest

from plantedu.data import render_cache
from plantedu.data.render_cache import CHUNK, Bank, bank_folder, fill
from plantedu.data.renderer.pairs import render
from plantedu.data.renderer.worlds import draw_factors, world
from plantedu.errors import DiskFullError, PlantEduError

FIELD = world("field")
PAIRS = CHUNK + 10


@pytest.fixture
def full(tmp_path):
    """A folder that holds every chunk."""
    assert list(fill(FIELD, pairs=PAIRS, size=16, folder=tmp_path)) == [CHUNK, PAIRS]
    return tmp_path


def _bank(folder, pairs=PAIRS):
    return Bank(FIELD, pairs=pairs, size=16, folder=folder)


def _no_render(*_, **__):
    raise AssertionError("rendered what was on disk")


@pytest.mark.parametrize("on_disk", [True, False])
def test_takes_what_is_rendered(tmp_path, on_disk):
    bank = _bank(tmp_path if on_disk else None)
    assert bank.ready() == 0
    x1, x2 = bank.take([3, CHUNK + 9, 3])
    fresh = render(FIELD, [3, CHUNK + 9, 3], size=16)
    np.testing.assert_array_equal(x1, fresh.x1)
    np.testing.assert_array_equal(x2, fresh.x2)
    assert bank.ready() == PAIRS == len(bank)


def test_takes_render_only_the_chunks_they_touch(tmp_path):
    bank = _bank(tmp_path)
    bank.take([CHUNK - 1])
    assert bank.ready() == CHUNK


def test_what_is_on_disk_is_not_rendered_again(full, monkeypatch):
    monkeypatch.setattr(render_cache, "render", _no_render)
    x1, _ = _bank(full).take(np.arange(PAIRS))
    np.testing.assert_array_equal(x1, render(FIELD, np.arange(PAIRS), size=16).x1)
    more = _bank(full, pairs=2 * CHUNK)  # the same chunks serve a bank of another length
    assert more.ready() == 2 * CHUNK


def test_factors_come_without_rendering(tmp_path, monkeypatch):
    monkeypatch.setattr(render_cache, "render", _no_render)
    drawn = draw_factors(FIELD, np.arange(PAIRS))
    assert all((_bank(tmp_path).factors[name] == drawn[name]).all() for name in drawn)


@pytest.mark.parametrize("damage", ["truncated", "flipped", "empty", "text", "other size"])
def test_a_damaged_chunk_is_rendered_again(full, damage):
    file = sorted(bank_folder(FIELD, 16, full).iterdir())[0]
    good = file.read_bytes()
    if damage == "other size":
        small = np.zeros((CHUNK, 3, 8, 8), dtype=np.uint8)
        np.savez(file, x1=small, x2=small)
    else:
        middle = bytearray(good)
        middle[len(good) // 2] ^= 255
        bad = {"truncated": good[:5000], "flipped": bytes(middle), "empty": b"", "text": b"leaf"}
        file.write_bytes(bad[damage])
    x1, _ = _bank(full).take([0, 1])
    np.testing.assert_array_equal(x1, render(FIELD, [0, 1], size=16).x1)
    assert len(file.read_bytes()) == len(good)


def test_fill_begins_where_it_is_told(tmp_path):
    steps = fill(FIELD, pairs=2 * CHUNK, size=16, folder=tmp_path, start=CHUNK)
    assert next(steps) == CHUNK
    assert [f.name for f in bank_folder(FIELD, 16, tmp_path).iterdir()] == ["chunk-00001.npz"]
    list(steps)
    assert _bank(tmp_path, 2 * CHUNK).ready() == 2 * CHUNK


def test_a_full_disk_is_said_and_nothing_is_lost(tmp_path, monkeypatch):
    bank = _bank(tmp_path)
    bank.take([0])

    def no_room(*_, **__):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr(np, "savez", no_room)
        with pytest.raises(DiskFullError, match="disk is full"):
            bank.take([CHUNK])
    names = [f.name for f in bank_folder(FIELD, 16, tmp_path).iterdir()]
    assert names == ["chunk-00000.npz"]
    bank.take([CHUNK])  # there is room again
    assert bank.ready() == PAIRS


def test_a_folder_that_cannot_be_written_is_said(tmp_path):
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(PlantEduError, match="Cannot write rendered pairs to"):
        _bank(tmp_path / "file").take([0])


def test_banks_of_other_worlds_and_sizes_lie_apart(tmp_path):
    worlds = (FIELD, world("field", 1), world("calm"))
    assert len({bank_folder(w, s, tmp_path) for w in worlds for s in (16, 32)}) == 6


def test_indices_outside_and_empty_banks_are_refused():
    with pytest.raises(PlantEduError, match=f"0 to {PAIRS - 1}; got {PAIRS}"):
        _bank(None).take([PAIRS])
    with pytest.raises(PlantEduError, match="at least one pair"):
        _bank(None, pairs=0)


def test_the_command_fills_a_bank(tmp_path):
    command = [sys.executable, "-m", "plantedu.data.render_cache", "--pairs", "5", "--size", "16"]
    done = subprocess.run([*command, "--folder", str(tmp_path)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "5 of 5 pairs" in done.stdout
    assert _bank(tmp_path, pairs=5).ready() == 5
    wrong = subprocess.run(
        [*command, "--folder", str(tmp_path), "--world", "mars"], capture_output=True, text=True
    )
    assert wrong.returncode == 1
    assert "No world is called 'mars'" in wrong.stderr
    assert "Traceback" not in wrong.stderr


def test_a_leashed_filler_ends_when_its_parent_is_gone(tmp_path):
    """Closing its standard input is what the system does when the parent is killed."""
    words = ["--leashed", "--pairs=100000", "--size=64", f"--folder={tmp_path}"]
    filler = subprocess.Popen(
        [sys.executable, "-m", "plantedu.data.render_cache", *words],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
    )
    assert filler.stdin is not None
    assert filler.poll() is None
    filler.stdin.close()
    assert filler.wait(timeout=30) == 0
