"""Pairs at the door, and reference pictures."""

import pytest
import torch

from plantedu.errors import PlantEduError
from plantedu.topics.attribution.pair import PairBatch, reference


def test_bad_pairs_are_turned_away(pair):
    x = pair.x1.clone()
    x[1, 0, 0, 0] = float("nan")
    with pytest.raises(PlantEduError, match=r"x2 has values that are not finite, in rows \[1\]"):
        PairBatch(pair.x1, x)
    with pytest.raises(PlantEduError, match="x1 goes from"):
        PairBatch(pair.x1 * 255, pair.x2)
    with pytest.raises(PlantEduError, match="different plants: b beside z"):
        PairBatch(pair.x1, pair.x2, ("a", "b", "c"), ("a", "z", "c"))
    with pytest.raises(PlantEduError, match="same size"):
        PairBatch(pair.x1, pair.x2[:, :, :4])
    with pytest.raises(PlantEduError, match="no pair"):
        PairBatch(pair.x1[:0], pair.x2[:0])


def test_rows_keep_their_plants(pair):
    some = pair.rows(slice(1, 3))
    assert (len(some), some.plants1) == (2, ("b", "c"))


def test_references(pair):
    assert not torch.stack(reference(pair, "black")).any()
    mean = reference(pair, "mean")[0]
    assert torch.allclose(mean[2, 1, 3, 4], pair.x1[2, 1].mean())
    blur = reference(pair, "blur")[1]
    assert blur.shape == pair.x2.shape
    assert blur.std() < pair.x2.std()
    with pytest.raises(PlantEduError, match="black, blur, mean; got 'noise'"):
        reference(pair, "noise")


def test_a_flat_picture_is_its_own_blur():
    flat = torch.full((1, 3, 64, 64), 0.3)
    assert torch.allclose(reference(PairBatch(flat, flat), "blur")[0], flat, atol=1e-5)
