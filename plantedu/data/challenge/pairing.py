"""Which files are a plant's two pictures: one answer for the audit, for training and for forecasts.

Names are compared as people mean them: accents composed or not (NFC), endings and `_rgn` in any
case; a row may leave the ending out. A row that names an ending means that file and no other. Where
two files fit, nobody can know which was meant, and the plant is left out. So is a pair of which the
camera's note turned one picture alone: the two then show the plant in two directions, and a patch
of one is no longer beside its patch of the other.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from plantedu.data.challenge.layout import LABELS, ImageRow, Layout, Side
from plantedu.data.splits import Name, name_of
from plantedu.errors import PlantEduError, require

MOST_LEFT_OUT = 0.1  # share of a table's plants; beyond it a training would be about other plants


@dataclass(frozen=True)
class LeftOut:
    """A plant that was not read, and why, in one sentence."""

    id: str
    reason: str


@dataclass(frozen=True)
class Pair:
    """A plant and its two files.

    Attributes:
        plant: Its name.
        label: Its disease; "" for plants of Test, and of no table.
        rgb, rgn: Files in the folder of pictures.
    """

    plant: str
    label: str
    rgb: str
    rgn: str


@runtime_checkable
class Shown(Protocol):
    """A decoded picture, as far as a pair depends on it."""

    @property
    def size(self) -> tuple[int, int]: ...
    @property
    def turned(self) -> int: ...


class Matches:
    """Files of a layout by what they are called."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self._files: dict[tuple[str, bool], list[tuple[Name, str]]] = {}
        for file in layout.files:
            name = name_of(file)
            self._files.setdefault((name.plant, name.rgn), []).append((name, file))

    def of_row(self, row: ImageRow) -> list[str]:
        """Files that a row may mean; several where it cannot be told."""
        name = name_of(row.file)
        there = self._files.get((name.plant, name.rgn), [])
        found = [file for one, file in there if name.ending in ("", one.ending)]
        return [row.file] if row.file in found else found

    def of_plant(self, plant: str, *, rgn: bool) -> list[str]:
        """Files of one sensor of a plant."""
        return [file for _, file in self._files.get((plant, rgn), [])]

    def plants(self) -> Iterator[str]:
        """Every plant that has a row or a file."""
        yield from dict.fromkeys([row.plant for row in self.layout.rows])
        known = {row.plant for row in self.layout.rows}
        yield from dict.fromkeys(plant for plant, _ in self._files if plant not in known)

    def sides(self) -> dict[str, Side]:
        """The table that has a row for a file."""
        return {file: row.side for row in self.layout.rows for file in self.of_row(row)}


def pairs_of(layout: Layout, side: Side) -> tuple[list[Pair], list[LeftOut]]:
    """The pairs of one table by its rows and by the names of the files, and who is left out."""
    matches, found, left_out = Matches(layout), list[Pair](), list[LeftOut]()
    for plant, rows in layout.rows_of(side).items():
        try:
            label = _label(plant, rows)
            found.append(Pair(plant, label, *files_of(matches, plant, rows)))
        except PlantEduError as error:
            left_out.append(LeftOut(plant, str(error)))
    return found, left_out


def files_of(matches: Matches, plant: str, rows: list[ImageRow]) -> tuple[str, str]:
    """The RGB and the RGN file of a plant with these rows.

    Raises:
        PlantEduError: where one is not there, or two may be meant.
    """
    return _file(matches, plant, rows, rgn=False), _file(matches, plant, rows, rgn=True)


def _file(matches: Matches, plant: str, rows: list[ImageRow], *, rgn: bool) -> str:
    kind, folder = ("RGN" if rgn else "RGB"), matches.layout.images.name
    there = matches.of_plant(plant, rgn=rgn)
    require(bool(there), f"{plant} has no {kind} picture in {folder}/.")
    asked = [row for row in rows if name_of(row.file).rgn is rgn]
    for row in asked:
        said = f"{row.file} has a row, but {' and '.join(there)} lies in {folder}/."
        require(bool(matches.of_row(row)), said)
    found = sorted({file for row in asked for file in matches.of_row(row)}) if asked else there
    require(
        len(found) == 1,
        f"{plant} has {len(found)} {kind} pictures, {' and '.join(found)}: remove all but one, or "
        "name one with its ending in the table.",
    )
    return found[0]


def _label(plant: str, rows: list[ImageRow]) -> str:
    """The one known label of a plant's rows; "" on the test side."""
    labels = sorted({row.label for row in rows})
    require(len(labels) == 1, f"{plant} is labelled {' and '.join(labels)}.")
    known = rows[0].side == "test" or labels[0] in LABELS
    require(known, f"{plant} has the label {labels[0]!r}; known are {', '.join(LABELS)}.")
    return labels[0]


def why_no_pair(pair: Pair, rgb: Shown, rgn: Shown) -> str:
    """Why two decoded pictures are no pair; "" where they are one.

    `turned` is 0, 1 for a picture that was turned or mirrored and kept its shape, 2 for a quarter
    turn. A quarter turn that makes the shapes agree is what the camera's note is for.
    """
    if bool(rgb.turned) == bool(rgn.turned):
        return ""
    one, other = (pair.rgb, pair.rgn) if rgb.turned else (pair.rgn, pair.rgb)
    (width, height), (other_width, other_height) = rgb.size, rgn.size
    lie = (width - height) * (other_width - other_height) > 0  # both lie, or both stand
    if max(rgb.turned, rgn.turned) == 2 and lie:
        return ""
    return (
        f"{one} was turned as its camera noted, and {other} was not: they show {pair.plant} in two "
        "directions. Save both upright, without the note."
    )


def refuse_many(what: str, read: int, left_out: tuple[LeftOut, ...]) -> None:
    """Refuse a table of which too many plants would be left out.

    Raises:
        PlantEduError: above a share of `MOST_LEFT_OUT`.
    """
    asked = read + len(left_out)
    require(
        len(left_out) <= MOST_LEFT_OUT * asked,
        f"{what}: {left_out_in_words(read, left_out)} At most {MOST_LEFT_OUT:.0%} may be left out, "
        "or what is learned is about other plants than you think; `python -m plantedu pairs check` "
        "lists all.",
    )


def left_out_in_words(read: int, left_out: tuple[LeftOut, ...]) -> str:
    """Who is left out, in sentences; "" for nobody."""
    if not left_out:
        return ""
    some = " ".join(one.reason for one in left_out[:3])
    return f"{len(left_out)} of {read + len(left_out)} plants are left out. First: {some}"
