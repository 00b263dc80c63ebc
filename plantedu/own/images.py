"""One's own pictures, by one grammar: square, 8 bits, one camera or two, any labels or none.

    images:PATH   a folder of pictures, or a folder a class; NAME and NAME_rgn are one plant's two
    folder:PATH   a challenge folder: Train.csv and images/
    world:NAME    held-out plants of a planted world, with their disease
    npz:PATH      x1 (and x2, labels, classes, names), as numpy saves them

A path alone is looked at: a challenge folder, a folder of pictures, or a .npz. What cannot be read
is left out and named with its reason; never silently.

Lesson: 01_pairs.
"""

import warnings
import zipfile
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from torch import Tensor
from tqdm import tqdm

from plantedu.data.challenge.folder import read_folder
from plantedu.data.challenge.layout import LABELS
from plantedu.data.evaluation_set import held_out_rows
from plantedu.data.renderer.factors import factor
from plantedu.data.renderer.pairs import LARGEST as LARGEST_RENDERED
from plantedu.data.renderer.pairs import render
from plantedu.data.renderer.worlds import world
from plantedu.errors import PlantEduError, require
from plantedu.own.decoded_cache import MANY
from plantedu.own.picture_folder import read_picture_folder
from plantedu.own.picture_set import Images, labelled
from plantedu.own.squares import CROPS, Crop, cropped
from plantedu.whole_files import why_unreadable

GRAMMAR = "world:NAME, folder:PATH, images:PATH or npz:PATH"
PLANTS = 256  # of a planted world, where nobody says how many
KINDS = ("world", "folder", "images", "npz")


def images(
    where: "str | Path | np.ndarray | Tensor | Images",
    *,
    size: int = 224,
    crop: Crop = "centre",
    limit: int | None = None,
    labels: Sequence[Any] | np.ndarray | None = None,
    names: Sequence[str] | None = None,
) -> Images:
    """Pictures to examine a model on.

    Args:
        where: Words as above, a path, or an array: uint8 or floats in [0, 1], "n 3 height width"
            or "n height width 3"; two cameras "2 n 3 height width".
        size: Pixels a side.
        crop: "centre": the largest centred square. "whole": all of the picture, grey beside it.
            "resize": all of it, squeezed into a square.
        limit: Read no more than so many; with classes, as many of each.
        labels: One a picture, words or codes; for arrays, or to replace a folder's.
        names: One a picture, for arrays.

    Raises:
        PlantEduError: for words that name nothing, a place without a readable picture, or labels
            that are not one a picture.

    Lesson: 01_pairs.
    """
    require(crop in CROPS, f"crop is one of {', '.join(CROPS)}; got {crop!r}.")
    require(
        isinstance(size, int) and 16 <= size <= 1024, f"size is 16 to 1024 pixels; got {size!r}."
    )
    require(limit is None or limit >= 1, f"limit is 1 or more; got {limit!r}.")
    found = _read(where, size, crop, limit)
    if names is not None:
        require(len(names) == len(found), f"{len(names)} names for {len(found)} pictures.")
        found = replace(found, names=tuple(map(str, names)))
    if labels is not None:
        found = labelled(found, labels)
    if found.reading_notes:
        warnings.warn(found.reading_notes, stacklevel=2)
    return found


def _read(where: Any, size: int, crop: Crop, limit: int | None) -> Images:
    if isinstance(where, Images):
        return where if limit is None else where[:limit]
    if isinstance(where, np.ndarray | Tensor):
        return of_arrays({"x1": where}, "an array", size, crop, limit)
    require(isinstance(where, str | Path), f"Data are {GRAMMAR}, or an array; got {type(where)}.")
    kind, colon, place = str(where).partition(":")
    if not (colon and kind in KINDS):
        kind, place = _kind_of(Path(where).expanduser(), str(where)), str(where)
    if kind == "world":
        return _of_world(place, size, limit)
    path = Path(place).expanduser()
    if kind == "folder":
        return _of_challenge(path, size, crop, limit)
    return (
        _of_npz(path, size, crop, limit) if kind == "npz" else _of_pictures(path, size, crop, limit)
    )


def _kind_of(path: Path, words: str) -> str:
    """What a path without a word before it holds."""
    require(path.exists(), f"{words!r} names no data: {GRAMMAR}, or a path that is there.")
    if path.is_file():
        return "npz"
    return "folder" if (path / "Train.csv").is_file() else "images"


def _of_world(name: str, size: int, limit: int | None) -> Images:
    require(size <= LARGEST_RENDERED, f"Plants are rendered at up to {LARGEST_RENDERED} px a side.")
    pairs = render(world(name), held_out_rows(limit or PLANTS), size=size)
    return Images(
        pictures=pairs.x1,
        partner=pairs.x2,
        names=pairs.plants,
        labels=pairs.factors["disease"].astype(np.int64),
        classes=tuple(map(str, factor("disease").levels)),
        origin=f"world:{name}",
    )


