"""A picture file as a square of bytes: decoded no larger than needed, cropped, made smaller.

A JPEG of 12 megapixels is decoded at half, a quarter or an eighth of its side, as long as both
sides stay twice the square or more (libjpeg's scaled inverse DCT): several times faster, and less
than a grey level away on average.

Lesson: 01_pairs.
"""

from pathlib import Path
from typing import Literal

import numpy as np
from PIL import Image, ImageOps

from plantedu.data.challenge.decode import read_image, square

Crop = Literal["centre", "whole", "resize"]
CROPS = ("centre", "whole", "resize")
GREY = (127, 127, 127)
SPARE = 2  # sides of the square that are decoded at least


def square_of(file: Path, size: int, crop: Crop) -> tuple[np.ndarray, str]:
    """A picture file as uint8, "3 size size", and what it held if not 8-bit RGB, else "".

    Raises:
        PlantEduError: for a file that cannot be read; names it.
    """
    read = read_image(file, least=SPARE * size)
    return cropped(read.pixels, size, crop).transpose(2, 0, 1), read.converted_from


def cropped(pixels: np.ndarray, size: int, crop: Crop) -> np.ndarray:
    """A picture, "height width 3", as "size size 3".

    Args:
        pixels: 8-bit RGB.
        size: Pixels a side.
        crop: "centre" cuts the largest square, "whole" puts grey beside, "resize" squeezes.
    """
    height, width = pixels.shape[:2]
    side = min(height, width)
    if side == size and crop == "centre":
        return square(pixels, size)
    image = Image.fromarray(np.ascontiguousarray(pixels))
    how = Image.Resampling.BICUBIC
    if crop == "centre":  # of the picture, not of its pixels: they may be four of the file's wide
        left, top = (width - side) / 2, (height - side) / 2
        box = (left, top, left + side, top + side)
        return np.asarray(image.resize((size, size), how, box=box, reducing_gap=3.0))
    if crop == "whole":
        return np.asarray(ImageOps.pad(image, (size, size), method=how, color=GREY))
    return np.asarray(image.resize((size, size), how, reducing_gap=3.0))
