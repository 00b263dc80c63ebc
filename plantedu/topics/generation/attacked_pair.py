"""One pair out of a file that `attacks attack-pairs --save` has written, at its own size.

Lesson: 05_generation.
"""

from pathlib import Path

import numpy as np

from plantedu.data.challenge.upload import Plant
from plantedu.errors import PlantEduError, require
from plantedu.whole_files import UNREADABLE, why_unreadable

MOST_BYTES = 2**28  # of one array: 20,000 pairs of 64 pixels


def attacked_pair(path: Path, row: int = 0, *, clean: bool = False) -> Plant:
    """X1 and X2 of one row, attacked or as they were before.

    Args:
        path: The .npz file.
        row: Which pair, counted from 0.
        clean: The pair before the attack.

    Raises:
        PlantEduError: for a file that is not there, damaged, too large or of another kind, or a
            row that it has not.
    """
    names = ("clean1", "clean2") if clean else ("x1", "x2")
    require(path.is_file(), f"{path} is not there, or is no regular file.")
    try:
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as file:
            lacking = [name for name in (*names, "plants") if name not in file.files]
            require(not lacking, f"{path.name} has no {', '.join(lacking)}: it holds no attack.")
            size = max(file.zip.getinfo(f"{name}.npy").file_size for name in names)
            require(size <= MOST_BYTES, f"{path.name} unpacks to {size / 2**20:.0f} MB an array.")
            x1, x2, plants = (file[name] for name in (*names, "plants"))
    except (*UNREADABLE, TypeError) as error:
        raise PlantEduError(
            f"{path.name} cannot be read as an attack's pairs: {why_unreadable(error)}."
        ) from error
    good = all(x.dtype == np.uint8 and x.ndim == 4 and x.shape[1] == 3 for x in (x1, x2))
    square = good and x1.shape == x2.shape and x1.shape[2] == x1.shape[3]
    require(square, f"{path.name} holds no pairs of square 8-bit pictures.")
    require(0 <= row < len(x1), f"{path.name} holds {len(x1)} pairs, counted from 0; got {row}.")
    what = "before the attack" if clean else "attacked"
    note = f"Pair {row} of {len(x1)}, plant {plants[row]}, {what}, {x1.shape[-1]} pixels a side."
    return Plant(x1[row].copy(), x2[row].copy(), (note,))
