"""The layout of a challenge folder, as the Microsoft Rice Disease Classification Challenge has it.

    Train.csv              Image_id,Label: two rows per plant, id_x.jpg and id_x_rgn.jpg
    Test.csv               Image_id, likewise
    SampleSubmission.csv   Image_id,blast,brown,healthy: one row per RGB picture of Test.csv
    images/                id_x.jpg (RGB) and id_x_rgn.jpg (red, green, near-infrared)

A picture is opened only if it was found by listing `images/`, so no row of a csv can lead outside.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from plantedu.data.challenge.manifest import is_litter, is_unfinished
from plantedu.data.splits import name_of, plant_of
from plantedu.errors import PlantEduError, require

Side = Literal["train", "test"]

LABELS = ("blast", "brown", "healthy")
SIDES: Mapping[Side, str] = {"train": "Train.csv", "test": "Test.csv"}
COLUMNS: Mapping[Side, tuple[str, ...]] = {"train": ("Image_id", "Label"), "test": ("Image_id",)}
SUBMISSION = "SampleSubmission.csv"
MAX_CSV_BYTES = 64 * 2**20


@dataclass(frozen=True)
class ImageRow:
    """One line of Train.csv or Test.csv; `label` is "" where there is none."""

    file: str
    label: str
    side: Side

    @property
    def plant(self) -> str:
        """The plant that the picture shows."""
        return plant_of(self.file)


@dataclass(frozen=True)
class Layout:
    """What a challenge folder says it holds, and what lies in it.

    Attributes:
        path: The folder.
        images: Its folder of pictures.
        rows: Lines of Train.csv, then of Test.csv.
        files: Names in `images`, sorted.
        absent: Tables that are not there (never Train.csv).
        submission: Ids of SampleSubmission.csv.
    """

    path: Path
    images: Path
    rows: tuple[ImageRow, ...]
    files: tuple[str, ...]
    absent: tuple[str, ...]
    submission: tuple[str, ...]

    def rows_of(self, side: Side) -> dict[str, list[ImageRow]]:
        """Rows of each plant of one side, in the order of the table."""
        plants: dict[str, list[ImageRow]] = {}
        for row in self.rows:
            if row.side == side:
                plants.setdefault(row.plant, []).append(row)
        return plants


def is_rgn(file: str) -> bool:
    """Whether a picture's name says that it is the RGN one of its pair."""
    return name_of(file).rgn


def read_layout(path: Path) -> Layout:
    """Read the tables and list the pictures of a challenge folder; opens no picture.

    Raises:
        PlantEduError: for what is no challenge folder, was left unfinished, or has a table that
            cannot be read.
    """
    _require_challenge(path)
    images = _images(path)
    rows = [
        ImageRow(line["Image_id"], line.get("Label", ""), side)
        for side, table in SIDES.items()
        for line in read_table(path / table, COLUMNS[side])
    ]
    submission = read_table(path / SUBMISSION, ("Image_id",))
    tables = (*SIDES.values(), SUBMISSION)
    return Layout(
        path=path,
        images=images,
        rows=tuple(rows),
        files=tuple(sorted(f.name for f in images.iterdir() if _is_picture_file(f))),
        absent=tuple(name for name in tables if not (path / name).is_file()),
        submission=tuple(line["Image_id"] for line in submission),
    )


def read_table(path: Path, columns: tuple[str, ...]) -> list[dict[str, str]]:
    """Lines of a csv file as dicts of stripped cells; none where there is no file.

    Raises:
        PlantEduError: for a file that is no table, or one without these columns.
    """
    if not path.is_file():
        return []
    try:
        require(path.stat().st_size <= MAX_CSV_BYTES, f"{path.name} is too large for a table.")
        with path.open(newline="", encoding="utf-8-sig") as file:
            lines = csv.DictReader(file, restval="", skipinitialspace=True)
            there = [name.strip() for name in lines.fieldnames or ()]
            lines.fieldnames = there
            missing = [name for name in columns if name not in there]
            require(
                not missing,
                f"{path.name} has the columns {', '.join(there) or '(none)'}; "
                f"expected {', '.join(columns)}.",
            )
            return [{name: line[name].strip() for name in columns} for line in lines]
    except (UnicodeDecodeError, csv.Error) as error:
        raise PlantEduError(f"{path.name} is not a text table ({error}).") from None
    except OSError as error:
        raise PlantEduError(f"{path.name} cannot be read: {error.strerror}.") from None


def _require_challenge(path: Path) -> None:
    """Refuse what is no finished challenge folder, with a hint where a mistake is likely."""
    require(path.exists(), f"There is no folder {path}.")
    holds = "a challenge folder holds Train.csv, Test.csv and images/"
    require(path.is_dir(), f"{path} is a file; {holds}: give that folder.")
    require(
        not is_unfinished(path),
        f"{path} was left unfinished. Make it again: python -m plantedu pairs make {path}",
    )
    if not (path / "Train.csv").is_file():
        near = [p for p in (path.parent, *sorted(path.iterdir())) if (p / "Train.csv").is_file()]
        hint = f" Did you mean {near[0]}?" if near else ""
        raise PlantEduError(f"{path} has no Train.csv; {holds}.{hint}")


def _images(path: Path) -> Path:
    """The folder of pictures, whatever the case of its name."""
    found = [p for p in sorted(path.iterdir()) if p.is_dir() and p.name.lower() == "images"]
    require(bool(found), f"{path} has no folder images/ (unpack Images.zip into it).")
    full = [p for p in found if any(map(_is_picture_file, p.iterdir()))]
    said = " and in ".join(f"{p.name}/" for p in full)
    require(len(full) <= 1, f"{path} has pictures in {said}: move them into one folder.")
    return (full or found)[0]


def _is_picture_file(path: Path) -> bool:
    return path.is_file() and not is_litter(Path(path.name))
