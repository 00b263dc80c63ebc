"""Pairs given back: what a page shows, and a file that holds both."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from plantedu.errors import PlantEduError
from plantedu.topics.attacks.pictures import example, save_pairs


@pytest.fixture
def setup():
    return SimpleNamespace(
        views=torch.full((2, 3, 3, 8, 8), 100, dtype=torch.uint8),
        labels=torch.tensor([0, 1, 2]),
        plants=np.array([7, 8, 9]),
        said=lambda pictures, row: f"mean {pictures.mean():.0f}",
    )


def test_an_example_says_what_was_and_what_is(setup):
    new = setup.views.numpy().copy()
    new[1, 2] = 105
    one = example(setup, new, 2)
    assert (one.plant, one.truth) == (9, "brown")
    assert one.size_255 == (0.0, 5.0)
    assert (one.before, one.after) == ("mean 100", "mean 102")
    assert len(one.pictures) == 6


def test_a_file_holds_attacked_and_clean_pairs(setup, tmp_path):
    new = setup.views.numpy() + 1
    save_pairs(tmp_path / "x.npz", setup, new)
    with np.load(tmp_path / "x.npz", allow_pickle=False) as found:
        assert (found["x2"] - found["clean2"] == 1).all()
        assert found["labels"].tolist() == [0, 1, 2]
    with pytest.raises(PlantEduError, match="Cannot write"):
        save_pairs(tmp_path / "no" / "x.npz", setup, new)
