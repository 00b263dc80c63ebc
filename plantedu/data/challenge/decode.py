"""User's pictures, decoded within bounds: JPEG or PNG in, 8-bit RGB out, or one sentence.

Size and pixels are checked before anything is decoded, the camera's orientation is applied, and
every conversion is explicit: 16-bit values keep their high byte (Pillow alone would clip grey
ones to white), CMYK, palettes and grey become RGB. What could mean two things (see-through pixels,
animations, 16-bit files that may hold 12 bits) is refused rather than guessed.
"""

import io
import warnings
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Lock

import numpy as np
from jaxtyping import UInt8
from PIL import Image, ImageOps

from plantedu.data.challenge.image_header import MAX_PIXELS, check_cost
from plantedu.errors import PlantEduError, require

MAX_BYTES = 64 * 2**20
FORMATS = ("JPEG", "PNG")
ORIENTATION = 0x0112  # EXIF tag; 2 to 8 ask for a turn or a mirror
WARNINGS = Lock()  # warnings are set for the whole process, and pages run in threads

Picture = UInt8[np.ndarray, "height width 3"]


@dataclass(frozen=True)
class Decoded:
    """One picture as the models will see it.

    Attributes:
        pixels: 8-bit RGB, upright, "height width 3".
        converted_from: What the file held, in words, if it was not 8-bit RGB; else "".
        turned: Whether the camera's note on its orientation was applied: 1 for a turn or mirror
            that keeps the shape, 2 for a quarter turn; 0 for none.
    """

    pixels: Picture
    converted_from: str = ""
    turned: int = 0

    @property
    def size(self) -> tuple[int, int]:
        """Width and height after the orientation was applied."""
        return self.pixels.shape[1], self.pixels.shape[0]


def read_image(path: Path, *, least: int = 0) -> Decoded:
    """Decode one picture file.

    Args:
        path: The file.
        least: A JPEG may be decoded smaller, with both sides this or more; 0 decodes it whole.

    Raises:
        PlantEduError: for what is no regular file, too large, damaged, not a JPEG or PNG, or
            ambiguous; names the file.
    """
    require(path.is_file(), f"{path.name} is not there, or is no regular file.")
    try:
        size = path.stat().st_size
        require(size <= MAX_BYTES, _too_heavy(path.name, size))
        data = path.read_bytes()
    except OSError as error:
        raise PlantEduError(f"{path.name} cannot be opened: {error.strerror}.") from None
    return decode(data, name=path.name, least=least)


def decode(data: bytes, *, name: str, least: int = 0) -> Decoded:
    """Decode a picture that is in memory, such as an upload.

    Args:
        data: The whole file.
        name: What to call it in a sentence.
        least: As of `read_image`.

    Raises:
        PlantEduError: as `read_image`.
    """
    require(len(data) <= MAX_BYTES, _too_heavy(name, len(data)))
    require(len(data) > 0, f"{name} is empty (0 bytes). Copy it again from its source.")
    check_cost(data, name=name)
    with WARNINGS, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        return _decode(data, name, least)


def square(pixels: Picture, size: int) -> UInt8[np.ndarray, "size size 3"]:
    """The largest centred square of a picture at `size` pixels a side (shapes are not squeezed)."""
    height, width = pixels.shape[:2]
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    cut = pixels[top : top + side, left : left + side]
    if side == size:
        return cut
    image = Image.fromarray(cut).resize((size, size), Image.Resampling.BICUBIC, reducing_gap=3.0)
    return np.asarray(image)


def _decode(data: bytes, name: str, least: int) -> Decoded:
    """Open, check the header, then decode; a decoder may raise anything on damaged bytes."""
    try:
        image = Image.open(io.BytesIO(data), formats=FORMATS)
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
        raise PlantEduError(_too_many_pixels(name, str(error))) from None
    except Exception:
        known = " or ".join(FORMATS)
        raise PlantEduError(f"{name} is not a {known} picture, or its start is damaged.") from None
    with image:
        width, height = image.size
        measure = f"{width} x {height} is {width * height / 1e6:.0f} megapixels"
        require(width * height <= MAX_PIXELS, _too_many_pixels(name, measure))
        animated = image.format == "PNG" and getattr(image, "is_animated", False)
        require(not animated, f"{name} is an animation. Save the one picture that you mean.")
        try:
            if least:
                image.draft(None, (least, least))  # type: ignore[arg-type]
            image.load()
            noted = image.getexif().get(ORIENTATION, 1)
            turned = 2 if noted in range(5, 9) else int(noted in range(2, 5))
            upright = ImageOps.exif_transpose(image)
        except Exception as error:
            raise PlantEduError(
                f"{name} is truncated or damaged ({error}). Copy it again from its source."
            ) from None
        return replace(_to_rgb(upright, name, deep=_is_16_bit(data)), turned=turned)


def _to_rgb(image: Image.Image, name: str, *, deep: bool) -> Decoded:
    """8-bit RGB of a decoded picture of any mode that JPEG and PNG have."""
    held = _describe(image, deep)
    if image.mode.startswith("I"):
        grey = (np.asarray(image).astype(np.uint32) >> 8).astype(np.uint8)
        image = Image.fromarray(grey)
    if "A" in image.getbands() or "transparency" in image.info:
        image = image.convert("RGBA")
        opaque = image.getchannel("A").getextrema() == (255, 255)
        require(opaque, f"{name} has see-through pixels. Save it without an alpha channel.")
    pixels = np.array(image.convert("RGB"))
    faint = deep and 0 < pixels.max() < 16
    require(
        not faint,
        f"{name} is a 16-bit file whose values stay below 4096: a 12-bit camera, or a dark "
        "picture? Save it with 8 bits per channel.",
    )
    return Decoded(pixels, held)


def _describe(image: Image.Image, deep: bool) -> str:
    """What the file held, if not 8-bit RGB."""
    words = {"1": "1-bit", "L": "greyscale", "P": "palette", "CMYK": "CMYK", "RGB": ""}
    kind = "greyscale" if image.mode.startswith("I") else words.get(image.mode, image.mode)
    return f"16-bit {kind}".strip() if deep else kind


def _is_16_bit(data: bytes) -> bool:
    """Bit depth in a PNG's header; Pillow does not tell it for colour pictures."""
    return data.startswith(b"\x89PNG") and len(data) > 24 and data[24] == 16


def _too_heavy(name: str, size: int) -> str:
    return (
        f"{name} has {size / 2**20:.0f} MB; at most {MAX_BYTES / 2**20:.0f} MB are read. "
        "Save a smaller one."
    )


def _too_many_pixels(name: str, measure: str) -> str:
    return (
        f"{name} was not decoded: {measure}, and at most {MAX_PIXELS / 1e6:.0f} megapixels are "
        "read. Make the picture smaller."
    )
