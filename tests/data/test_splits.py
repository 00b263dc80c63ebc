"""Splits: no plant on both sides, labels shared out alike; the leaky split leaks as published."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plantedu.data.splits import (
    folds_by_plant,
    leaked_share,
    plant_of,
    split_by_plant,
    split_by_row,
)
from plantedu.errors import PlantEduError


def rng(seed=0):
    return np.random.default_rng(seed)


def rows_of(plants):
    """Two rows per plant, all RGB first, as a shuffled csv may have them."""
    ids = [f"id_{p}.jpg" for p in range(plants)] + [f"id_{p}_rgn.jpg" for p in range(plants)]
    labels = [["blast", "brown", "healthy"][p % 7 % 3] for p in range(plants)] * 2
    return ids, labels


@pytest.mark.parametrize(
    ("name", "plant"),
    [
        ("id_7.jpg", "id_7"),
        ("id_7_rgn.jpg", "id_7"),
        ("id_7_rgn.JPG", "id_7"),
        ("id_7", "id_7"),
        ("id_7_rgn", "id_7"),
        ("field.v2", "field.v2"),
        ("id_rgnx.png", "id_rgnx"),
    ],
)
def test_plant_of(name, plant):
    assert plant_of(name) == plant


@settings(deadline=None, max_examples=60)
@given(st.integers(20, 90), st.lists(st.integers(1, 9), min_size=1, max_size=3), st.integers(0, 99))
def test_every_row_once_and_no_plant_on_two_sides(plants, weights, seed):
    ids, labels = rows_of(plants)
    shares = [w / sum(weights) for w in weights]
    try:
        parts = split_by_plant(ids, labels, shares=shares, generator=rng(seed))
    except PlantEduError:
        assert min(shares) * plants < 3
        return
    assert sorted(np.concatenate(parts)) == list(range(len(ids)))
    sides = [{plant_of(ids[row]) for row in part} for part in parts]
    assert sum(len(side) for side in sides) == plants
    for label in set(labels):
        of_label = [sum(labels[row] == label for row in part) / 2 for part in parts]
        for got, share in zip(of_label, shares, strict=True):
            assert abs(got - share * labels.count(label) / 2) <= 1


def test_same_generator_same_split_and_another_another():
    ids, labels = rows_of(40)
    first, again, other = (
        split_by_plant(ids, labels, shares=(0.8, 0.2), generator=rng(seed)) for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(first[0], again[0])
    assert set(first[1]) != set(other[1])


def test_labels_are_mixed_in_each_part():
    ids = [f"p{k}" for k in range(90)]
    labels = ["blast"] * 30 + ["brown"] * 30 + ["healthy"] * 30
    train, _ = split_by_plant(ids, labels, shares=(0.8, 0.2), generator=rng())
    assert {labels[row] for row in train[:15]} == set(labels)


def test_row_split_leaks_four_twins_in_five_and_plant_split_none():
    ids, labels = rows_of(2670)
    train, held_out = split_by_row(ids, shares=(0.8, 0.2), generator=rng())
    assert leaked_share(ids, train, held_out) == pytest.approx(0.8, abs=0.03)
    train, held_out = split_by_plant(ids, labels, shares=(0.8, 0.2), generator=rng())
    assert leaked_share(ids, train, held_out) == 0


def test_each_plant_is_held_out_once():
    ids, labels = rows_of(33)
    rounds = folds_by_plant(ids, labels, folds=5, generator=rng())
    assert len(rounds) == 5
    assert sorted(np.concatenate([held for _, held in rounds])) == list(range(66))
    for train, held_out in rounds:
        assert len(train) + len(held_out) == 66
        assert leaked_share(ids, train, held_out) == 0


@pytest.mark.parametrize("shares", [(0.8, 0.3), (1.2, -0.2), ()])
def test_shares_that_do_not_add_up_are_refused(shares):
    with pytest.raises(PlantEduError, match=r"Shares are above 0 and sum to 1"):
        split_by_plant(*rows_of(9), shares=shares, generator=rng())


def test_plant_with_two_labels_is_refused():
    with pytest.raises(PlantEduError, match=r"a is labelled blast and brown"):
        split_by_plant(["a", "a_rgn"], ["blast", "brown"], shares=(1.0,), generator=rng())


def test_too_few_plants_are_refused():
    with pytest.raises(PlantEduError, match=r"2 plants are too few to split \(0.8, 0.2\)"):
        split_by_plant(["a", "b"], ["x", "x"], shares=(0.8, 0.2), generator=rng())
    with pytest.raises(PlantEduError, match=r"Folds are at least 2"):
        folds_by_plant(["a", "b"], ["x", "x"], folds=1, generator=rng())


def test_missing_labels_are_refused():
    with pytest.raises(PlantEduError, match=r"got 2 ids and 1 labels"):
        split_by_plant(["a", "b"], ["x"], shares=(1.0,), generator=rng())
