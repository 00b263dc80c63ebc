"""Uploads of one plant: bounded, cut square, one frame for both sensors, changes said."""

import io

import numpy as np
import pytest
from PIL import Image

from plantedu.data.challenge.upload import admit, uploaded
from plantedu.errors import PlantEduError
from tests.data.challenge.test_decode import png


def file(width, height, name="leaf.png", kind="PNG", mode="RGB", **options):
    pixels = np.random.default_rng(0).integers(256, size=(height, width, 3), dtype=np.uint8)
    out = io.BytesIO()
    Image.fromarray(pixels).convert(mode).save(out, kind, **options)
    return name, out.getvalue()


def turned(width, height):
    exif = Image.Exif()
    exif[0x0112] = 6
    return file(width, height, kind="JPEG", exif=exif)


def deep(side):
    """A 16-bit grey PNG."""
    return "deep.png", png(side, side, 16, 0, [np.full(side, 40_000, ">u2").tobytes()] * side)


def test_the_centre_is_cut_out_and_nothing_is_squeezed():
    name, data = file(96, 48)
    found = uploaded((name, data), None, side=48)
    whole = np.asarray(Image.open(io.BytesIO(data)))
    assert found.x2 is None
    assert np.array_equal(found.x1.transpose(1, 2, 0), whole[:, 24:72])
    assert found.notes == ()


def test_two_files_of_one_name_stay_two():
    one, other = file(64, 64), file(64, 64, mode="L")
    found = uploaded(one, other, side=64)
    assert not np.array_equal(found.x1, found.x2)
    assert np.array_equal(uploaded(None, one, side=64).x2, found.x1)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (file(64, 64, kind="JPEG", mode="CMYK"), "leaf.png was CMYK; it was read as 8-bit RGB."),
        (file(64, 64, mode="P"), "leaf.png was palette; it was read as 8-bit RGB."),
        (deep(64), "deep.png was 16-bit greyscale; it was read as 8-bit RGB, from the high byte"),
        (turned(64, 96), "leaf.png was turned upright, as its camera noted."),
    ],
)
def test_what_was_changed_is_said(given, said):
    admit(given)
    (note,) = uploaded(given, None, side=48).notes
    assert note.startswith(said)


def test_the_shape_of_a_turned_picture_is_the_upright_one():
    assert uploaded(turned(96, 64), file(64, 96), side=48).x1.shape == (3, 48, 48)
    with pytest.raises(PlantEduError, match="different shapes"):
        uploaded(turned(96, 64), file(96, 64), side=48)


REFUSED = [
    (file(40, 40), "40 x 40 pixels; the shorter side needs 48"),
    (file(200, 60), "too long a strip"),
    (("leaf.png", b"not a picture"), "not a JPEG or PNG"),
    (("leaf.png", b""), "empty"),
    (file(64, 64, kind="GIF"), "a GIF file, whatever its name says"),
]


@pytest.mark.parametrize(("given", "said"), REFUSED)
def test_a_header_is_enough_to_refuse(given, said, monkeypatch):
    monkeypatch.setattr("PIL.ImageFile.ImageFile.load", lambda self: pytest.fail("it was decoded"))
    with pytest.raises(PlantEduError, match=said):
        admit(given)
    with pytest.raises(PlantEduError, match=said):
        uploaded(given, None, side=48)


@pytest.mark.parametrize(
    ("x1", "x2", "said"),
    [
        (None, None, "at least one"),
        (file(64, 64), file(96, 64, "near.png"), "different shapes"),
        ((*file(300, 300, kind="JPEG")[:1], file(300, 300, kind="JPEG")[1][:9000]), None,
         "truncated or damaged"),
    ],
)  # fmt: skip
def test_what_is_no_pair_of_one_plant_is_a_sentence(x1, x2, said):
    with pytest.raises(PlantEduError, match=said):
        uploaded(x1, x2, side=48)
