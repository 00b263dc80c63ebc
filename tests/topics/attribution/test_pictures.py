"""Maps as pictures."""

import base64
import io

import numpy as np
from PIL import Image

from plantedu.topics.attribution.pictures import EDGE, ZOOM, address, heat, outline, plain, scaled

VIEW = np.random.default_rng(0).random((3, 8, 8))


def test_an_address_is_the_picture():
    raw = plain(VIEW)
    assert raw.shape == (8 * ZOOM, 8 * ZOOM, 3)
    back = base64.b64decode(address(raw).removeprefix("data:image/png;base64,"))
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(back))), raw)
    assert len(address(raw, colours=16)) < len(address(raw))


def test_relevance_is_bright_and_the_mask_is_outlined():
    relevance = np.zeros((8, 8))
    relevance[2, 2] = 1
    mask = np.zeros((8, 8), bool)
    mask[4:7, 4:7] = True
    seen = heat(relevance, VIEW, mask)
    assert seen[2 * ZOOM + 1, 2 * ZOOM + 1].sum() > seen[0, 0].sum() + 200
    assert (seen[4 * ZOOM, 4 * ZOOM] == EDGE).all()
    assert not (seen[5 * ZOOM + 1, 5 * ZOOM + 1] == EDGE).all()
    assert not (heat(relevance, VIEW) == EDGE).all(2).any()


def test_an_outline_is_inside_its_mask():
    mask = np.zeros((6, 6), bool)
    mask[1:5, 1:5] = True
    assert outline(mask).sum() == 12
    assert not (outline(mask) & ~mask).any()


def test_both_sensors_have_one_scale():
    r = np.ones((2, 3, 8, 8))
    r[1] = 0.5
    assert np.allclose(scaled(r)[0], 1)
    assert np.allclose(scaled(r)[1], 0.5)
    assert not scaled(0 * r).any()
