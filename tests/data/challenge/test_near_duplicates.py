"""Copies: equal pixels are found in any format, close ones by thumbnail, different ones never."""

import numpy as np
from PIL import Image

from plantedu.data.challenge import near_duplicates
from plantedu.data.challenge.near_duplicates import NEAR_255, alike, equal, look


def picture(seed, size=(96, 96)):
    coarse = np.random.default_rng(seed).integers(0, 256, (6, 6, 3), dtype=np.uint8)
    return Image.fromarray(coarse).resize(size, Image.Resampling.BICUBIC)


def test_equal_pixels_in_another_format_and_by_orientation(tmp_path):
    picture(0).save(tmp_path / "a.png")
    picture(0).save(tmp_path / "b.png", compress_level=0)
    exif = Image.Exif()
    exif[0x0112] = 3
    picture(0).rotate(180).save(tmp_path / "c.png", exif=exif)
    picture(1).save(tmp_path / "d.png")
    seen, refused = look(tmp_path, ["a.png", "b.png", "c.png", "d.png"])
    assert refused == {}
    assert equal(seen) == [["a.png", "b.png", "c.png"]]


def test_same_bytes_in_another_shape_are_not_equal(tmp_path):
    Image.new("RGB", (20, 10)).save(tmp_path / "a.png")
    Image.new("RGB", (10, 20)).save(tmp_path / "b.png")
    assert equal(look(tmp_path, ["a.png", "b.png"])[0]) == []


def test_compressed_again_and_scaled_are_alike(tmp_path):
    picture(0).save(tmp_path / "a.png")
    picture(0).save(tmp_path / "b.jpg", quality=70)
    picture(0, (200, 200)).save(tmp_path / "c.png")
    picture(3).save(tmp_path / "d.png")
    seen, _ = look(tmp_path, ["a.png", "b.jpg", "c.png", "d.png"])
    assert alike(seen) == [["a.png", "b.jpg"], ["a.png", "c.png"], ["b.jpg", "c.png"]]
    assert equal(seen) == []


def test_alike_equals_the_plain_loop_over_blocks(tmp_path, monkeypatch):
    monkeypatch.setattr(near_duplicates, "AT_ONCE", 3)
    names = [f"{k}.jpg" for k in range(8)]
    for k, name in enumerate(names):
        picture(k % 4).save(tmp_path / name, quality=95 - k)
    seen, _ = look(tmp_path, names)
    slow = [
        [a, b]
        for i, a in enumerate(names)
        for b in names[i + 1 :]
        if np.sqrt(((seen[a].thumbnail - seen[b].thumbnail) ** 2).mean()) < NEAR_255
    ]
    assert sorted(alike(seen)) == slow == [[f"{k}.jpg", f"{k + 4}.jpg"] for k in range(4)]


def test_what_cannot_be_read_is_named(tmp_path):
    (tmp_path / "a.jpg").write_bytes(b"letter")
    seen, refused = look(tmp_path, ["a.jpg"])
    assert seen == {}
    assert "a.jpg is not a JPEG or PNG" in refused["a.jpg"]
    assert alike(seen) == equal(seen) == []
