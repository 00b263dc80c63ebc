"""A folder of pictures, or a folder a class, read into one array of squares.

Names say more: NAME and NAME_rgn are two cameras' pictures of one thing. Sub-folders are classes.
What is no picture, or cannot be read, is listed with its reason. Many pictures are decoded once,
and lie in a memory map (`own.decoded_cache`).

Lesson: 01_pairs.
"""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from plantedu.data.challenge.manifest import is_litter
from plantedu.data.challenge.pairing import LeftOut
from plantedu.data.splits import PICTURES, name_of
from plantedu.errors import require
from plantedu.own.decoded_cache import Progress, squares_of
from plantedu.own.squares import Crop


@dataclass(frozen=True)
class Shot:
    """One thing's file or two, and its class ("" without classes)."""

    name: str
    label: str
    files: tuple[Path, ...]


@dataclass(frozen=True, eq=False)
class PictureFolder:
    """What was read, see `own.picture_set.Images`."""

    first: np.ndarray
    second: np.ndarray | None
    names: tuple[str, ...]
    labels: np.ndarray | None
    classes: tuple[str, ...]
    left_out: tuple[LeftOut, ...]
    converted: tuple[tuple[str, int], ...]


def read_picture_folder(
    path: Path,
    *,
    size: int,
    crop: Crop = "centre",
    limit: int | None = None,
    progress: Progress = iter,
) -> PictureFolder:
    """Read a folder of pictures.

    Args:
        path: The folder.
        size: Pixels a side.
        crop: See `own.images.images`.
        limit: No more than so many, evenly over the sorted names.
        progress: Wraps what is read, such as tqdm.

    Raises:
        PlantEduError: for what is no folder, or one without a picture that can be read.
    """
    shots, left_out = shots_of(path)
    if limit is not None and limit < len(shots):
        rows = np.linspace(0, len(shots) - 1, limit).round().astype(int)
        shots = [shots[k] for k in rows]
    files = [shot.files for shot in shots]
    whole, reasons, held = squares_of(files, size=size, crop=crop, progress=progress)
    kept = [shot for shot, reason in zip(shots, reasons, strict=True) if not reason]
    left_out += [LeftOut(s.name, why) for s, why in zip(shots, reasons, strict=True) if why]
    first = f" First: {left_out[0].reason}" if left_out else ""
    require(bool(kept), f"{path} holds no picture that can be read (JPEG or PNG).{first}")
    classes = tuple(sorted({shot.label for shot in kept} - {""}))
    codes = np.array([classes.index(shot.label) for shot in kept], np.int64) if classes else None
    second = whole[1] if len(whole) == 2 else None
    names = tuple(shot.name for shot in kept)
    converted = tuple(sorted(Counter(held).items() - {("", held.count(""))}))
    return PictureFolder(whole[0], second, names, codes, classes, tuple(left_out), converted)


def shots_of(path: Path) -> tuple[list[Shot], list[LeftOut]]:
    """What a folder holds, by names alone, and what is left out.

    Raises:
        PlantEduError: where it cannot be told what the folders are.
    """
    require(path.exists(), f"There is no folder {path}.")
    require(path.is_dir(), f"{path} is a file; images: takes a folder of pictures.")
    files = [f for f in sorted(path.rglob("*")) if f.is_file()]
    files = [f for f in files if not is_litter(f.relative_to(path)) and f.name[0] != "."]
    odd = [LeftOut(str(f.relative_to(path)), "not a .jpg, .jpeg or .png file")
           for f in files if f.suffix.lower() not in PICTURES]  # fmt: skip
    pictures = [f.relative_to(path) for f in files if f.suffix.lower() in PICTURES]
    depths = {len(f.parts) for f in pictures}
    tops = sorted({f.parts[0] for f in pictures if len(f.parts) > 1})
    require(
        depths != {1, 2} and not (1 in depths and len(depths) > 1),
        f"{path} holds pictures beside folders of pictures ({', '.join(tops[:3])}): are the "
        "folders classes? Move the loose pictures into one, or name one folder.",
    )
    require(
        not depths or max(depths) <= 2,
        f"The pictures of {path} lie several folders deep ({pictures[-1] if pictures else ''}): "
        f"name the folder whose sub-folders are the classes, such as images:{path}/"
        f"{tops[0] if tops else ''}.",
    )
    shots, alone = _paired(path, pictures)
    return shots, odd + alone


def _paired(path: Path, pictures: list[Path]) -> tuple[list[Shot], list[LeftOut]]:
    """Pictures as things: with two cameras where names say so."""
    found: dict[tuple[str, str], dict[bool, Path]] = {}
    twice: list[LeftOut] = []
    for one in pictures:
        name, label = name_of(one.name), one.parts[0] if len(one.parts) == 2 else ""
        beside = found.setdefault((label, name.plant), {})
        if name.rgn in beside:
            twice.append(LeftOut(str(one), f"{beside[name.rgn].name} has the same name"))
        else:
            beside[name.rgn] = path / one
    two = any(len(files) == 2 for files in found.values())
    shots, alone = [], twice
    for (label, plant), files in sorted(found.items()):
        if two and len(files) < 2:
            alone.append(LeftOut(plant, "the others have two cameras, and this one has one"))
        else:
            shots.append(Shot(plant, label, tuple(files[k] for k in sorted(files))))
    return shots, alone