def _of_challenge(path: Path, size: int, crop: Crop, limit: int | None) -> Images:
    require(
        crop == "centre",
        "folder: takes the centred square of each picture, as the challenge is trained on; "
        f"crop={crop!r} goes with images:PATH.",
    )
    read = read_folder(path, size)
    whole = Images(
        pictures=read.x1,
        partner=read.x2,
        names=read.ids,
        labels=np.array([LABELS.index(one) for one in read.labels], np.int64),
        classes=LABELS,
        origin=f"folder:{path.name}",
        left_out=read.left_out,
    )
    return spread(whole, limit)


def _of_pictures(path: Path, size: int, crop: Crop, limit: int | None) -> Images:
    read = read_picture_folder(path, size=size, crop=crop, limit=limit, progress=_bar)
    return Images(
        pictures=read.first,
        partner=read.second,
        names=read.names,
        labels=read.labels,
        classes=read.classes,
        origin=f"images:{path.name}, {crop}",
        left_out=read.left_out,
        converted=read.converted,
    )


def _bar(rows: Iterable) -> Iterable:
    """How far it is and how long it takes, where many are read and somebody looks."""
    few = len(rows) < MANY  # type: ignore[arg-type]
    return tqdm(rows, "Reading pictures", disable=True if few else None, leave=False)


def _of_npz(path: Path, size: int, crop: Crop, limit: int | None) -> Images:
    require(path.is_file(), f"There is no file {path}.")
    try:
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as file:
            found = {name: file[name] for name in file.files}
    except (OSError, EOFError, ValueError, zipfile.BadZipFile, zlib.error, AttributeError) as error:
        raise PlantEduError(
            f"Cannot read pictures from {path}: {why_unreadable(error)}."
        ) from error
    if "x1" not in found and "pictures" in found:
        found["x1"] = found["pictures"]
    require("x1" in found, f"{path.name} holds {', '.join(found) or 'nothing'}; x1 is needed.")
    return of_arrays(found, f"npz:{path.name}", size, crop, limit)


def of_arrays(
    found: dict[str, Any], origin: str, size: int, crop: Crop, limit: int | None
) -> Images:
    """Images from arrays: x1, and perhaps x2, labels, classes, names or plants.

    Raises:
        PlantEduError: for pictures of another shape, or numbers outside [0, 1].
    """
    first = np.asarray(found["x1"])
    if first.ndim == 5 and len(first) == 2:
        first, found = first[0], {**found, "x2": first[1]}
    first = squares(first, size, crop)
    second = squares(np.asarray(found["x2"]), size, crop) if "x2" in found else None
    require(second is None or second.shape == first.shape, "x1 and x2 differ in their shapes.")
    names = found.get("names", found.get("plants", range(len(first))))
    require(len(names) == len(first), f"{len(names)} names for {len(first)} pictures.")
    whole = Images(pictures=first, partner=second, names=tuple(map(str, names)), origin=origin)
    if "labels" in found:
        classes = tuple(str(one) for one in np.asarray(found.get("classes", [])).tolist())
        whole = (
            coded(whole, found["labels"], classes)
            if classes
            else labelled(whole, np.asarray(found["labels"]))
        )
    return spread(whole, limit)


def coded(whole: Images, labels: ArrayLike, classes: tuple[str, ...]) -> Images:
    """The same pictures with codes of classes, whose order stays as it is given.

    Raises:
        PlantEduError: unless there is one code a picture, each of a class.
    """
    codes = np.asarray(labels)
    fits = codes.shape == (len(whole),) and np.issubdtype(codes.dtype, np.integer)
    fits = fits and bool(((codes >= 0) & (codes < len(classes))).all())
    require(
        fits, f"labels are a code of the {len(classes)} classes for each of {len(whole)} pictures."
    )
    return replace(whole, labels=codes.astype(np.int64), classes=classes)


def spread(whole: Images, limit: int | None) -> Images:
    """No more than so many of the pictures, evenly over their order."""
    if limit is None or limit >= len(whole):
        return whole
    return whole[np.linspace(0, len(whole) - 1, limit).round().astype(int)]


def squares(x: np.ndarray, size: int, crop: Crop) -> np.ndarray:
    """uint8 "n 3 size size" of any array of pictures.

    Raises:
        PlantEduError: for another shape, or numbers outside [0, 1].
    """
    require(x.ndim == 4 and len(x) > 0, f"Pictures are (n, 3, height, width); got {x.shape}.")
    if x.shape[1] not in (1, 3) and x.shape[3] in (1, 3):
        x = np.moveaxis(x, 3, 1)
    require(x.shape[1] in (1, 3), f"Pictures have 3 bands, or one (grey); got {x.shape}.")
    if x.dtype == np.uint16:
        x = (x >> 8).astype(np.uint8)
    if x.dtype != np.uint8:
        low, high = float(np.min(x)), float(np.max(x))
        inside = np.issubdtype(x.dtype, np.floating) and low >= 0 and high <= 1
        require(
            inside, f"Pictures are bytes, or floats in [0, 1]; got {x.dtype}, {low:g} to {high:g}."
        )
        x = np.round(x * 255).astype(np.uint8)
    x = np.repeat(x, 3, axis=1) if x.shape[1] == 1 else x
    if x.shape[2:] == (size, size):
        return np.ascontiguousarray(x)
    return np.stack([cropped(one.transpose(1, 2, 0), size, crop).transpose(2, 0, 1) for one in x])
