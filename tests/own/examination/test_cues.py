"""Cues: places tile the picture, statistics are exchanged as they are read."""

import numpy as np
import pytest

from plantedu.own.examination.cues import STATISTICS, regions


def noise(count=4, size=64, seed=0):
    low = np.random.default_rng(seed).integers(60, 160, (count, 3, 8, 8))
    fine = np.random.default_rng(seed + 9).integers(-9, 10, (count, 3, size, size))
    return (np.kron(low, np.ones((size // 8, size // 8), int)) + fine).astype(np.uint8)


def test_cells_and_blocks_tile_the_picture_and_names_are_unique():
    found = regions()
    assert len({one.name for one in found}) == len(found)
    for shape, count in (("cell", 64), ("block", 16)):
        masks = np.stack([one.mask((61, 64)) for one in found if one.shape == shape])
        assert len(masks) == count
        assert (masks.sum(0) == 1).all()


def test_who_is_compared_has_the_same_size():
    for shape in ("cell", "block", "row", "column", "ring"):
        sizes = {one.mask((64, 64)).sum() for one in regions() if one.shape == shape}
        assert max(sizes) <= 1.08 * min(sizes)
        assert {one.border for one in regions() if one.shape == shape} == {True, False}


def test_a_description_sees_its_place_alone():
    x, y = noise(), noise()
    cell = next(one for one in regions() if one.name == "cell top, left")
    y[:, :, 8:, :] = 0
    assert np.allclose(cell.described(x), cell.described(y))
    y[:, :, 0, 0] += 90
    assert not np.allclose(cell.described(x), cell.described(y))


@pytest.mark.parametrize("one", STATISTICS, ids=lambda one: one.name)
def test_an_exchanged_statistic_comes_close_to_the_donors(one):
    x, donors = noise(), noise(seed=1)
    donors = np.clip(donors * np.array([1.3, 1.0, 0.9])[:, None, None] + 10, 0, 255)
    donors = donors.astype(np.uint8)
    before = np.abs(one.described(x) - one.described(donors)).max()
    after = np.abs(one.described(one.exchanged(x, donors)) - one.described(donors)).max()
    assert after < 0.35 * before
    assert (one.exchanged(x, x) == x).all()
