"""A process that decodes pictures into rows of a shared file: `python -m plantedu.own.decode_rows`.

It reads one JSON object from its input: the array's file, size, crop, and [row, files] for each
thing. It writes each row where it belongs, and says [row, reason, held] on a line; reason is ""
where all went well, held what the file held if not 8-bit RGB. A process for each core, since a
decoder holds the interpreter.

Lesson: 01_pairs.
"""

import json
import sys
from pathlib import Path
from typing import Any, TextIO

import numpy as np

from plantedu.errors import PlantEduError
from plantedu.own.squares import Crop, square_of


def decoded(
    whole: np.ndarray, row: int, files: list[Path], size: int, crop: Crop
) -> tuple[str, str]:
    """Decode one thing's files into its row; why it could not be read, and what it held, or "".

    Args:
        whole: "cameras things 3 size size".
        row: Which thing.
        files: One a camera.
        size, crop: See `own.images.images`.
    """
    held = ""
    try:
        for camera, file in enumerate(files):
            whole[camera, row], other = square_of(file, size, crop)
            held = held or other
    except PlantEduError as error:
        return str(error), ""
    return "", held


def main(asked: dict[str, Any], out: TextIO) -> None:
    """Decode what is asked for, saying each row."""
    whole = np.lib.format.open_memmap(asked["file"], mode="r+")
    for row, files in asked["rows"]:
        said = decoded(whole, row, [Path(one) for one in files], asked["size"], asked["crop"])
        print(json.dumps([row, *said]), file=out, flush=True)
    whole.flush()


if __name__ == "__main__":
    main(json.load(sys.stdin), sys.stdout)
