"""Decoding: what comes in is bounded, what comes out is upright 8-bit RGB or a sentence."""

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from plantedu.data.challenge import decode as module
from plantedu.data.challenge.decode import decode, read_image, square
from plantedu.errors import PlantEduError

COLOURS = np.array([[[200, 30, 10], [0, 128, 255]], [[5, 250, 60], [90, 90, 90]]], np.uint8)


def encoded(image, kind="PNG", **options):
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


def png(width, height, depth, colour, rows):
    """A PNG written by hand, for bit depths that Pillow cannot write."""

    def chunk(name, body):
        sealed = name + body
        return struct.pack(">I", len(body)) + sealed + struct.pack(">I", zlib.crc32(sealed))

    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    body = zlib.compress(b"".join(b"\0" + row for row in rows), 9)
    start = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header)
    return start + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def test_plain_rgb_comes_back_exactly():
    found = decode(encoded(Image.fromarray(COLOURS)), name="a.png")
    np.testing.assert_array_equal(found.pixels, COLOURS)
    assert found.converted_from == ""
    assert found.size == (2, 2)


@pytest.mark.parametrize("mode", ["L", "1", "P", "RGBA", "LA"])
def test_other_modes_become_the_same_colours(mode):
    picture = Image.fromarray(COLOURS).convert(mode)
    found = decode(encoded(picture), name="a.png")
    np.testing.assert_array_equal(found.pixels, np.array(picture.convert("RGB")))
    assert found.converted_from != ""


def test_sixteen_bit_grey_is_scaled_not_clipped():
    values = np.array([[0, 256, 25700], [40000, 65280, 65535]], np.uint16)
    rows = [row.astype(">u2").tobytes() for row in values]
    found = decode(png(3, 2, 16, 0, rows), name="deep.png")
    np.testing.assert_array_equal(found.pixels[..., 0], values >> 8)
    np.testing.assert_array_equal(found.pixels[..., 0], found.pixels[..., 2])
    assert found.converted_from == "16-bit greyscale"


def test_sixteen_bit_colour_is_scaled_not_clipped():
    values = np.array([[[65535, 32768, 300], [0, 5000, 60000]]], np.uint16)
    found = decode(png(2, 1, 16, 2, [values[0].astype(">u2").tobytes()]), name="deep.png")
    np.testing.assert_array_equal(found.pixels, values >> 8)
    assert found.converted_from == "16-bit"


@pytest.mark.parametrize("colour", [0, 2])
def test_twelve_bits_in_sixteen_are_refused(colour):
    row = np.full(3 * (3 if colour == 2 else 1), 4000, ">u2").tobytes()
    with pytest.raises(PlantEduError, match=r"deep\.png is a 16-bit file.*12-bit camera.*8 bits"):
        decode(png(3, 1, 16, colour, [row]), name="deep.png")


def test_cmyk_jpeg_keeps_its_colours():
    red = Image.new("CMYK", (16, 16), (0, 255, 255, 0))
    found = decode(encoded(red, "JPEG", quality=95), name="a.jpg")
    assert found.converted_from == "CMYK"
    assert np.abs(found.pixels.reshape(-1, 3).mean(0) - [255, 0, 0]).max() < 4


def test_see_through_pixels_are_refused():
    glass = Image.fromarray(COLOURS).convert("RGBA")
    glass.putpixel((0, 0), (1, 2, 3, 254))
    with pytest.raises(PlantEduError, match=r"glass\.png has see-through pixels.*without an alpha"):
        decode(encoded(glass), name="glass.png")


def test_see_through_palette_is_refused():
    picture = Image.fromarray(COLOURS).convert("P")
    with pytest.raises(PlantEduError, match="see-through"):
        decode(encoded(picture, transparency=picture.getpixel((0, 0))), name="p.png")


def test_animation_is_refused():
    frames = [Image.new("RGB", (4, 4), colour) for colour in ("red", "blue")]
    data = encoded(frames[0], save_all=True, append_images=frames[1:])
    with pytest.raises(PlantEduError, match=r"a\.png is an animation"):
        decode(data, name="a.png")


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_orientation_is_applied(kind):
    picture = Image.new("RGB", (8, 4), "white")
    picture.paste("black", (0, 0, 4, 4))
    exif = Image.Exif()
    exif[0x0112] = 6
    found = decode(encoded(picture, kind, exif=exif), name="turned")
    assert found.size == (4, 8)
    assert found.pixels[:3].max() < 40
    assert found.pixels[5:].min() > 215


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_truncated_file_is_named(tmp_path, kind):
    noise = np.random.default_rng(0).integers(0, 256, (40, 40, 3), dtype=np.uint8)
    path = tmp_path / "cut.img"
    data = encoded(Image.fromarray(noise), kind)
    path.write_bytes(data[: len(data) // 2])
    with pytest.raises(PlantEduError, match=r"cut\.img is truncated or damaged.*Copy it again"):
        read_image(path)


@pytest.mark.parametrize("data", [b"not a picture", encoded(Image.new("L", (4, 4)), "GIF")])
def test_other_formats_are_refused(data):
    with pytest.raises(PlantEduError, match=r"x\.jpg is not a JPEG or PNG picture"):
        decode(data, name="x.jpg")


def test_empty_file_is_refused():
    with pytest.raises(PlantEduError, match=r"x\.jpg is empty"):
        decode(b"", name="x.jpg")


@pytest.mark.parametrize("side", [5_001, 10_000, 15_000])
def test_bomb_is_refused_before_it_is_decoded(side, monkeypatch):
    rows = [bytes(-(-side // 8))] * side
    bomb = png(side, side, 1, 0, rows)
    assert len(bomb) < 60_000
    monkeypatch.setattr("PIL.ImageFile.ImageFile.load", lambda self: pytest.fail("it was decoded"))
    with pytest.raises(PlantEduError, match=r"bomb\.png was not decoded.*at most 25 megapixels"):
        decode(bomb, name="bomb.png")


def test_heavy_file_is_refused_unread(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "MAX_BYTES", 10)
    path = tmp_path / "big.png"
    path.write_bytes(bytes(11))
    monkeypatch.setattr("pathlib.Path.read_bytes", lambda self: pytest.fail("it was read"))
    with pytest.raises(PlantEduError, match=r"big\.png has .* MB; at most"):
        read_image(path)


def test_folder_is_no_picture(tmp_path):
    with pytest.raises(PlantEduError, match="no regular file"):
        read_image(tmp_path)


def test_square_is_the_centre():
    wide = np.zeros((10, 30, 3), np.uint8)
    wide[:, 10:20] = 200
    assert (square(wide, 10) == 200).all()
    assert (square(wide, 5) == 200).all()
    assert square(np.zeros((30, 12, 3), np.uint8), 64).shape == (64, 64, 3)
