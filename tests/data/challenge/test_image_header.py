"""Headers: the size that Pillow would find, without a decoder; lies and other formats refused."""

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from plantedu.data.challenge.decode import decode
from plantedu.data.challenge.image_header import MAX_PIXELS, header
from plantedu.errors import PlantEduError


def encoded(image, kind, **options):
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


def picture(width, height, mode="RGB"):
    pixels = np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8)
    return Image.fromarray(pixels).convert(mode)


def png_that_says(width, height):
    """A few bytes that promise many pixels."""
    body = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + body + struct.pack(">I", zlib.crc32(body))


def jpeg_that_says(width, height):
    frame = b"\xff\xc0\x00\x11\x08" + struct.pack(">HH", height, width) + bytes(12)
    return b"\xff\xd8\xff\xe0\x00\x04ab" + frame


@pytest.mark.parametrize(
    ("kind", "mode", "options"),
    [
        ("PNG", "RGB", {}),
        ("PNG", "L", {}),
        ("PNG", "P", {}),
        ("JPEG", "RGB", {}),
        ("JPEG", "RGB", {"progressive": True}),
        ("JPEG", "RGB", {"comment": b"x" * 500, "icc_profile": bytes(70_000)}),
        ("JPEG", "CMYK", {}),
        ("JPEG", "L", {}),
    ],
)
def test_it_says_what_pillow_says(kind, mode, options):
    data = encoded(picture(70, 50, mode), kind, **options)
    found = header(data, name="leaf")
    assert (found.form, found.width, found.height) == (kind, *Image.open(io.BytesIO(data)).size)


def test_nothing_is_decoded(monkeypatch):
    monkeypatch.setattr("PIL.Image.open", lambda *_, **__: pytest.fail("Pillow was asked"))
    half = encoded(picture(64, 64), "JPEG")[:700]
    assert header(half, name="leaf").width == 64


@pytest.mark.parametrize("says", [png_that_says, jpeg_that_says])
def test_a_bomb_is_refused_by_what_it_says(says):
    assert len(says(60_000, 50_000)) < 60
    with pytest.raises(PlantEduError, match=r"60000 x 50000 is 3000 megapixels, and at most 25"):
        header(says(60_000, 50_000), name="bomb")
    assert header(says(5000, MAX_PIXELS // 5000), name="largest").width == 5000
    with pytest.raises(PlantEduError, match="no pixels"):
        header(says(0, 5), name="flat")


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "is empty"),
        (encoded(picture(50, 50), "GIF"), "it is a GIF file, whatever its name says"),
        (encoded(picture(50, 50), "BMP"), "it is a BMP file"),
        (encoded(picture(50, 50), "TIFF"), "it is a TIFF file"),
        (b"<svg/>", "not a JPEG or PNG picture, or its start is damaged"),
        (b"\x89PNG\r\n\x1a\n", "damaged at its start"),
        (b"\x89PNG\r\n\x1a\n" + b"\x00\x00\x00\x0dIDAT" + bytes(20), "damaged at its start"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", "damaged at its start"),
        (b"\xff\xd8\xff" + b"\xff" * 500, "damaged at its start"),
        (b"\xff\xd8\xff\xe0\x00\x00" * 500, "damaged at its start"),
    ],
)
def test_what_tells_no_size_is_a_sentence(data, said):
    with pytest.raises(PlantEduError, match=said):
        header(data, name="leaf.png")


def many_scans(count):
    """A progressive JPEG whose last scan stands there again and again: small, valid, expensive."""
    data = encoded(picture(64, 64), "JPEG", progressive=True)
    last = data.rindex(b"\xff\xda")
    return data[:last] + data[last:-2] * count + data[-2:]


def many_segments(count):
    data = encoded(picture(64, 64), "JPEG")
    return data[:2] + b"\xff\xfe\x00\x02" * count + data[2:]


def many_chunks(count):
    data, empty = encoded(picture(64, 64), "PNG"), struct.pack(">I", 0) + b"teSt"
    return data[:33] + (empty + struct.pack(">I", zlib.crc32(b"teSt"))) * count + data[33:]


@pytest.mark.parametrize(
    ("made", "few", "many", "said"),
    [
        (many_scans, 80, 20_000, "more than 100 scans"),
        (many_segments, 1900, 100_000, "more than 2000 segments"),
        (many_chunks, 39_000, 100_000, "more than 40000 chunks"),
    ],
    ids=["scans", "segments", "chunks"],
)
def test_a_picture_that_is_dear_to_decode_is_refused_before_it_is_decoded(
    made, few, many, said, monkeypatch
):
    assert header(made(few), name="leaf").width == 64
    assert decode(made(few), name="leaf").size == (64, 64)
    monkeypatch.setattr("PIL.Image.open", lambda *_, **__: pytest.fail("Pillow was asked"))
    for door in (header, decode):
        with pytest.raises(PlantEduError, match=said):
            door(made(many), name="leaf")


def test_scans_are_counted_as_a_decoder_meets_them():
    """Restart markers, stuffed bytes and a thumbnail's own scans in EXIF are no scans."""
    thumb = many_scans(300)
    app = b"\xff\xe1" + struct.pack(">H", min(65_535, len(thumb) + 2)) + thumb[:65_533]
    plain = encoded(picture(640, 640), "JPEG", restart_marker_blocks=1)
    assert plain.count(b"\xff\xd0") > 100
    data = plain[:2] + app + plain[2:]
    assert header(data, name="leaf").width == 640
