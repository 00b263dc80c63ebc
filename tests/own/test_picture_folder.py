"""Folders as people have them: classes, two cameras, odd files, grey, 16 bits, alpha."""

import numpy as np
import pytest
from PIL import Image

from plantedu.errors import PlantEduError
from plantedu.own.picture_folder import read_picture_folder
from plantedu.own.squares import cropped

DRAW = np.random.default_rng(0)


def put(path, shape=(30, 40, 3), dtype=np.uint8):
    path.parent.mkdir(parents=True, exist_ok=True)
    high = 65535 if dtype == np.uint16 else 255
    Image.fromarray(DRAW.integers(0, high, shape).astype(dtype)).save(path)


def test_a_folder_a_class(tmp_path):
    for k in range(6):
        put(tmp_path / ("rust" if k % 2 else "healthy") / f"{k}.png")
    found = read_picture_folder(tmp_path, size=16)
    assert found.first.shape == (6, 3, 16, 16)
    assert found.classes == ("healthy", "rust")
    assert found.labels.tolist() == [0, 0, 0, 1, 1, 1]
    assert found.names == ("0", "2", "4", "1", "3", "5")
    assert found.second is None
    few = read_picture_folder(tmp_path, size=16, limit=2)
    assert few.labels.tolist() == [0, 1]


def test_two_cameras_by_name_and_one_alone_left_out(tmp_path):
    for name in ("a", "b"):
        put(tmp_path / f"{name}.jpg")
        put(tmp_path / f"{name}_RGN.JPG")
    put(tmp_path / "c.jpg")
    found = read_picture_folder(tmp_path, size=16)
    assert found.names == ("a", "b")
    assert found.second.shape == (2, 3, 16, 16)
    assert [one.id for one in found.left_out] == ["c"]


def test_odd_files_are_listed_and_the_rest_is_read(tmp_path):
    put(tmp_path / "fine.png")
    put(tmp_path / "grey.png", (30, 40))
    put(tmp_path / "deep.png", (30, 40), np.uint16)
    put(tmp_path / "clear.png", (30, 40, 4))
    (tmp_path / "broken.jpg").write_bytes(b"no picture")
    (tmp_path / "notes.txt").write_text("x")
    (tmp_path / ".DS_Store").write_text("x")
    found = read_picture_folder(tmp_path, size=16)
    assert found.names == ("deep", "fine", "grey")
    assert found.converted == (("16-bit greyscale", 1), ("greyscale", 1))
    assert {one.id for one in found.left_out} == {"broken", "clear", "notes.txt"}
    assert "see-through" in next(o.reason for o in found.left_out if o.id == "clear")


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ((), "holds no picture"),
        (("a.png", "rust/b.png"), "beside folders of pictures"),
        (("train/rust/a.png", "train/blast/b.png"), "several folders deep"),
    ],
)
def test_folders_that_mean_two_things_are_sentences(tmp_path, files, said):
    for name in files:
        put(tmp_path / name)
    with pytest.raises(PlantEduError, match=said):
        read_picture_folder(tmp_path, size=16)


def test_no_folder_is_a_sentence(tmp_path):
    with pytest.raises(PlantEduError, match="There is no folder"):
        read_picture_folder(tmp_path / "none", size=16)
    put(tmp_path / "a.png")
    with pytest.raises(PlantEduError, match="is a file"):
        read_picture_folder(tmp_path / "a.png", size=16)


def test_three_crops():
    wide = np.zeros((10, 30, 3), np.uint8)
    wide[:, 10:20] = 255
    assert cropped(wide, 10, "centre").min() == 255
    whole = cropped(wide, 30, "whole")
    assert (whole[0] == 127).all()
    assert (whole[15, 12:18] == 255).all()
    assert whole[15, 2].max() == 0
    squeezed = cropped(wide, 30, "resize")
    assert (squeezed[:, 12:18] == 255).all()
    assert squeezed[:, :6].max() == 0
