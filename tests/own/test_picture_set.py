"""A set of pictures: parts of it, its labels, its two cameras."""

import numpy as np
import pytest

from plantedu.errors import PlantEduError
from plantedu.own.picture_set import Images, labelled

SIX = Images(pictures=(np.arange(6 * 3 * 16 * 16) % 251).astype(np.uint8).reshape(6, 3, 16, 16),
             names=tuple("abcdef"), origin="mine")  # fmt: skip


def test_parts_keep_names_and_labels_beside_their_pictures():
    whole = labelled(SIX, ["x", "y", "x", "x", "y", "x"])
    part = whole[[4, 0]]
    assert part.names == ("e", "a")
    assert part.labels.tolist() == [1, 0]
    assert (part.pictures[0] == SIX.pictures[4]).all()
    assert len(whole[2]) == 1
    assert len(whole[whole.labels == 1]) == 2


def test_codes_keep_the_order_of_numbers():
    assert labelled(SIX, [10, 9, 2, 2, 9, 10]).classes == ("2", "9", "10")


def test_two_cameras_or_a_sentence():
    both = Images(pictures=SIX.pictures, partner=SIX.pictures, names=SIX.names)
    assert both.views(2).shape == (2, 6, 3, 16, 16)
    assert both[:2].cameras == 2
    with pytest.raises(PlantEduError, match="mine have one camera"):
        SIX.views(2)


def test_copies_of_one_picture_are_one_picture():
    SIX.require_varied()
    SIX[2].require_varied()
    with pytest.raises(PlantEduError, match="All 3 pictures of mine are the same one"):
        SIX[[1, 1, 1]].require_varied()


def test_labels_or_a_sentence():
    with pytest.raises(PlantEduError, match="came without"):
        SIX.require_labels("A probe")
    with pytest.raises(PlantEduError, match="all are of one, 'x'"):
        labelled(SIX, ["x"] * 6).require_labels("A probe")
    with pytest.raises(PlantEduError, match="2 labels for 6"):
        labelled(SIX, [1, 2])
