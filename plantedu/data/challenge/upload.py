"""A learner's own pictures of one plant, as a denoiser sees them.

The server only looks at their headers (`admit`); the worker and the terminal decode them
(`uploaded`). The centre of each is cut out as a square; nothing is squeezed. Two pictures of one
plant must have one shape, since a pair is two sensors behind one lens or side by side.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import UInt8

from plantedu.data.challenge.decode import Decoded, decode, square
from plantedu.data.challenge.image_header import header
from plantedu.errors import require

SMALLEST = 48  # pixels of the shorter side
LONGEST = 2.0  # longer side over shorter side
TOLERANCE = 0.02  # between the shapes of two pictures of one plant
SHOWN = {"x1": "The RGB picture (X1)", "x2": "The RGN picture (X2)"}  # in sentences

Upload = tuple[str, bytes]  # what to call it in a sentence, and its bytes
Square = UInt8[np.ndarray, "3 side side"]


@dataclass(frozen=True, eq=False)
class Plant:
    """A stranger's plant.

    Attributes:
        x1, x2: Its RGB and RGN picture; None for one that was not given.
        notes: What was changed when they were read, a sentence each.
    """

    x1: Square | None
    x2: Square | None
    notes: tuple[str, ...] = ()


def admit(upload: Upload) -> None:
    """Look at a file's header, and refuse what could not be decoded anyway. Decodes nothing.

    Raises:
        PlantEduError: for what is no JPEG or PNG, or says that it is too large, too small or too
            long a strip.
    """
    name, data = upload
    found = header(data, name=name)
    _check_shape(name, found.width, found.height)


def uploaded(x1: Upload | None, x2: Upload | None, *, side: int) -> Plant:
    """X1 and X2 of a plant from files; either may be missing.

    Args:
        x1, x2: Name and bytes of the RGB and of the RGN file.
        side: Side in pixels that is wanted.

    Raises:
        PlantEduError: without any file; for a file that `decode` refuses, a picture that is too
            small or too long, or two pictures of different shapes.
    """
    require(x1 is not None or x2 is not None, "Upload at least one picture of the plant.")
    for one in filter(None, (x1, x2)):
        admit(one)
    found = [None if one is None else (one[0], decode(one[1], name=one[0])) for one in (x1, x2)]
    there = [one for one in found if one is not None]
    if len(there) == 2:
        (one, a), (other, b) = [(name, d.size[0] / d.size[1]) for name, d in there]
        require(
            abs(a / b - 1) <= TOLERANCE,
            f"{one} and {other} have different shapes ({a:.2f} and {b:.2f} wide to high): a pair "
            "shows one plant in one frame. Crop them alike.",
        )
    squares = [
        None if one is None else np.array(square(one[1].pixels, side).transpose(2, 0, 1))
        for one in found  # copies: torch takes no array that cannot be written to
    ]
    notes = [note for name, decoded in there for note in changed(name, decoded)]
    return Plant(squares[0], squares[1], tuple(notes))


def changed(name: str, decoded: Decoded) -> list[str]:
    """What was changed when a picture was read, a sentence each."""
    said = []
    if held := decoded.converted_from:
        deep = ", from the high byte of each value" if "16-bit" in held else ""
        said.append(f"{name} was {held}; it was read as 8-bit RGB{deep}.")
    if decoded.turned:
        said.append(f"{name} was turned upright, as its camera noted.")
    return said


def _check_shape(name: str, width: int, height: int) -> None:
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
