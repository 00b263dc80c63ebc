"""Render a planted world as a challenge folder, with the answer key that real folders lack.

Beside the layout of the challenge (`layout.py`) stand `factors.csv` (every factor of every plant)
and `masks/` (one per picture: 0 ground, 1 leaf, 2 lesion). The same call writes the same bytes.
"""

import csv
import errno
import io
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from plantedu.data.challenge.folder import Progress
from plantedu.data.challenge.layout import LABELS, SIDES, SUBMISSION, Side
from plantedu.data.challenge.leaks import Place, places
from plantedu.data.challenge.manifest import take_over, write_manifest
from plantedu.data.renderer.factors import COLUMNS
from plantedu.data.renderer.pairs import Pairs, render
from plantedu.data.renderer.worlds import World, draw_factors, plant_id, world_hash
from plantedu.errors import DiskFullError, PlantEduError

QUALITY, QUALITY_AGAIN = 95, 80
AT_ONCE = 16
FACTORS_TABLE = "factors.csv"
PICTURES = (("images", "jpg"), ("masks", "png"))
GROUND, LEAF, LESION = 0, 1, 2
MASK_COLOURS = (0, 0, 0, 90, 160, 70, 220, 60, 40)


@dataclass(frozen=True)
class Written:
    """What was written where."""

    path: Path
    places: tuple[Place, ...]
    files: int
    bytes: int


def write_folder(
    world: World,
    path: Path,
    *,
    pairs: int,
    size: int,
    test_share: float = 0.3,
    leak: bool = False,
    progress: Progress = iter,
) -> Written:
    """Render the first `pairs` plants of a world into a challenge folder.

    Args:
        world: The world.
        path: A folder that is new, empty, or was made by this function (it is then replaced).
        pairs: How many plants; with `leak`, copies come on top.
        size: Pixels a side.
        test_share: Share of the plants in Test; the challenge has .3.
        leak: Plant the mistakes of `leaks.py`.
        progress: Wraps the plants while they are rendered, such as tqdm.

    Raises:
        PlantEduError: for a folder that holds anything else, or numbers out of range.
        DiskFullError: if no space is left; the folder then counts as unfinished.
    """
    assigned = places(world, pairs, test_share=test_share, leak=leak)
    rendered = _rendered(world, pairs, size)
    first = next(rendered)  # refuses a wrong size before the folder is touched
    noted = _noted(world, assigned, size)
    try:
        take_over(path)
        write_manifest(path, noted, complete=False)
        _write_pictures(path, assigned, iter(progress(itertools.chain([first], rendered))))
        _write_tables(path, world, assigned)
        write_manifest(path, noted, complete=True)
        made = [file for file in path.rglob("*") if file.is_file()]
        return Written(path, assigned, len(made), sum(file.stat().st_size for file in made))
    except OSError as error:
        raise _cannot_write(path, error) from error


def _rendered(world: World, pairs: int, size: int) -> Iterator[tuple[int, Pairs]]:
    """Each plant's number and its pair, rendered a few at a time."""
    for start in range(0, pairs, AT_ONCE):
        chunk = render(world, np.arange(start, min(start + AT_ONCE, pairs)), size=size)
        for k in range(len(chunk)):
            yield start + k, chunk[k]


def _write_pictures(
    path: Path, assigned: Sequence[Place], pairs: Iterator[tuple[int, Pairs]]
) -> None:
    """Pictures and masks of every place."""
    (path / "images").mkdir(exist_ok=True)
    (path / "masks").mkdir(exist_ok=True)
    standing: dict[int, list[Place]] = {}
    for place in assigned:
        standing.setdefault(place.index, []).append(place)
    for index, pair in pairs:
        rgb = (pair.x1[0], pair.leaf1[0], pair.lesions1[0])
        rgn = (pair.x2[0], pair.leaf2[0], pair.lesions2[0])
        for place in standing[index]:
            for name, (x, leaf, lesions) in ((place.id, rgb), (f"{place.id}_rgn", rgn)):
                (path / "images" / f"{name}.jpg").write_bytes(_jpeg(x, place))
                (path / "masks" / f"{name}.png").write_bytes(_mask(leaf, lesions))


