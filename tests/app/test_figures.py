"""Pictures of a page: without loss, and encoded once for all its runs."""

from io import BytesIO

import numpy as np
from PIL import Image

from app.figures import png


def test_a_picture_of_pixels_is_shown_without_loss():
    image = np.random.default_rng(0).integers(0, 256, (12, 8, 3), dtype=np.uint8)
    with Image.open(BytesIO(png(image))) as shown:
        assert shown.format == "PNG"
        assert np.array_equal(np.asarray(shown), image)
    turned = image.transpose(1, 0, 2)
    with Image.open(BytesIO(png(turned))) as shown:
        assert np.array_equal(np.asarray(shown), turned)


def test_it_is_encoded_once(monkeypatch):
    image = np.full((4, 4), 7, dtype=np.uint8)
    first = png(image)
    monkeypatch.setattr("app.figures.Image", None)
    assert png(image.copy()) is first
