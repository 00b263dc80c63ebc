"""The one grammar for data."""

import numpy as np
import pytest
import torch
from PIL import Image

from plantedu.errors import PlantEduError
from plantedu.own.images import images

DRAW = np.random.default_rng(0)


@pytest.fixture
def folder(tmp_path):
    for k in range(4):
        (tmp_path / "leaves" / f"c{k % 2}").mkdir(parents=True, exist_ok=True)
        pixels = DRAW.integers(0, 256, (20, 24, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(tmp_path / "leaves" / f"c{k % 2}" / f"{k}.png")
    return tmp_path / "leaves"


def test_a_path_alone_is_looked_at(folder):
    for where in (f"images:{folder}", str(folder), folder):
        found = images(where, size=16)
        assert found.classes == ("c0", "c1")
        assert len(found) == 4
    assert "4 of 16 px, 2 classes" in repr(found)


def test_what_is_left_out_is_said(folder):
    (folder / "c0" / "odd.txt").write_text("x")
    with pytest.warns(UserWarning, match="1 of 5 pictures .* were left out"):
        images(folder, size=16)


def test_a_planted_world_brings_two_cameras_and_disease():
    found = images("world:field", size=16, limit=5)
    assert (len(found), found.cameras, found.size) == (5, 2, 16)
    assert found.classes == ("healthy", "blast", "brown")


def test_a_challenge_folder(challenge):
    found = images(f"folder:{challenge}", size=16)
    assert found.cameras == 2
    assert found.classes == ("blast", "brown", "healthy")
    assert images(challenge, size=16, limit=2).names == (found.names[0], found.names[-1])
    with pytest.raises(PlantEduError, match="centred square"):
        images(f"folder:{challenge}", size=16, crop="whole")


def test_arrays_of_every_kind():
    bytes_ = DRAW.integers(0, 256, (5, 3, 16, 16), dtype=np.uint8)
    found = images(bytes_, size=16, labels=list("abaab"), names=list("vwxyz"))
    assert (found.pictures == bytes_).all()
    assert found.classes == ("a", "b")
    assert found.names == tuple("vwxyz")
    floats = torch.from_numpy(bytes_).float() / 255
    assert (images(floats, size=16).pictures == bytes_).all()
    assert (images(bytes_.transpose(0, 2, 3, 1), size=16).pictures == bytes_).all()
    assert images(np.stack([bytes_, bytes_]), size=16).cameras == 2
    assert images(bytes_[:, :1], size=16).pictures.shape == (5, 3, 16, 16)
    assert (images((bytes_.astype(np.uint16) << 8), size=16).pictures == bytes_).all()


def test_npz_with_everything(tmp_path):
    x1, x2 = DRAW.integers(0, 256, (2, 5, 3, 16, 16), dtype=np.uint8)
    path = tmp_path / "mine.npz"
    np.savez(path, x1=x1, x2=x2, labels=[0, 1, 1, 0, 1], classes=["q", "p"], names=list("abcde"))
    found = images(f"npz:{path}", size=16)
    assert (found.partner == x2).all()
    assert found.classes == ("q", "p")  # the order of a network's outputs is its owner's to say
    assert found.labels.tolist() == [0, 1, 1, 0, 1]
    assert images(path, size=8 * 2, limit=3).names == ("a", "c", "e")


@pytest.mark.parametrize(
    ("where", "words", "said"),
    [
        ("nowhere", {}, "names no data"),
        ("world:mars", {}, "mars"),
        ("npz:none.npz", {}, "There is no file"),
        (3, {}, "Data are"),
        (np.zeros((4, 5, 16, 16), np.uint8), {}, "3 bands"),
        (np.full((4, 3, 16, 16), 7.0), {}, "floats in"),
        ("world:field", {"size": 8}, "size is 16"),
        ("world:field", {"crop": "left"}, "crop is one of"),
        ("world:field", {"limit": 0}, "limit is 1"),
    ],
)
def test_what_names_no_data_is_a_sentence(where, words, said):
    with pytest.raises(PlantEduError, match=said):
        images(where, **words)


def test_a_damaged_npz_is_a_sentence(tmp_path):
    (tmp_path / "x.npz").write_bytes(b"PK\x03\x04 no")
    with pytest.raises(PlantEduError, match="Cannot read pictures"):
        images(tmp_path / "x.npz")
    np.savez(tmp_path / "y.npz", a=np.zeros(3))
    with pytest.raises(PlantEduError, match="x1 is needed"):
        images(tmp_path / "y.npz")