def _jpeg(x: np.ndarray, place: Place) -> bytes:
    """A picture as JPEG without colour subsampling; twice, where it was saved again."""
    data = _encoded(Image.fromarray(np.ascontiguousarray(x.transpose(1, 2, 0))), QUALITY)
    again = place.leak == "saved_again" and place.original
    return _encoded(Image.open(io.BytesIO(data)), QUALITY_AGAIN) if again else data


def _encoded(image: Image.Image, quality: int) -> bytes:
    stream = io.BytesIO()
    image.save(stream, "JPEG", quality=quality, subsampling=0)
    return stream.getvalue()


def _mask(leaf: np.ndarray, lesions: np.ndarray) -> bytes:
    """Ground, leaf and lesion as a palette PNG."""
    codes = np.where(lesions, LESION, np.where(leaf, LEAF, GROUND)).astype(np.uint8)
    image = Image.frombytes("P", codes.shape[::-1], codes.tobytes())
    image.putpalette(MASK_COLOURS)
    stream = io.BytesIO()
    image.save(stream, "PNG", bits=2)
    return stream.getvalue()


def _write_tables(path: Path, world: World, assigned: Sequence[Place]) -> None:
    """Train.csv, Test.csv, SampleSubmission.csv and factors.csv."""
    rows: dict[Side, list[list[str]]] = {"train": [], "test": []}
    for place in assigned:
        sides: list[tuple[str, Side]] = [("", place.rgb_side), ("_rgn", place.rgn_side)]
        for ending, side in sides:
            file = f"{place.id}{ending}.jpg"
            rows[side].append([file, place.label] if side == "train" else [file])
    _write_table(path / SIDES["train"], ["Image_id", "Label"], rows["train"])
    _write_table(path / SIDES["test"], ["Image_id"], rows["test"])
    guess = [f"{1 / len(LABELS):.6f}"] * len(LABELS)
    asked = [[f"{p.id}.jpg", *guess] for p in assigned if p.rgb_side == "test"]
    _write_table(path / SUBMISSION, ["Image_id", *LABELS], asked)
    _write_factors(path / FACTORS_TABLE, world, assigned)


def _write_factors(path: Path, world: World, assigned: Sequence[Place]) -> None:
    """One line per id: the plant, and every factor by its number or its level's name."""
    factors = draw_factors(world, np.array([place.index for place in assigned]))
    lines = [[place.id, plant_id(world, place.index)] for place in assigned]
    for name, column in factors.items():
        levels = COLUMNS[name].levels
        for line, value in zip(lines, column.tolist(), strict=True):
            line.append(levels[value] if levels else repr(value))
    _write_table(path, ["id", "plant", *factors], lines)


def _write_table(path: Path, header: list[str], lines: list[list[str]]) -> None:
    stream = io.StringIO()
    csv.writer(stream, lineterminator="\n").writerows([header, *lines])
    path.write_bytes(stream.getvalue().encode())


def _noted(world: World, assigned: Sequence[Place], size: int) -> dict[str, object]:
    """What plantedu notes about a folder that it rendered; the planted leaks are its answer key."""
    leaks = [{"leak": p.leak, "id": p.id, "copy_of": p.original} for p in assigned if p.leak]
    names = [f"{p.id}{ending}" for p in assigned for ending in ("", "_rgn")]
    files = [f"{folder}/{n}.{kind}" for folder, kind in PICTURES for n in names]
    return {
        "made_by": "plantedu pairs make",
        "world": asdict(world),
        "world_hash": world_hash(world),
        "size": size,
        "leaks": leaks,
        "files": [*SIDES.values(), SUBMISSION, FACTORS_TABLE, *files],
    }


def _cannot_write(path: Path, error: OSError) -> PlantEduError:
    """One sentence for what the operating system refused."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return DiskFullError(
            f"No space is left for {path}; the folder is unfinished and counts as such. "
            "Free some space, or ask for fewer pairs, and run the same command again."
        )
    return PlantEduError(f"{error.filename or path} cannot be written: {error.strerror}.")
