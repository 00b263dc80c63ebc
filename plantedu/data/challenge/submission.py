"""A challenge's submission: which pictures it asks for, in which order, with which columns.

Image_id,blast,brown,healthy      one row per picture, shares that sum to 1
"""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from plantedu.data.challenge.layout import SIDES, SUBMISSION, Layout, read_table
from plantedu.data.splits import Name, name_of, plant_of
from plantedu.errors import require

DIGITS = 8


@dataclass(frozen=True)
class SubmissionRows:
    """What SampleSubmission.csv asks for: pictures in order, and the columns of the classes."""

    ids: tuple[str, ...]
    classes: tuple[str, ...]


def read_asked(layout: Layout) -> SubmissionRows:
    """Read SampleSubmission.csv and hold it against Test.csv.

    Raises:
        PlantEduError: if either is not there, or they do not fit together.
    """
    for name in (SIDES["test"], SUBMISSION):
        require(
            name not in layout.absent,
            f"{layout.path} has no {name}, so nobody knows what to submit; put it there.",
        )
    with (layout.path / SUBMISSION).open(newline="", encoding="utf-8-sig") as file:
        header = [name.strip() for name in next(csv.reader(file), [])]
    classes = tuple(name for name in header if name != "Image_id")
    require(len(classes) >= 2, f"{SUBMISSION} has the columns {header}; expected two classes.")
    ids = tuple(row["Image_id"] for row in read_table(layout.path / SUBMISSION, ("Image_id",)))
    require(bool(ids), f"{SUBMISSION} asks for no picture.")
    repeated = sorted({name for name in ids if ids.count(name) > 1}) if _repeats(ids) else []
    require(not repeated, f"{SUBMISSION} asks for {repeated[:3]} more than once.")
    tested = {name_of(row.file) for row in layout.rows if row.side == "test"}
    known = tested | {Name(one.plant, one.rgn, "") for one in tested}  # an ending may be left out
    strange = [
        name
        for name in ids
        if (said := name_of(name)) not in known and Name(said.plant, said.rgn, "") not in tested
    ]
    require(
        not strange,
        f"{SUBMISSION} asks for {len(strange)} picture(s) that Test.csv does not have, such as "
        f"{strange[:3]}: the two files are not of the same challenge.",
    )
    return SubmissionRows(ids, classes)


def submission_text(
    asked: SubmissionRows,
    shares: Mapping[str, np.ndarray],
    names: Sequence[str],
    fallback: np.ndarray,
) -> tuple[str, tuple[str, ...]]:
    """The submission as csv, and the plants that had no forecast and were given the fallback.

    Args:
        asked: Which rows and columns.
        shares: Forecast of each plant, "class" in the order of `names`.
        names: Classes of the forecasts.
        fallback: Shares for a plant without forecast.

    Raises:
        PlantEduError: if the columns are not the classes, or a forecast is no probability.
    """
    require(
        set(asked.classes) == set(names),
        f"{SUBMISSION} has the classes {', '.join(asked.classes)}, Train.csv {', '.join(names)}.",
    )
    order = [list(names).index(name) for name in asked.classes]
    lines: list[list[str]] = [["Image_id", *asked.classes]]
    filled = []
    for name in asked.ids:
        plant = plant_of(name)
        if plant not in shares:
            filled.append(plant)
        lines.append([name, *_written(np.asarray(shares.get(plant, fallback))[order], name)])
    stream = io.StringIO()
    csv.writer(stream, lineterminator="\n").writerows(lines)
    return stream.getvalue(), tuple(filled)


def _repeats(ids: Sequence[str]) -> bool:
    return len(set(ids)) < len(ids)


def _written(row: np.ndarray, name: str) -> list[str]:
    """Shares as decimals that sum to exactly 1: what rounding leaves goes to the largest."""
    fine = bool(np.isfinite(row).all()) and row.min() >= 0 and abs(row.sum() - 1) < 1e-6
    require(fine, f"The forecast of {name} is no set of probabilities: {row.tolist()}.")
    unit = 10**DIGITS
    whole = np.floor(row * unit).astype(int)
    whole[whole.argmax()] += unit - whole.sum()
    return [f"{count // unit}.{count % unit:0{DIGITS}d}" for count in whole.tolist()]
