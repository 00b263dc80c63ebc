"""Uploads of one plant: bounded, cut square, one frame for both sensors."""

import io

import numpy as np
import pytest
from PIL import Image

from plantedu.data.upload import packed, unpacked, uploaded
from plantedu.errors import PlantEduError


def file(width, height, name="leaf.png", kind="PNG"):
    picture = np.random.default_rng(0).integers(256, size=(height, width, 3), dtype=np.uint8)
    out = io.BytesIO()
    Image.fromarray(picture).save(out, kind)
    return name, out.getvalue()


def test_the_centre_is_cut_out_and_nothing_is_squeezed():
    name, data = file(96, 48)
    (x1, x2) = uploaded((name, data), None, side=48)
    whole = np.asarray(Image.open(io.BytesIO(data)))
    assert x2 is None
    assert np.array_equal(x1.transpose(1, 2, 0), whole[:, 24:72])


def test_a_small_picture_travels_in_a_request():
    picture = np.random.default_rng(1).integers(256, size=(3, 48, 48), dtype=np.uint8)
    assert np.array_equal(unpacked(packed(picture)), picture)
    assert len(packed(picture)) < 20_000
    assert packed(None) == ""
    assert unpacked("") is None


@pytest.mark.parametrize(
    ("x1", "x2", "said"),
    [
        (None, None, "at least one"),
        (file(40, 40), None, "40 x 40 pixels; the shorter side needs 48"),
        (file(200, 60), None, "too long a strip"),
        (file(64, 64), file(96, 64, "near.png"), "different shapes"),
        (("leaf.png", b"not a picture"), None, "not a JPEG or PNG"),
        (("leaf.png", b""), None, "empty"),
    ],
)
def test_what_is_no_pair_of_one_plant_is_a_sentence(x1, x2, said):
    with pytest.raises(PlantEduError, match=said):
        uploaded(x1, x2, side=48)


def test_a_request_that_holds_no_picture_is_refused():
    with pytest.raises(PlantEduError, match="not a JPEG or PNG"):
        unpacked("!!!")
