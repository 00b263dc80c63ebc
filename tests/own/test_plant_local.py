"""Local plants: corners, the green region, spots on it."""

import numpy as np
import pytest

from plantedu.own.plant import plant
from plantedu.own.plant_local import CORNERS, green_region


def scene(size=64):
    """A green band on brown ground."""
    x = np.empty((3, size, size), np.uint8)
    x[:] = np.array([150, 120, 80])[:, None, None]
    x[:, size // 4 : 3 * size // 4] = np.array([90, 150, 70])[:, None, None]
    return x


def test_a_mark_lies_in_its_corner():
    for corner in CORNERS:
        mask = plant(scene()[None], "mark", 1, seed=0, where=corner).masks[0]
        rows, columns = (np.flatnonzero(mask.any(a)).mean() for a in (1, 0))
        assert (rows < 32) == corner.startswith("top")
        assert (columns < 32) == corner.endswith("left")


def test_the_green_region_is_the_band_and_not_the_ground():
    region = green_region(scene())
    assert region[20:44].all()
    assert not region[:12].any()
    assert not region[52:].any()


def test_spots_are_browner_than_the_leaf_and_keep_its_light():
    bright, dark = scene(), (scene() * 0.5).astype(np.uint8)
    found = plant(np.stack([bright, dark]), "lesion", 1, seed=0)
    for x, own, mask in zip((bright, dark), found.pictures, found.masks, strict=True):
        assert 0.02 < mask.mean() < 0.5
        assert not mask[:12].any()
        before, after = (p[:, mask].mean(1) for p in (x, own))
        assert after[0] / after[1] > before[0] / before[1]
    assert found.pictures[1][:, found.masks[1]].mean() < found.pictures[0][:, found.masks[0]].mean()


def test_what_is_not_green_has_no_region():
    with pytest.raises(LookupError):
        green_region(np.full((3, 32, 32), 120, np.uint8))
