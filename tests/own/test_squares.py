"""A large JPEG is decoded smaller, and hardly differs from the whole one."""

import numpy as np
from PIL import Image

from plantedu.data.challenge.decode import read_image, square
from plantedu.own.squares import square_of


def test_a_large_jpeg_is_decoded_at_half_or_less_and_looks_the_same(tmp_path):
    coarse = np.random.default_rng(0).integers(0, 256, (30, 40, 3), dtype=np.uint8)
    image = Image.fromarray(coarse).resize((1200, 900), Image.Resampling.BICUBIC)
    image.save(tmp_path / "a.jpg", quality=92)
    whole = read_image(tmp_path / "a.jpg")
    small = read_image(tmp_path / "a.jpg", least=128)
    assert whole.size == (1200, 900)
    assert small.size == (300, 225)  # a quarter; an eighth would be less than 128
    found = square_of(tmp_path / "a.jpg", 64, "centre")[0].transpose(1, 2, 0)
    apart = np.abs(found.astype(int) - square(whole.pixels, 64))
    assert apart.mean() < 1
    assert read_image(tmp_path / "a.jpg", least=1000).size == (1200, 900)


def test_other_files_are_decoded_whole(tmp_path):
    Image.new("RGB", (300, 200)).save(tmp_path / "a.png")
    assert read_image(tmp_path / "a.png", least=16).size == (300, 200)
