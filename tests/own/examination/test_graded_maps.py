"""Two heads, two marks: occlusion-like truth is distinguished, an edge map is not."""

import numpy as np

from plantedu.own.examination.graded_maps import graded_maps, two_marks


def test_marks_stand_where_it_is_said(asked):
    found, has, masks = two_marks(asked.x, 0)
    moved = (found != asked.x).any(1)
    for k in (0, 1):
        assert ((moved & masks[k]).any((1, 2)) == has[:, k]).all()
    assert not (moved & ~masks.any(0)).any()


def test_each_method_stands_beside_random_weights(asked):
    found = graded_maps(asked)
    names = [name for name, _ in found.lines]
    assert "gxi" in names
    assert "gxi, random weights" in names
    assert all(np.isfinite(one.value) and abs(one.value) <= 1 for _, one in found.lines)
