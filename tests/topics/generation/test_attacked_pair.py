"""A pair of a saved attack: the row asked for, clean or attacked, and files that are none."""

import numpy as np
import pytest

from plantedu.errors import PlantEduError
from plantedu.topics.generation.attacked_pair import attacked_pair


@pytest.fixture
def arrays():
    draws = np.random.default_rng(0)
    pictures = {n: draws.integers(0, 256, (3, 3, 20, 20)).astype(np.uint8)
                for n in ("x1", "x2", "clean1", "clean2")}  # fmt: skip
    return pictures | {"plants": np.array([4096, 4100, 4107]), "labels": np.zeros(3, np.int64)}


@pytest.fixture
def saved(tmp_path):
    def saved(arrays):
        np.savez_compressed(tmp_path / "attack.npz", **arrays)
        return tmp_path / "attack.npz"

    return saved


def test_a_row_is_taken_at_its_own_size(saved, arrays):
    path = saved(arrays)
    plant = attacked_pair(path, 1)
    assert np.array_equal(plant.x1, arrays["x1"][1])
    assert np.array_equal(plant.x2, arrays["x2"][1])
    assert plant.notes == ("Pair 1 of 3, plant 4100, attacked, 20 pixels a side.",)
    before = attacked_pair(path, 2, clean=True)
    assert np.array_equal(before.x2, arrays["clean2"][2])
    assert "before the attack" in before.notes[0]


@pytest.mark.parametrize("row", [-1, 3])
def test_a_row_that_is_not_there_is_a_sentence(saved, arrays, row):
    with pytest.raises(PlantEduError, match="holds 3 pairs"):
        attacked_pair(saved(arrays), row)


def test_files_of_another_kind_are_a_sentence(saved, arrays, tmp_path, monkeypatch):
    with pytest.raises(PlantEduError, match="is not there"):
        attacked_pair(tmp_path / "gone.npz")
    with pytest.raises(PlantEduError, match="has no x2"):
        attacked_pair(saved({n: a for n, a in arrays.items() if n != "x2"}))
    with pytest.raises(PlantEduError, match="square 8-bit"):
        attacked_pair(saved(arrays | {"x1": arrays["x1"] / 255}))
    with pytest.raises(PlantEduError, match="square 8-bit"):
        attacked_pair(saved(arrays | {"x1": arrays["x1"][..., :10]}))
    (tmp_path / "text.npz").write_text("x1,x2")
    with pytest.raises(PlantEduError, match="cannot be read"):
        attacked_pair(tmp_path / "text.npz")
    whole = saved(arrays).read_bytes()
    (tmp_path / "cut.npz").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(PlantEduError, match="cannot be read"):
        attacked_pair(tmp_path / "cut.npz")
    np.save(tmp_path / "one.npy", arrays["x1"])
    with pytest.raises(PlantEduError, match="cannot be read"):
        attacked_pair(tmp_path / "one.npy")
    monkeypatch.setattr("plantedu.topics.generation.attacked_pair.MOST_BYTES", 100)
    with pytest.raises(PlantEduError, match="unpacks to"):
        attacked_pair(saved(arrays))
