"""Labelled plants: which rows there are, and what a leaked split leaks."""

import numpy as np
import pytest
import torch

from plantedu.data.render_cache import Bank
from plantedu.data.renderer.worlds import world
from plantedu.errors import PlantEduError
from plantedu.training.classifier.labelled_split import (
    BOTH,
    RGB,
    RGN,
    Labelled,
    Rows,
    labelled_from,
    rows_of,
    shuffled,
    split,
)
from plantedu.training.pair_source import FolderSource, WorldSource


def data(counts=(30, 20, 10), side=4):
    codes = np.repeat(np.arange(len(counts)), counts)
    codes = np.random.default_rng(0).permutation(codes)
    x1 = np.broadcast_to(
        np.arange(len(codes), dtype=np.uint8)[:, None, None, None], (len(codes), 3, side, side)
    )
    names = ("blast", "brown", "healthy")[: len(counts)]
    every = np.arange(len(codes))
    source = FolderSource(x1.copy(), 255 - x1, codes, len(counts), every, every, names)
    return Labelled(source, codes, names)


def assigned(found, seed=0, **knobs):
    chosen = {"labels": 1.0, "validation": 0.2, "sensors": "both", "how": "grouped"} | knobs
    pool = np.arange(len(found.codes))
    return split(found, pool, generator=np.random.default_rng(seed), **chosen)


def test_rows_show_what_they_say():
    found = data()
    plants = np.array([5, 0, 7])
    both = found.views(rows_of(plants, "both"))
    assert both[:, :, 0, 0, 0].tolist() == [[5, 0, 7], [250, 255, 248]]
    assert found.views(rows_of(plants, "rgb"))[:, :, 0, 0, 0].tolist() == [[5, 0, 7]]
    assert found.views(rows_of(plants, "rgn"))[:, :, 0, 0, 0].tolist() == [[250, 255, 248]]
    mixed = Rows(plants, np.array([RGN, RGB, RGN]))
    assert found.views(mixed)[:, :, 0, 0, 0].tolist() == [[250, 0, 248]]
    assert both.dtype == torch.uint8
    assert found.labels(mixed).tolist() == found.codes[plants].tolist()


def test_either_has_a_row_for_each_image_with_the_names_of_their_files():
    rows = rows_of(np.array([4, 9]), "either")
    assert rows.ids == ["4.jpg", "9.jpg", "4_rgn.jpg", "9_rgn.jpg"]
    assert set(rows_of(np.array([4]), "both").sensors) == {BOTH}


@pytest.mark.parametrize("labels", [1.0, 0.5, 0.2])
def test_each_class_gives_its_share_and_no_plant_stands_twice(labels):
    found = data()
    parts = assigned(found, labels=labels)
    plants = np.concatenate([parts.train.plants, parts.validation.plants])
    assert len(set(plants.tolist())) == len(plants)
    for code, count in enumerate((30, 20, 10)):
        assert abs((found.codes[plants] == code).sum() - labels * count) <= 1
        kept = (found.codes[parts.validation.plants] == code).sum()
        assert abs(kept - 0.2 * labels * count) <= 1
    assert parts.leaked == 0


def test_shuffled_classes_are_the_same_ones_in_another_order_of_the_pool_alone():
    found, pool = data((30, 20, 10)), np.arange(40)
    other = shuffled(found, pool, np.random.default_rng(0))
    assert sorted(other.codes[pool]) == sorted(found.codes[pool])
    assert 0.2 < (other.codes[pool] == found.codes[pool]).mean() < 0.7
    np.testing.assert_array_equal(other.codes[40:], found.codes[40:])
    either = rows_of(pool, "either")
    assert other.labels(either)[:40].tolist() == other.labels(either)[40:].tolist()


def test_a_seed_is_a_split():
    found = data()
    one, again, other = (assigned(found, seed=seed).train.plants.tolist() for seed in (1, 1, 2))
    assert one == again != other


def test_leaked_split_leaks_about_four_twins_in_five_and_grouped_none():
    found = data((300, 200, 100))
    leaked = assigned(found, sensors="either", how="leaked")
    assert leaked.leaked == pytest.approx(0.8, abs=0.07)
    assert assigned(found, sensors="either").leaked == 0
    assert len(leaked.train) + len(leaked.validation) == 1200
    pairs = {*zip(leaked.train.plants, leaked.train.sensors, strict=True)}
    assert not pairs & {*zip(leaked.validation.plants, leaked.validation.sensors, strict=True)}


@pytest.mark.parametrize(
    ("counts", "knobs", "said"),
    [
        ((30, 20, 1), {}, "'healthy' has 1 labelled plant.* of 1 in"),
        ((300, 200, 10), {"labels": 0.02}, "'healthy' has 0 labelled plant.* of 10 in"),
        ((300, 200, 40), {"labels": 0.02}, "'healthy' has 1 labelled plant"),
        ((2, 2), {"labels": 0.5}, "'blast' has 1 labelled plant"),
    ],
)
def test_a_class_that_would_stand_empty_is_named(counts, knobs, said):
    with pytest.raises(PlantEduError, match=said):
        assigned(data(counts), **knobs)


def test_one_class_cannot_be_classified(tmp_path):
    bank = Bank(world("nursery"), pairs=8, size=16, folder=tmp_path)
    with pytest.raises(PlantEduError, match="this data has 1"):
        labelled_from(WorldSource(bank, 4, 4))
    with pytest.raises(PlantEduError, match="this data has 1"):
        labelled_from(data((5,)).source)
