"""Pictures are decoded once, into a map, by processes; a changed file is decoded again."""

import os

import numpy as np
import pytest
from PIL import Image

from plantedu.own import decoded_cache
from plantedu.own.decoded_cache import key_of, squares_of
from plantedu.own.picture_folder import read_picture_folder

DRAW = np.random.default_rng(0)


@pytest.fixture
def files(tmp_path, plantedu_home):
    """Seventy pictures, one of which is none."""
    found = []
    for k in range(70):
        file = tmp_path / f"p{k:02}.jpg"
        Image.fromarray(DRAW.integers(0, 256, (20, 24, 3), dtype=np.uint8)).save(file)
        found.append((file,))
    found[5][0].write_bytes(b"no picture")
    Image.new("L", (24, 20), 9).save(found[6][0])
    return found


def test_the_second_time_nothing_is_decoded(files, monkeypatch):
    counted = []

    def progress(rows):
        counted.append(len(rows))
        return rows

    first, reasons, held = squares_of(files, size=16, crop="centre", progress=progress)
    assert isinstance(first, np.memmap)
    assert first.shape == (1, 69, 3, 16, 16)
    assert [k for k, why in enumerate(reasons) if why] == [5]
    again, again_why, kept = squares_of(files, size=16, crop="centre", progress=progress)
    assert counted == [70]
    assert (again_why, kept) == (reasons, held)
    assert (again == first).all()
    assert {k: one for k, one in enumerate(held) if one} == {6: "greyscale"}
    monkeypatch.setattr(decoded_cache, "MANY", 1000)
    here, _, _ = squares_of(files, size=16, crop="centre")
    assert (here == first).all()


def test_another_file_another_size_and_another_crop_are_another_set(files):
    key = key_of(files, 16, "centre")
    assert key == key_of(files, 16, "centre")
    others = {
        key_of(files, 17, "centre"),
        key_of(files, 16, "whole"),
        key_of(files[1:], 16, "whole"),
    }
    os.utime(files[0][0], ns=(1, 1))
    assert key not in {*others, key_of(files, 16, "centre")}
    assert len(others) == 3


def test_what_was_not_opened_for_longest_makes_room(files, plantedu_home, monkeypatch):
    folder = plantedu_home / "pictures"
    squares_of(files, size=16, crop="centre")
    (old,) = folder.glob("*.npy")
    os.utime(old, (1, 1))
    monkeypatch.setattr(decoded_cache, "MOST", old.stat().st_size)
    squares_of(files, size=16, crop="whole")
    (new,) = folder.glob("*.npy")
    assert new != old
    assert [file.stem for file in folder.glob("*.json")] == [new.stem]
    assert not list(folder.glob("*.part"))


def test_a_torn_set_is_decoded_again(files, plantedu_home):
    first, _, _ = squares_of(files, size=16, crop="centre")
    kept = np.array(first)
    (file,) = (plantedu_home / "pictures").glob("*.npy")
    file.write_bytes(file.read_bytes()[:500])
    again, _, _ = squares_of(files, size=16, crop="centre")
    assert (again == kept).all()


def test_a_folder_of_many_leaves_out_what_cannot_be_read(files):
    found = read_picture_folder(files[0][0].parent, size=16)
    assert len(found.names) == len(found.first) == 69
    assert [one.id for one in found.left_out] == ["p05"]
