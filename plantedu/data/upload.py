"""A learner's own pictures of one plant, bounded before they are decoded, as a denoiser sees them.

The centre of each is cut out as a square; nothing is squeezed. Two pictures of one plant must have
one shape, since a pair is two sensors behind one lens or side by side.
"""

import base64
import io

import numpy as np
from jaxtyping import UInt8
from PIL import Image

from plantedu.data.decode import decode, square
from plantedu.errors import require

SMALLEST = 48  # pixels of the shorter side
LONGEST = 2.0  # longer side over shorter side
TOLERANCE = 0.02  # between the shapes of two pictures of one plant

Upload = tuple[str, bytes]  # its name and its bytes


def uploaded(
    x1: Upload | None, x2: Upload | None, *, side: int
) -> tuple[UInt8[np.ndarray, "3 side side"] | None, UInt8[np.ndarray, "3 side side"] | None]:
    """X1 and X2 of a plant from files; either may be missing.

    Args:
        x1, x2: Name and bytes of the RGB and of the RGN file.
        side: Side in pixels that is wanted.

    Raises:
        PlantEduError: without any file; for a file that `decode` refuses, a picture that is too
            small or too long, or two pictures of different shapes.
    """
    require(x1 is not None or x2 is not None, "Upload at least one picture of the plant.")
    decoded = {name: decode(data, name=name) for name, data in filter(None, (x1, x2))}
    shapes = {}
    for name, one in decoded.items():
        width, height = one.size
        short, long = sorted((width, height))
        require(
            short >= SMALLEST,
            f"{name} has {width} x {height} pixels; the shorter side needs {SMALLEST} or more.",
        )
        require(
            long <= LONGEST * short,
            f"{name} has {width} x {height} pixels, too long a strip: cut it to a square that "
            "shows the leaf.",
        )
        shapes[name] = width / height
    if len(shapes) == 2:
        (one, a), (other, b) = shapes.items()
        require(
            abs(a / b - 1) <= TOLERANCE,
            f"{one} and {other} have different shapes ({a:.2f} and {b:.2f} wide to high): a pair "
            "shows one plant in one frame. Crop them alike.",
        )
    found = [
        None if given is None else square(decoded[given[0]].pixels, side).transpose(2, 0, 1)
        for given in (x1, x2)
    ]
    return found[0], found[1]


def packed(picture: UInt8[np.ndarray, "3 side side"] | None) -> str:
    """A small picture as text for a request; "" for none."""
    if picture is None:
        return ""
    file = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(picture.transpose(1, 2, 0))).save(file, "PNG")
    return base64.b64encode(file.getvalue()).decode()


def unpacked(text: str) -> UInt8[np.ndarray, "3 side side"] | None:
    """A picture from a request; None for "".

    Raises:
        PlantEduError: for text that is no picture.
    """
    if not text:
        return None
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError:
        data = b"?"
    return decode(data, name="the uploaded picture").pixels.transpose(2, 0, 1)
