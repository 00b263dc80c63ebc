"""Maps of pairs from a file: read with care, mapped without grades."""

import zipfile
from types import SimpleNamespace

import numpy as np
import pytest

from plantedu.errors import PlantEduError
from plantedu.topics.attribution.own_pairs import own_maps, read_pairs

X = np.random.default_rng(0).integers(0, 256, (2, 2, 3, 8, 8), dtype=np.uint8)


def kept(tmp_path, **arrays):
    path = tmp_path / "pairs.npz"
    np.savez_compressed(path, **arrays)
    return path


def test_pairs_come_back_in_zero_to_one(tmp_path):
    pair = read_pairs(kept(tmp_path, x1=X[0], x2=X[1] / 255, plants=np.array([7, 9])))
    assert np.allclose(pair.x1.numpy() * 255, X[0])
    assert np.allclose(pair.x2.numpy() * 255, X[1], atol=1e-3)
    assert pair.plants1 == pair.plants2 == ("7", "9")


@pytest.mark.parametrize(
    ("arrays", "said"),
    [
        ({"x1": X[0]}, "x1 and x2 are needed"),
        ({"x1": X[0], "x2": X[1], "plants1": ["a", "b"], "plants2": ["a", "c"]}, "b beside c"),
        ({"x1": X[0], "x2": X[1] / np.nan}, "not finite"),
        ({"x1": X[0], "x2": X[1] * 1.0}, r"lie in \[0, 1\]"),
        ({"x1": X[0], "x2": X[1][:1]}, "same size"),
        ({"x1": X[0], "x2": X[1], "plants": ["a"]}, "plants1 holds 1 names for 2 pairs"),
        ({"x1": X[0], "x2": X[1], "plants2": ["a"]}, "plants2 holds 1 names for 2 pairs"),
        ({"x1": X[0], "x2": X[1], "plants": np.array("ab")}, "a row of names"),
        ({"x1": X[0], "x2": (X[1] > 99).astype(np.int8)}, "x2 holds int8; pictures are uint8"),
        ({"x1": X[0].astype(int), "x2": X[1]}, "x1 holds int64"),
        ({"x1": np.array([None]), "x2": X[1]}, "Cannot read pairs"),
    ],
)
def test_bad_files_are_sentences(tmp_path, arrays, said):
    with pytest.raises(PlantEduError, match=said):
        read_pairs(kept(tmp_path, **arrays))


def test_what_is_no_file_of_pairs(tmp_path, monkeypatch):
    with pytest.raises(PlantEduError, match="Cannot read pairs"):
        read_pairs(tmp_path / "nowhere.npz")
    (tmp_path / "text.npz").write_text("not a zip")
    with pytest.raises(PlantEduError, match="Cannot read pairs"):
        read_pairs(tmp_path / "text.npz")
    monkeypatch.setattr("plantedu.topics.attribution.own_pairs.LARGEST", 100)
    with pytest.raises(PlantEduError, match="the most is 100"):
        read_pairs(kept(tmp_path, x1=X[0], x2=X[1]))


def test_the_highest_score_is_meant_by_no_output(linear, pair):
    settings = SimpleNamespace(output=-1, method="gxi", knobs={}, seed=0)
    found, target = own_maps(linear, pair, settings)
    assert target == int(linear(*pair.both)[0].argmax())
    assert found.signed.shape == (2, 3, 8, 8)
    settings.output = 5
    with pytest.raises(PlantEduError, match="no output 5"):
        own_maps(linear, pair, settings)


@pytest.mark.parametrize("kind", ["encrypted", "text", "cut", "unknown compression"])
def test_a_file_that_is_odd_inside_is_a_sentence(tmp_path, kind):
    path = kept(tmp_path, x1=X[0], x2=X[1])
    data = bytearray(path.read_bytes())
    if kind == "text":
        with zipfile.ZipFile(path, "w") as packed:
            packed.writestr("x1", "one")
            packed.writestr("x2", "two")
    elif kind == "cut":
        at = data.index(b"x1.npy") + 40
        data[at : at + 20] = bytes(20)
        path.write_bytes(data)
    else:
        flags, value = (6, 1) if kind == "encrypted" else (8, 99)
        for mark, more in ((b"PK\x03\x04", 0), (b"PK\x01\x02", 2)):
            at = -1
            while (at := data.find(mark, at + 1)) >= 0:
                data[at + flags + more] = value
        path.write_bytes(data)
    with pytest.raises(PlantEduError):
        read_pairs(path)
